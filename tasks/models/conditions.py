"""What can be so of a task, as conditions that querysets and filters combine."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from django.db.models import Q

OPEN = ("pending", "in_progress")
DUE_SOON = timedelta(hours=24)


def is_open() -> Q:
    return Q(status__in=OPEN)


def is_overdue(now: datetime) -> Q:
    """Open and past the deadline."""
    return Q(status__in=OPEN, deadline_at__isnull=False, deadline_at__lte=now)


def is_due_soon(now: datetime) -> Q:
    """Open and due within the next 24 hours."""
    window = Q(deadline_at__isnull=False, deadline_at__gt=now, deadline_at__lte=now + DUE_SOON)
    return Q(status__in=OPEN) & window


def repeats() -> Q:
    """An occurrence of a series that has not ended."""
    return Q(recurring_task__isnull=False, recurring_task__deleted_at=None)


def is_due_before(moment: datetime) -> Q:
    """Due earlier than an instant. A date without a time must be over by then, in the instant's zone."""
    midnight = datetime.combine(moment.date(), time(), UTC)
    return Q(due_all_day=True, due_date__lt=midnight) | Q(due_all_day=False, due_date__lt=moment)


def is_due_from(moment: datetime) -> Q:
    """Due at an instant or later: everything with a due date that is not due before it."""
    midnight = datetime.combine(moment.date(), time(), UTC)
    return Q(due_all_day=True, due_date__gte=midnight) | Q(due_all_day=False, due_date__gte=moment)
