"""The scheduler: fires what is due, once each, however many schedulers run and however long none did."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from tasks import metrics
from tasks.announcing import Announcement, announce, unclaimed
from tasks.models import RecurringTask, Reminder, Task
from tasks.models.conditions import DUE_SOON

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
    """Fire everything that is due at an instant (now), at most ``BATCH`` of each kind."""
    moment = now or timezone.now()
    return Tick(
        reminders=fire_reminders(moment),
        due_soon=tell_due_soon(moment),
        overdue=tell_overdue(moment),
        occurrences=make_occurrences(moment),
        purged=empty_trash(moment),
    )


def next_due_at(now: datetime) -> datetime | None:
    """The first instant after ``now`` at which something will be due, as far as is known by now."""
    open_tasks = Task.objects.filter(deleted_at=None, completed_at=None)
    soon = _first(open_tasks.filter(due_soon_told=False), "deadline_at", now + DUE_SOON)
    instants = (
        _first(Reminder.objects.filter(fired_at=None), "fire_at", now),
        _first(open_tasks.filter(overdue_told=False), "deadline_at", now),
        soon and soon - DUE_SOON,
        _first(RecurringTask.objects.filter(is_active=True), "create_at", now),
    )
    return min((instant for instant in instants if instant is not None), default=None)


def _first(rows: models.QuerySet[Any], column: str, after: datetime) -> datetime | None:
    later = rows.filter(**{f"{column}__gt": after}).order_by(column)
    first: datetime | None = later.values_list(column, flat=True).first()
    return first


def fire_reminders(now: datetime) -> int:
    return _together(Reminder.objects.due(now), lambda keys: fire(keys, now))


def fire(keys: Sequence[UUID], now: datetime) -> int:
    """Fire those of these reminders that are due and that nobody else is at. To be called in a transaction.

    Returns how many it fired.
    """
    rows = Reminder.objects.due(now).filter(pk__in=keys).select_related("task__project")
    due = list(unclaimed(rows, "self", "task"))
    Reminder.objects.filter(pk__in=[reminder.pk for reminder in due]).update(fired_at=now)
    announce([Announcement(each.task, "reminder.due", _details(each, now)) for each in due])
    metrics.count_fired(due)
    return len(due)


def _details(reminder: Reminder, now: datetime) -> dict[str, Any]:
    return {
        "reminder_id": reminder.pk,
        "fire_at": reminder.fire_at,
        "late_seconds": late_seconds(reminder.late_by(now)),
    }


def tell_due_soon(now: datetime) -> int:
    """Tell of tasks that are due within 24 hours; one that is overdue already is told as that."""
    return _together(Task.objects.untold_due_soon(now), lambda keys: tell(keys, "due_soon", now))


def tell_overdue(now: datetime) -> int:
    return _together(Task.objects.untold_overdue(now), lambda keys: tell(keys, "overdue", now))


def tell(keys: Sequence[UUID], kind: Literal["due_soon", "overdue"], now: datetime) -> int:
    """Tell of the deadlines of those of these tasks that are untold and that nobody else is at.

    To be called in a transaction. Returns how many it told of.
    """
    soon = kind == "due_soon"
    untold = Task.objects.untold_due_soon(now) if soon else Task.objects.untold_overdue(now)
    due = unclaimed(untold.filter(pk__in=keys).select_related("project"), "self")
    announcements = [
        Announcement(task, kind, _deadline(task, task.deadline_at, now, DUE_SOON if soon else timedelta()))
        for task in due
        if task.deadline_at is not None
    ]
    announce(announcements, **{f"{kind}_told": True})
    return len(announcements)


def _deadline(task: Task, deadline: datetime, now: datetime, lead: timedelta) -> dict[str, Any]:
    since = max(deadline - lead, task.updated_at)
    return {"deadline_at": deadline, "late_seconds": late_seconds(now - since)}


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


def _together(due: models.QuerySet[Any], act: Callable[[Sequence[UUID]], int]) -> int:
    """Act on a batch of what is due in one transaction."""
    return _halving(list(due.values_list("pk", flat=True)[:BATCH]), act)


def _halving(keys: Sequence[UUID], act: Callable[[Sequence[UUID]], int]) -> int:
    """One that fails keeps none of the others from its turn: each half of its batch is tried alone, and so on."""
    if not keys:
        return 0
    try:
        with transaction.atomic():
            return act(keys)
    except Exception:
        if len(keys) == 1:
            log.exception("%s could not be fired; the next tick tries again", keys[0])
            return 0
    middle = len(keys) // 2
    return _halving(keys[:middle], act) + _halving(keys[middle:], act)


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
