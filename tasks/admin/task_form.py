"""A task as staff edit it: due on its owner's clock, tags and reminders in words."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminDateWidget, AdminTimeWidget
from django.core.exceptions import ValidationError

from tasks.admin.fields import RemindersInput, TagsInput, with_known_ids
from tasks.changes import StaleTask
from tasks.clock import validate_year
from tasks.models import Project, Task
from tasks.recurrence.wallclock import to_local, to_utc


class TaskForm(forms.ModelForm):
    read_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    due_on = forms.DateField(required=False, widget=AdminDateWidget, validators=[validate_year])
    due_time = forms.TimeField(
        required=False,
        widget=AdminTimeWidget,
        help_text="On the owner's clock. Empty: the whole day.",
    )
    tags = TagsInput(required=False, help_text="With spaces between them.")
    reminders = RemindersInput(
        required=False,
        help_text="One a line: minutes before it is due (30), or an instant (2026-11-20T14:15:00Z).",
    )

    class Meta:
        model = Task
        fields = (
            "title",
            "description",
            "status",
            "priority",
            "tags",
            "reminders",
            "project",
            "assignee",
            "parent",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.initial.update(read_version=self.instance.version, **_due_of(self.instance))

    def clean_project(self) -> Project:
        project: Project = self.cleaned_data["project"]
        if project.deleted_at is not None:
            raise ValidationError("This project was deleted.")
        return project

    def clean_reminders(self) -> list[Any]:
        return with_known_ids(self.cleaned_data["reminders"], self.instance.reminders)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        task: Task = self.instance
        if not task._state.adding and cleaned.get("read_version") != task.version:
            raise ValidationError(str(StaleTask(task)))
        if cleaned.get("due_time") is not None and cleaned.get("due_on") is None:
            self.add_error("due_on", "Give a date, too, or leave the time out.")
        elif "project" in cleaned and {"due_on", "due_time"} & set(self.changed_data) and not self.errors:
            self._set_due(task, cleaned)
        return cleaned

    def _set_due(self, task: Task, cleaned: dict[str, Any]) -> None:
        day, at = cleaned["due_on"], cleaned["due_time"]
        task.due_all_day = day is not None and at is None
        if day is None:
            task.due_date = None
        elif at is None:
            task.due_date = datetime.combine(day, time(), UTC)
        else:
            task.due_date = to_utc(datetime.combine(day, at), cleaned["project"].owner.zone)


def _due_of(task: Task) -> dict[str, Any]:
    """The due date as its owner's calendar and clock show it."""
    if task.due_date is None:
        return {}
    if task.due_all_day:
        return {"due_on": task.due_date.date()}
    local = to_local(task.due_date, task.owner.zone)
    return {"due_on": local.date(), "due_time": local.time().replace(microsecond=0)}
