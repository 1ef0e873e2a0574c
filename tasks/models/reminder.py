"""Reminders: what a task asks for, and the table that the scheduler reads.

What a person wants is part of the task's row (``Task.reminders``), so it is in the task's events and
history like any other field. This table holds the instants that follow from it, so that the scheduler
finds what is due by one index, and remembers what was fired.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from tasks import clock

if TYPE_CHECKING:
    from tasks.models.task import Task

MAX_REMINDERS = 20  # of one task
MAX_MINUTES_BEFORE = 60 * 24 * 366
WISH = {"id", "at", "minutes_before"}


def clean_wishes(wishes: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The reminders of a task in the form in which its row keeps them.

    Each is ``{"at": instant}`` (ISO 8601 text or datetime) or ``{"minutes_before": minutes before due}``;
    a missing ``id`` is made up. Equal ones become one. Raises ValidationError with a plain sentence.
    """
    cleaned: dict[object, dict[str, Any]] = {}
    for wish in wishes:
        entry = _clean_wish(wish)
        cleaned.setdefault(entry.get("at") or entry["minutes_before"], entry)
    if len(cleaned) > MAX_REMINDERS:
        raise ValidationError(_("A task can have %(limit)s reminders."), params={"limit": MAX_REMINDERS})
    return list(cleaned.values())


def _clean_wish(wish: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in wish.items() if value is not None}
    if unknown := set(given) - WISH:
        raise ValidationError(_("A reminder has no %(name)s."), params={"name": ", ".join(sorted(unknown))})
    if ("at" in given) == ("minutes_before" in given):
        raise ValidationError(
            _("A reminder needs either “at” (a time) or “minutes_before” (before it is due).")
        )
    identity = str(given.get("id") or uuid7())
    if "at" in given:
        return {"id": identity, "at": _clean_instant(given["at"])}
    return {"id": identity, "minutes_before": _clean_minutes(given["minutes_before"])}


def _clean_instant(value: Any) -> str:
    instant = value if isinstance(value, datetime) else _parse(str(value))
    if instant is None or timezone.is_naive(instant) or instant.year not in clock.YEARS:
        raise ValidationError(
            _("A reminder's “at” needs a date, a time and an offset: 2026-11-20T14:15:00Z.")
        )
    return instant.astimezone(UTC).isoformat()


def _parse(text: str) -> datetime | None:
    try:
        return parse_datetime(text)
    except ValueError:
        return None


def _clean_minutes(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_MINUTES_BEFORE:
        raise ValidationError(
            _("“minutes_before” is a whole number of minutes from 0 to %(limit)s."),
            params={"limit": MAX_MINUTES_BEFORE},
        )
    return int(value)


def fire_time(wish: Mapping[str, Any], start_of_due: datetime | None) -> datetime | None:
    """The instant at which a wish fires; None while it counts from a due date that is not set."""
    if "at" in wish:
        return datetime.fromisoformat(wish["at"])
    if start_of_due is None:
        return None
    return start_of_due - timedelta(minutes=wish["minutes_before"])


class ReminderQuerySet(models.QuerySet["Reminder"]):
    def due(self, now: datetime) -> ReminderQuerySet:
        """What should have fired by now and has not, the oldest first (served by ``pending_reminders``)."""
        return self.filter(fired_at=None, fire_at__lte=now).order_by("fire_at")

    def plan(self, task: Task, now: datetime) -> None:
        """Bring the table in line with what the task's row asks for."""
        wanted = task.reminder_times()
        rows = {row.wish: row for row in self.filter(task=task)}
        self.filter(
            pk__in=[row.pk for wish, row in rows.items() if row.is_outdated(wanted.get(wish))]
        ).delete()
        fresh = {wish: at for wish, at in wanted.items() if wish not in rows or rows[wish].fire_at != at}
        # One whose time has passed still serves while the task is not due; after that it would only annoy.
        serving = {wish: at for wish, at in fresh.items() if at > now or task.is_before_deadline(now)}
        self.bulk_create(
            [Reminder(task=task, wish=w, fire_at=at, planned_at=now) for w, at in serving.items()]
        )


class Reminder(models.Model):
    """An instant at which a task wants attention. ``fired_at`` is set once, by whoever fires it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    task = models.ForeignKey("tasks.Task", on_delete=models.CASCADE, related_name="reminder_rows")
    wish = models.CharField(max_length=64, help_text=_("the id of the entry in the task's reminders"))
    fire_at = models.DateTimeField()
    planned_at = models.DateTimeField(default=timezone.now)
    fired_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[ReminderQuerySet] = ReminderQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("fire_at",)
        constraints = [models.UniqueConstraint("task", "wish", name="one_row_per_wish")]
        indexes = [
            # The scheduler's tick costs the same however many are pending: it reads what is due and stops.
            models.Index("fire_at", condition=models.Q(fired_at=None), name="pending_reminders"),
        ]

    def __str__(self) -> str:
        return f"{self.fire_at:%Y-%m-%d %H:%M} UTC"

    def is_outdated(self, wanted: datetime | None) -> bool:
        """Whether the row must go: its time moved, or it is not wanted any more and has not fired.

        One that fired stays while its time does, so completing and reopening a task fires nothing twice.
        """
        return self.fired_at is None if wanted is None else wanted != self.fire_at

    def late_by(self, now: datetime) -> timedelta:
        """How long after it could have fired it does."""
        return max(now - max(self.fire_at, self.planned_at), timedelta(0))
