"""The paths below ``/api/`` that are about tasks."""

from accounts.api_paths import UUID, api_path
from tasks.api.attachments import AttachmentContent, AttachmentDetail, AttachmentList
from tasks.api.bulk import TasksBulk, TasksBulkUndo
from tasks.api.comments import CommentDetail, CommentList
from tasks.api.jobs import JobDetail, JobList, JobUndo
from tasks.api.projects import ProjectDetail, ProjectList
from tasks.api.recurring import SeriesDetail, SeriesList, SeriesPreview, SeriesSkip
from tasks.api.saved_filters import FilterDetail, FilterList
from tasks.api.sharing import (
    InvitationAccept,
    InvitationDetail,
    InvitationList,
    MemberDetail,
    MemberHandOver,
    MemberList,
)
from tasks.api.tasks import TaskComplete, TaskDetail, TaskList, TaskRestore

urlpatterns = [
    api_path("tasks", TaskList.as_view(), "api_tasks"),
    api_path("tasks/<id>", TaskDetail.as_view(), "api_task"),
    api_path("tasks/<id>/complete", TaskComplete.as_view(), "api_task_complete"),
    api_path("tasks/<id>/restore", TaskRestore.as_view(), "api_task_restore"),
    api_path("filters", FilterList.as_view(), "api_filters"),
    api_path("filters/<id>", FilterDetail.as_view(), "api_filter"),
    api_path("tasks/bulk", TasksBulk.as_view(), "api_tasks_bulk"),
    api_path("tasks/bulk/<id>/undo", TasksBulkUndo.as_view(), "api_tasks_bulk_undo"),
    api_path("tasks/jobs", JobList.as_view(), "api_jobs"),
    api_path("tasks/jobs/<id>", JobDetail.as_view(), "api_job"),
    api_path("tasks/jobs/<id>/undo", JobUndo.as_view(), "api_job_undo"),
    api_path("tasks/<id>/comments", CommentList.as_view(), "api_comments"),
    api_path(f"tasks/<id>/comments/(?P<comment>{UUID})", CommentDetail.as_view(), "api_comment"),
    api_path("tasks/<id>/attachments", AttachmentList.as_view(), "api_attachments"),
    api_path(f"tasks/<id>/attachments/(?P<attachment>{UUID})", AttachmentDetail.as_view(), "api_attachment"),
    api_path(
        f"tasks/<id>/attachments/(?P<attachment>{UUID})/content",
        AttachmentContent.as_view(),
        "api_attachment_content",
    ),
    api_path("recurring-tasks", SeriesList.as_view(), "api_recurring_tasks"),
    api_path("recurring-tasks/<id>", SeriesDetail.as_view(), "api_recurring_task"),
    api_path("recurring-tasks/<id>/preview", SeriesPreview.as_view(), "api_recurring_task_preview"),
    api_path("recurring-tasks/<id>/skip", SeriesSkip.as_view(), "api_recurring_task_skip"),
    api_path("projects", ProjectList.as_view(), "api_projects"),
    api_path("projects/<id>", ProjectDetail.as_view(), "api_project"),
    api_path("projects/<id>/members", MemberList.as_view(), "api_members"),
    api_path(f"projects/<id>/members/(?P<user>{UUID})", MemberDetail.as_view(), "api_member"),
    api_path(
        f"projects/<id>/members/(?P<user>{UUID})/hand-over", MemberHandOver.as_view(), "api_member_hand_over"
    ),
    api_path("projects/<id>/invitations", InvitationList.as_view(), "api_invitations"),
    api_path(
        f"projects/<id>/invitations/(?P<invitation>{UUID})", InvitationDetail.as_view(), "api_invitation"
    ),
    api_path("invitations/accept", InvitationAccept.as_view(), "api_invitation_accept"),
]
