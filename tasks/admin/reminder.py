"""The pages of reminders: when each fires, or fired. They follow from their tasks, so nothing is changed here."""

from __future__ import annotations

from django.contrib import admin

from accounts.support import ReadOnlyAdmin
from tasks.models import Reminder


@admin.register(Reminder)
class ReminderAdmin(ReadOnlyAdmin):
    list_display = ("fire_at", "task", "owner", "fired_at", "late")
    list_filter = (("fired_at", admin.EmptyFieldListFilter),)
    list_select_related = ("task__owner",)
    search_fields = ("task__title__has_text", "task__owner__email")
    search_help_text = "The task's title, its owner's email address, or the id of a reminder, task or owner"
    id_fields = ("pk", "task_id", "task__owner_id")
    ordering = ("-id",)
    fields = ("task", "owner", "fire_at", "planned_at", "fired_at", "late", "wish", "id")

    @admin.display(description="owner")
    def owner(self, reminder: Reminder) -> str:
        return str(reminder.task.owner)

    @admin.display(description="seconds late")
    def late(self, reminder: Reminder) -> int | None:
        return None if reminder.fired_at is None else int(reminder.late_by(reminder.fired_at).total_seconds())
