"""The scheduler: fires what is due, once each, however many schedulers run and however long none did."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from tasks.changes import Kind
from tasks.models import RecurringTask, Reminder, Task
from tasks.models.task_queryset import DUE_SOON

log = logging.getLogger(__name__)
Row = TypeVar("Row")
BATCH = 500  # of one kind in one tick: the next tick takes what is left
ON_TIME = timedelta(seconds=60)  # within this, nobody would call it late


@dataclass(frozen=True)
class Tick:
    """How much of each kind one tick fired."""

    reminders: int = 0
    due_soon: int = 0
    overdue: int = 0
    occurrences: int = 0
    purged: int = 0

    @property
    def total(self) -> int:
        return self.reminders + self.due_soon + self.overdue + self.occurrences + self.purged


def tick(now: datetime | None = None) -> Tick:
    """Fire everything that is due at an instant (now)."""
    moment = now or timezone.now()
    return Tick(
        reminders=fire_reminders(moment),
        due_soon=tell_due_soon(moment),
        overdue=tell_overdue(moment),
        occurrences=make_occurrences(moment),
        purged=empty_trash(moment),
    )


def fire_reminders(now: datetime) -> int:
    due = Reminder.objects.due(now)[:BATCH]
    return _each(due, lambda reminder: fire(reminder, now))


def fire(reminder: Reminder, now: datetime) -> bool:
    """Fire one reminder, unless somebody else did. To be called in a transaction."""
    task = Task.objects.get_current(reminder.task_id)
    if not Reminder.objects.claim(reminder, now):
        return False
    details = {
        "reminder_id": reminder.pk,
        "fire_at": reminder.fire_at,
        "late_seconds": late_seconds(reminder.late_by(now)),
    }
    task.announce("reminder.due", details)
    return True


def tell_due_soon(now: datetime) -> int:
    """Tell of tasks that are due within 24 hours; one that is overdue already is told as that."""
    return _each(
        Task.objects.untold_due_soon(now)[:BATCH], lambda task: tell(task, "due_soon", "due_soon_told", now)
    )


def tell_overdue(now: datetime) -> int:
    return _each(
        Task.objects.untold_overdue(now)[:BATCH], lambda task: tell(task, "overdue", "overdue_told", now)
    )


def tell(seen: Task, kind: Kind, flag: str, now: datetime) -> bool:
    """Tell of one task's deadline, unless that was done or is no more so. To be called in a transaction."""
    task = Task.objects.get_current(seen.pk)
    deadline = task.deadline_at
    if getattr(task, flag) or not task.is_open or deadline is None or deadline != seen.deadline_at:
        return False
    since = deadline if kind == "overdue" else deadline - DUE_SOON
    since = max(since, task.updated_at)
    details = {"deadline_at": deadline, "late_seconds": late_seconds(now - since)}
    task.announce(kind, details, **{flag: True})
    return True


def make_occurrences(now: datetime) -> int:
    return _each(
        RecurringTask.objects.due(now)[:BATCH], lambda series: RecurringTask.make_due(series.pk, now)
    )


def empty_trash(now: datetime) -> int:
    """Remove what has been in the trash for ``TRASH_DAYS``; its history stays."""
    old = Task.objects.in_trash().filter(deleted_at__lt=now - timedelta(days=settings.TRASH_DAYS))[:BATCH]
    keys = [task.pk for task in old]
    return Task.objects.filter(pk__in=keys).purge() if keys else 0


def late_seconds(delay: timedelta) -> int:
    """Whole seconds of a delay that is worth mentioning, else 0."""
    return int(delay.total_seconds()) if delay > ON_TIME else 0


def _each(rows: Iterable[Row], act: Callable[[Row], int]) -> int:
    """Act on each row in a transaction of its own: one that fails keeps none of the others from its turn."""
    fired = 0
    for row in list(rows):
        try:
            with transaction.atomic():
                fired += act(row)
        except Exception:
            log.exception("%r could not be fired; the next tick tries again", row)
    return fired
