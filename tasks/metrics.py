"""What is counted of tasks and reminders. ``docs/monitoring.md`` says what each figure means."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Mapping, Sequence
from functools import cache, partial
from typing import Any

from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone
from prometheus_client import Counter, Histogram

from tasks.changes import TaskChange
from tasks.models import Reminder
from tasks.signals import tasks_changed

# Seconds. A second is what is aimed for, five are promised; what follows a downtime may be hours late.
LATE_BUCKETS = (0.25, 0.5, 1, 2, 5, 15, 60, 300, 3600, 86_400)

OPERATIONS = Counter("todo_task_operations_total", "Changes of tasks that committed.", ["operation", "via"])
LATE = Histogram(
    "todo_reminder_late_seconds", "From a reminder's time to its commit as fired.", buckets=LATE_BUCKETS
)
_of = cache(OPERATIONS.labels)  # looking it up costs more than counting


@receiver(tasks_changed, dispatch_uid="tasks.metrics")
def count_operations(sender: object, changes: Sequence[TaskChange], **_: Any) -> None:
    """Count changes once they are committed, whichever door they came through."""
    tally = Tally((str(change.kind), str(change.actor.via)) for change in changes)
    transaction.on_commit(partial(_add, tally))


def _add(tally: Mapping[tuple[str, str], int]) -> None:
    for labels, number in tally.items():
        _of(*labels).inc(number)


def count_fired(reminders: Sequence[Reminder]) -> None:
    """Note how late reminders are, once their firing is committed."""
    transaction.on_commit(partial(_observe, reminders))


def _observe(reminders: Sequence[Reminder]) -> None:
    now = timezone.now()
    for reminder in reminders:
        LATE.observe(reminder.late_by(now).total_seconds())
