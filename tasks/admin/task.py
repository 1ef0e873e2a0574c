"""The pages of tasks: found by id, title and owner; saved, trashed and restored with the staff member's name."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.support import staff_actor
from tasks.admin.filters import DueFilter, PlaceFilter, RecurringFilter
from tasks.admin.task_form import TaskForm
from tasks.admin.trash import TrashingAdmin
from tasks.models import Task
from tasks.models.task_queryset import TaskQuerySet
from tasks.wording import due_words, reminder_words

WHAT = ("title", "description", "status", "priority")
WHERE = ("project", "assignee", "parent")
ABOUT = (
    "id",
    "owner",
    "recurring_task",
    "occurrence_at",
    "position",
    "version",
    "deadline_at",
    "created_at",
    "updated_at",
    "completed_at",
    "deleted_at",
)


@admin.register(Task)
class TaskAdmin(TrashingAdmin):
    form = TaskForm
    list_display = ("title", "owner", "project", "status", "priority", "due", "place", "updated_at")
    list_filter = (PlaceFilter, "status", "priority", DueFilter, RecurringFilter)
    list_select_related = ("owner", "project")
    search_fields = ("title__has_text", "owner__email", "owner__display_name__has_text")
    search_help_text = "Title, owner (email address or name), or the id of a task, project or owner"
    id_fields = ("pk", "owner_id", "project_id")
    ordering = ("-id",)
    autocomplete_fields = ("project", "assignee", "parent")
    actions = ("restore",)
    page_acts = (("restore", "Restore"),)

    # --- What a page shows -----------------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: Task | None = None) -> Any:
        if not self.may_edit(request, obj):
            seen = (*WHAT, "tag_words", "due", "reminders_in_words")
            return ((None, {"fields": seen}), ("Where", {"fields": WHERE}), ("About it", {"fields": ABOUT}))
        edited = (*WHAT, "tags", ("due_on", "due_time"), "reminders")
        about = ((None, {"fields": ("read_version",)}), ("About it", {"fields": ABOUT}))
        return ((None, {"fields": edited}), ("Where", {"fields": WHERE}), *(about if obj else ()))

    def may_edit(self, request: HttpRequest, obj: Task | None) -> bool:
        return self.has_add_permission(request) if obj is None else self.has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Task | None = None) -> list[str]:
        return [*ABOUT, "due", "tag_words", "reminders_in_words"]

    @admin.display(description="due", ordering="deadline_at")
    def due(self, task: Task) -> str | None:
        return due_words(task.due_date, task.due_all_day) if task.due_date else None

    @admin.display(description="tags")
    def tag_words(self, task: Task) -> str:
        return " ".join(task.tags)

    @admin.display(description="reminders")
    def reminders_in_words(self, task: Task) -> str:
        return ", ".join(reminder_words(wish) for wish in task.reminders)

    @admin.display(description="where")
    def place(self, task: Task) -> str:
        return "List" if task.deleted_at is None else "Trash"

    def acts_on(self, request: HttpRequest, row: Any) -> list[tuple[str, str]]:
        return super().acts_on(request, row) if row.deleted_at is not None else []

    # --- Changing --------------------------------------------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj: Task | None = None) -> bool:
        """What is in the trash is restored first."""
        return super().has_change_permission(request, obj) and (obj is None or obj.deleted_at is None)

    def has_delete_permission(self, request: HttpRequest, obj: Task | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.deleted_at is None)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Task | None:
        """A row that is about to be changed is read under its lock."""
        task: Task | None = super().get_object(request, object_id, from_field)
        if task is None or request.method != "POST":
            return task
        return self.get_queryset(request).locked().filter(pk=task.pk).first()

    def get_queryset(self, request: HttpRequest) -> TaskQuerySet:
        return Task.objects.select_related("owner", "project", "recurring_task")

    def save_model(self, request: HttpRequest, obj: Task, form: Any, change: bool) -> None:
        obj.save(by=staff_actor(request))

    @admin.action(description="Restore from the trash", permissions=["change"])
    def restore(self, request: HttpRequest, queryset: TaskQuerySet) -> None:
        tasks = list(queryset.in_trash().locked().order_by("pk"))
        for task in tasks:
            task.refresh_from_db()  # its parent may have brought it along a moment ago
            task.restore(staff_actor(request))
            self.log_change(request, task, "Restored from the trash.")
        self.report(request, "Restored", tasks)
