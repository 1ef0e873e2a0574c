"""Reminders that somebody puts off: "in 10 minutes", "tomorrow at 09:00"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from tasks.models.reminder import clean_wishes
from tasks.models.task import MORNING
from tasks.recurrence.wallclock import to_utc

Wishes = Sequence[dict[str, Any]]


def _tomorrow(user: User, now: datetime) -> datetime:
    return to_utc(datetime.combine(user.today(now) + timedelta(days=1), MORNING), user.zone)


# What a snooze may last: its name in addresses, its words, and when it ends.
SNOOZES: dict[str, tuple[Promise, Callable[[User, datetime], datetime]]] = {
    "10m": (_("In 10 minutes"), lambda _user, now: now + timedelta(minutes=10)),
    "1h": (_("In 1 hour"), lambda _user, now: now + timedelta(hours=1)),
    "tomorrow": (_("Tomorrow at 09:00"), _tomorrow),
}


def snoozed(wishes: Wishes, wish_id: str, until: datetime) -> list[dict[str, Any]]:
    """The reminders of a task after one of them was put off.

    One at a time of its own moves there. One that counts from the due date stays, for when that date moves,
    and the new time comes beside it.
    """
    kept = [wish for wish in wishes if wish["id"] != wish_id or "at" not in wish]
    return clean_wishes([*kept, {"at": until}])


def without(wishes: Wishes, wish_id: str) -> list[dict[str, Any]]:
    """The reminders of a task without one of them."""
    return [wish for wish in wishes if wish["id"] != wish_id]
