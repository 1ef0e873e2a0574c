"""Moving a task to another day while its time of day stays."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from tasks.models import Task
from tasks.recurrence.wallclock import to_local, to_utc


def on_day(task: Task, day: date | None, zone: ZoneInfo) -> dict[str, Any]:
    """The columns of a task that is due on a day of a zone's calendar; None takes its due date away."""
    if day is None:
        return {"due_date": None, "due_all_day": False}
    if task.due_date is None or task.due_all_day:
        return {"due_date": datetime.combine(day, time(), UTC), "due_all_day": True}
    at = to_local(task.due_date, zone).time()
    return {"due_date": to_utc(datetime.combine(day, at), zone), "due_all_day": False}
