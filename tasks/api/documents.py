"""What the API answers: a task, a series, a project, made from light rows instead of model instances."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, Final

from django.utils import timezone

from tasks.api.moments import shown
from tasks.models import Priority, Project, RecurringTask, Status, Task
from tasks.models.conditions import DUE_SOON
from tasks.recurrence import Rule

PRIORITY_WORDS: Final = {int(priority): priority.word for priority in Priority}
PRIORITY_RANKS: Final = {word: rank for rank, word in PRIORITY_WORDS.items()}
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

TASK_COLUMNS: Final = (
    "id",
    "title",
    "description",
    "status",
    "priority",
    "tags",
    "due_date",
    "due_all_day",
    "deadline_at",
    "reminders",
    "project_id",
    "assignee_id",
    "parent_id",
    "position",
    "recurring_task_id",
    "completed_at",
    "created_at",
    "updated_at",
    "version",
)
SERIES_OF_TASK: Final = ("recurring_task__rrule", "recurring_task__deleted_at")
PROJECT_COLUMNS: Final = ("id", "name", "colour", "is_inbox", "created_at", "updated_at")
SERIES_AS_THEY_ARE: Final = (
    "id",
    "title",
    "description",
    "tags",
    "reminders",
    "rrule",
    "anchor",
    "start_date",
    "end_date",
    "time_zone",
    "is_active",
    "next_due_at",
    "last_created_at",
    "created_at",
    "updated_at",
)
SERIES_COLUMNS: Final = (*SERIES_AS_THEY_ARE, "priority", "project_id", "start_time")


def task_row(task: Task) -> dict[str, Any]:
    """The row of an instance as ``values()`` would give it; its series must be at hand."""
    series = task.recurring_task
    return {
        **{name: getattr(task, name) for name in TASK_COLUMNS},
        "recurring_task__rrule": series.rrule if series else None,
        "recurring_task__deleted_at": series.deleted_at if series else None,
    }


def task_document(row: Mapping[str, Any], now: datetime | None = None) -> dict[str, Any]:
    """A task from its columns. An occurrence of a series that has ended does not count as recurring."""
    now = now or timezone.now()
    repeats = row["recurring_task_id"] is not None and row["recurring_task__deleted_at"] is None
    deadline = row["deadline_at"] if row["status"] != Status.COMPLETED else None
    return {
        "id": row["id"],
        "title": row["title"],
        "description": row["description"],
        "status": row["status"],
        "priority": PRIORITY_WORDS[row["priority"]],
        "tags": row["tags"],
        "due_date": shown(row["due_date"], row["due_all_day"]),
        "due_all_day": row["due_all_day"],
        "is_due_soon": deadline is not None and now < deadline <= now + DUE_SOON,
        "is_overdue": deadline is not None and deadline <= now,
        "is_recurring": repeats,
        "recurrence_rule": row["recurring_task__rrule"] if repeats else None,
        "recurring_task": row["recurring_task_id"] if repeats else None,
        "reminders": [_reminder(wish) for wish in row["reminders"]],
        "project": row["project_id"],
        "assignee": row["assignee_id"],
        "parent": row["parent_id"],
        "position": row["position"],
        "completed_at": row["completed_at"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "version": row["version"],
    }


def _reminder(wish: Mapping[str, Any]) -> dict[str, Any]:
    return {**wish, "at": datetime.fromisoformat(wish["at"])} if "at" in wish else dict(wish)


def series_row(series: RecurringTask) -> dict[str, Any]:
    return {name: getattr(series, name) for name in SERIES_COLUMNS}


def series_document(row: Mapping[str, Any]) -> dict[str, Any]:
    """A series. ``recurrence_type``, ``_interval`` and ``weekdays`` say what ``rrule`` says, as far as they can."""
    rule = Rule.parse(row["rrule"])
    return {
        **{name: row[name] for name in SERIES_AS_THEY_ARE},
        "priority": PRIORITY_WORDS[row["priority"]],
        "project": row["project_id"],
        "recurrence_type": rule.freq.lower(),
        "recurrence_interval": rule.interval,
        "weekdays": []
        if any(day.ordinal for day in rule.by_day)
        else [WEEKDAYS[d.weekday] for d in rule.by_day],
        "start_time": _clock(row["start_time"]),
    }


def _clock(at: time | None) -> str | None:
    """09:00, with seconds only where there are some."""
    return None if at is None else at.isoformat("seconds" if at.second else "minutes")


def occurrence(series: RecurringTask, instant: datetime) -> date | datetime:
    """One date of a preview: a date for a series that is due all day, else the instant."""
    return shown(**series.due_fields(instant)) or instant


def project_document(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in (*PROJECT_COLUMNS, "role")}


def project_row(project: Project, role: str) -> dict[str, Any]:
    return {**{name: getattr(project, name) for name in PROJECT_COLUMNS}, "role": role}
