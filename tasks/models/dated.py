"""The dates of a series: its rule, its local start with a time zone, and which date comes next."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import validate_time_zone
from tasks import clock
from tasks.recurrence import Rule, RuleError, Schedule


class Anchor(models.TextChoices):
    SCHEDULE = "schedule", _("By the calendar")
    COMPLETION = "completion", _("After completion")


def validate_rule(text: str) -> None:
    """Refuse what is not a recurrence rule, with the parser's own sentence."""
    try:
        Rule.parse(text)
    except RuleError as error:
        raise ValidationError(str(error)) from error


class Dated(models.Model):
    """What a series keeps of its dates."""

    reminders = models.JSONField(_("reminders"), default=list, blank=True)
    rrule = models.CharField(_("rule"), max_length=500, validators=[validate_rule])
    anchor = models.CharField(_("counts from"), max_length=10, choices=Anchor, default=Anchor.SCHEDULE)
    start_date = models.DateField(_("start"))
    start_time = models.TimeField(_("time"), null=True, blank=True, help_text=_("empty: the whole day"))
    time_zone = models.CharField(_("time zone"), max_length=64, validators=[validate_time_zone])
    end_date = models.DateField(_("end"), null=True, blank=True, help_text=_("the last possible date"))
    exceptions = models.JSONField(
        _("left out"), default=list, blank=True, help_text=_("local dates and times without an occurrence")
    )
    occurrences_made = models.PositiveIntegerField(default=0, editable=False)
    next_due_at = models.DateTimeField(null=True, editable=False)
    create_at = models.DateTimeField(
        null=True, editable=False, help_text=_("when the next occurrence is made: in time for its reminders")
    )

    class Meta:
        abstract = True

    @property
    def rule(self) -> Rule:
        return Rule.parse(self.rrule)

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def schedule(self) -> Schedule:
        start = datetime.combine(self.start_date, self.start_time or time())
        left_out = frozenset(datetime.fromisoformat(text) for text in self.exceptions)
        return Schedule(self.rule, start, self.zone, left_out)

    @property
    def is_all_day(self) -> bool:
        return self.start_time is None

    def _limit(self, instant: datetime | None) -> datetime | None:
        """The instant, or None when it lies behind the last possible date."""
        if instant is None or self.end_date is None:
            return instant
        return instant if instant.astimezone(self.zone).date() <= self.end_date else None

    def _plan(self, next_due_at: datetime | None) -> None:
        self.next_due_at = self._limit(next_due_at)
        by_calendar = self.next_due_at is not None and self.anchor == Anchor.SCHEDULE
        self.create_at = self.next_due_at - self._lead() if by_calendar and self.next_due_at else None

    def _lead(self) -> timedelta:
        """How long before it is due an occurrence must exist for its reminders to fire on time."""
        before = [wish["minutes_before"] for wish in self.reminders if "minutes_before" in wish]
        return timedelta(minutes=max(before, default=0))

    def _first(self) -> datetime | None:
        midnight = datetime.combine(clock.now().astimezone(self.zone).date(), time(), self.zone)
        just_before = midnight.astimezone(UTC) - timedelta(seconds=1)
        first = self.schedule.first()
        if first is None or first > just_before:
            return first
        return self.schedule.after(just_before)

    def due_fields(self, due_at: datetime | None) -> dict[str, Any]:
        """The due date of the occurrence at an instant, in the form in which a task keeps it."""
        if due_at is None or not self.is_all_day:
            return {"due_date": due_at, "due_all_day": False}
        day = due_at.astimezone(self.zone).date()
        return {"due_date": datetime.combine(day, time(), UTC), "due_all_day": True}

    @property
    def counts_from_completion(self) -> bool:
        return self.anchor == Anchor.COMPLETION

    def plan_after(self, done_at: datetime, occurrence: datetime) -> None:
        """Let the next occurrence be the one that follows on an occurrence that was done at an instant."""
        self._plan(self._after_completion(done_at, occurrence))

    def _after_completion(self, completed_at: datetime, occurrence: datetime) -> datetime | None:
        return self.schedule.after_completion(completed_at, made=self.occurrences_made, occurrence=occurrence)
