"""Dates as people enter them: in the words of quick add, or by native inputs for date and time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from tasks.clock import validate_year
from tasks.quickadd import Parsed, parse
from tasks.recurrence.wallclock import to_local, to_utc

Due = tuple[datetime | None, bool]  # an instant and whether it stands for the whole day, as a task keeps it
STAND_IN = "x"  # a title for the grammar, which reads whole tasks


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self, **attrs: Any) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class DateField(forms.DateField):
    """A date that a task can have, by the browser's own input."""

    widget = DateInput
    default_validators = [validate_year]


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self, **attrs: Any) -> None:
        super().__init__(attrs, format="%H:%M")

    def format_value(self, value: Any) -> str | None:
        """With its seconds where it has some, so that saving the form does not lose them."""
        precise = isinstance(value, time) and value.second
        return value.strftime("%H:%M:%S") if precise else super().format_value(value)


def read_words(words: str, user: User) -> Parsed:
    """What words without a title say. Raises ValidationError where something in them is not understood."""
    parsed = parse(
        f"{STAND_IN} {words}",
        now=timezone.now(),
        zone=user.zone,
        week_start=user.week_start,
        language=user.locale,
    )
    if parsed.errors:
        raise ValidationError(list(parsed.errors))
    if parsed.title != STAND_IN or parsed.due is None:
        raise ValidationError(_("“%(words)s” is not clear."), params={"words": words})
    return parsed


def due_on(day: date | None, at: time | None, user: User) -> Due:
    """A due date from what a person's calendar and clock show; without a time it is the whole day."""
    if day is None:
        return None, False
    if at is None:
        return datetime.combine(day, time(), UTC), True
    return to_utc(datetime.combine(day, at), user.zone), False


def shown_on_clock(due: datetime | None, all_day: bool, user: User) -> tuple[date | None, time | None]:
    """The date and time that a person's calendar and clock show for a due date."""
    if due is None or all_day:
        return (due.date() if due else None), None
    local = to_local(due, user.zone)
    return local.date(), local.time()
