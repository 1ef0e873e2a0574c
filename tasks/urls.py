"""The pages of tasks, recurring tasks and projects."""

from django.urls import path

from tasks.pages import attachments as attachment_pages
from tasks.pages import bulk as bulk_pages
from tasks.pages import checklist as checklist_pages
from tasks.pages import comments as comment_pages
from tasks.pages import (
    completed,
    completion,
    finding,
    lists,
    quick_add,
    row_edit,
    sharing,
    trash,
    upcoming,
)
from tasks.pages import first_steps as first_steps_pages
from tasks.pages import jobs as job_pages
from tasks.pages import lines as lines_pages
from tasks.pages import palette as palette_pages
from tasks.pages import placing as placing_pages
from tasks.pages import projects as project_pages
from tasks.pages import properties as property_pages
from tasks.pages import recurring as recurring_pages
from tasks.pages import saved_filters as saved_filter_pages
from tasks.pages import task as task_pages

app_name = "tasks"
urlpatterns = [
    path("", lists.home, name="home"),
    path("today", lists.today, name="today"),
    path("inbox", lists.inbox, name="inbox"),
    path("upcoming", upcoming.upcoming, name="upcoming"),
    path("completed", completed.completed, name="completed"),
    path("tasks", finding.find, name="all"),
    path("palette", palette_pages.palette, name="palette"),
    path("sample-project", first_steps_pages.sample_project, name="sample-project"),
    path("filters", saved_filter_pages.filters, name="filters"),
    path("filters/<uuid:pk>", saved_filter_pages.filter_change, name="filter-change"),
    path("filters/<uuid:pk>/place", saved_filter_pages.filter_place, name="filter-place"),
    path("filters/<uuid:pk>/delete", saved_filter_pages.filter_delete, name="filter-delete"),
    path("tasks/bulk", bulk_pages.bulk, name="bulk"),
    path("tasks/bulk/<uuid:pk>/undo", bulk_pages.bulk_undo, name="bulk-undo"),
    path("tasks/jobs/<uuid:pk>", job_pages.job, name="job"),
    path("tasks/jobs/<uuid:pk>/undo", job_pages.job_undo, name="job-undo"),
    path("quick-add", quick_add.quick_add, name="quick-add"),
    path("quick-add/lines", lines_pages.lines, name="quick-add-lines"),
    path("quick-add/lines/add", lines_pages.lines_add, name="quick-add-lines-add"),
    path("quick-add/preview", quick_add.preview, name="quick-add-preview"),
    path("tasks/<uuid:pk>/complete", completion.complete, name="complete"),
    path("tasks/<uuid:pk>/delete", completion.delete, name="delete"),
    path("tasks/<uuid:pk>/restore", completion.restore, name="restore"),
    path("tasks/<uuid:pk>/place", placing_pages.place, name="place"),
    path("tasks/<uuid:pk>/row", row_edit.row, name="row"),
    path("tasks/<uuid:pk>/row/edit", row_edit.row_edit, name="row-edit"),
    path("trash", trash.trash, name="trash"),
    path("trash/empty", trash.empty_trash, name="empty-trash"),
]
urlpatterns += [
    path("tasks/<uuid:pk>", task_pages.task, name="task"),
    path("tasks/<uuid:pk>/panel", task_pages.task_panel, name="task-panel"),
    path("tasks/<uuid:pk>/parts", task_pages.task_parts, name="task-parts"),
    path("tasks/<uuid:pk>/duplicate", task_pages.task_duplicate, name="task-duplicate"),
    path("tasks/<uuid:pk>/subtasks", task_pages.subtask_add, name="subtask-add"),
    path("tasks/<uuid:pk>/comments", comment_pages.comment_add, name="comment-add"),
    path("tasks/<uuid:pk>/checklist/<int:number>", checklist_pages.check, name="check"),
    path("tasks/<uuid:pk>/mentions", comment_pages.mentions, name="mentions"),
    path("tasks/<uuid:pk>/comments/<uuid:comment>", comment_pages.comment, name="comment"),
    path("tasks/<uuid:pk>/comments/<uuid:comment>/edit", comment_pages.comment_edit, name="comment-edit"),
    path(
        "tasks/<uuid:pk>/comments/<uuid:comment>/delete", comment_pages.comment_delete, name="comment-delete"
    ),
    path("tasks/<uuid:pk>/attachments", attachment_pages.attachment_add, name="attachment-add"),
    path(
        "tasks/<uuid:pk>/attachments/<uuid:attachment>/remove",
        attachment_pages.attachment_remove,
        name="attachment-remove",
    ),
    path("attachments/<uuid:pk>", attachment_pages.attachment, name="attachment"),
    path("tasks/<uuid:pk>/tags/remove", task_pages.tag_remove, name="tag-remove"),
    path("tasks/<uuid:pk>/reminders/remove", task_pages.reminder_remove, name="reminder-remove"),
    path(
        "tasks/<uuid:pk>/reminders/snooze/<slug:length>", task_pages.reminder_snooze, name="reminder-snooze"
    ),
    path("tasks/<uuid:pk>/repeat/skip", task_pages.repeat_skip, name="repeat-skip"),
    path("tasks/<uuid:pk>/repeat/stop", task_pages.repeat_stop, name="repeat-stop"),
    path("tasks/<uuid:pk>/repeat/preview", property_pages.repeat_preview, name="repeat-preview"),
    path("tasks/<uuid:pk>/properties/<slug:name>", property_pages.task_property, name="property"),
    path(
        "tasks/<uuid:pk>/properties/<slug:name>/edit", property_pages.task_property_edit, name="property-edit"
    ),
]
urlpatterns += [
    path("recurring", recurring_pages.recurring, name="recurring"),
    path("recurring/new", recurring_pages.recurring_new, name="recurring-new"),
    path("recurring/preview", recurring_pages.recurring_preview, name="recurring-preview"),
    path("recurring/<uuid:pk>", recurring_pages.recurring_detail, name="recurring-detail"),
    path("recurring/<uuid:pk>/skip", recurring_pages.recurring_skip, name="recurring-skip"),
    path("recurring/<uuid:pk>/pause", recurring_pages.recurring_pause, name="recurring-pause"),
    path("recurring/<uuid:pk>/resume", recurring_pages.recurring_resume, name="recurring-resume"),
    path("recurring/<uuid:pk>/end", recurring_pages.recurring_end, name="recurring-end"),
]
urlpatterns += [
    path("projects", project_pages.projects, name="projects"),
    path("projects/<uuid:pk>", project_pages.project, name="project"),
    path("projects/<uuid:pk>/edit", project_pages.project_edit, name="project-edit"),
    path("projects/<uuid:pk>/delete", project_pages.project_delete, name="project-delete"),
    path("projects/<uuid:pk>/sharing", sharing.sharing, name="project-sharing"),
    path("projects/<uuid:pk>/members/<uuid:user>/role", sharing.member_role, name="member-role"),
    path(
        "projects/<uuid:pk>/members/<uuid:user>/hand-over", sharing.member_hand_over, name="member-hand-over"
    ),
    path("projects/<uuid:pk>/members/<uuid:user>/remove", sharing.member_remove, name="member-remove"),
    path(
        "projects/<uuid:pk>/invitations/<uuid:invitation>/revoke",
        sharing.invitation_revoke,
        name="invitation-revoke",
    ),
    path("invitations/<str:secret>", sharing.invitation, name="invitation"),
]
