"""Dates and instants as the API takes them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_datetime

from tasks.clock import YEARS

FORMS: Final = "a date such as 2026-11-20 or an instant such as 2026-11-20T14:15:00Z"
INSTANT: Final = "an instant such as 2026-11-20T14:15:00Z"
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_DATE_AND_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d.*", re.ASCII)


class NotAMoment(ValueError):
    """The text is no date or time. The message says what would be."""


def read_moment(text: object, zone: ZoneInfo) -> date | datetime:
    """A date, or an instant in ``zone``; a time without an offset is on that zone's clock.

    Raises NotAMoment.
    """
    moment = _parse(text) if isinstance(text, str) else None
    if moment is None or moment.year not in YEARS:
        raise NotAMoment(f"Give {FORMS}, in the years {YEARS[0]} to {YEARS[-1]}.")
    if not isinstance(moment, datetime):
        return moment
    return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)


def read_instant(text: object, zone: ZoneInfo) -> datetime:
    """An instant in ``zone``. Raises NotAMoment, for a date too."""
    try:
        moment = read_moment(text, zone)
    except NotAMoment:
        moment = date.min
    if not isinstance(moment, datetime):
        raise NotAMoment(f"Give {INSTANT}.")
    return moment


def read_date(text: object) -> date:
    """A date. Raises NotAMoment, for an instant too."""
    moment = _parse(text) if isinstance(text, str) else None
    if moment is None or isinstance(moment, datetime) or moment.year not in YEARS:
        raise NotAMoment("Give a date such as 2026-11-20.")
    return moment


def begin_of(moment: date | datetime, zone: ZoneInfo) -> datetime:
    """The instant itself, or the one at which a date begins in ``zone``."""
    return moment if isinstance(moment, datetime) else datetime.combine(moment, time(), zone)


def stored(moment: date | datetime | None) -> tuple[datetime | None, bool]:
    """``due_date`` and ``due_all_day`` as a task's row has them."""
    if moment is None or isinstance(moment, datetime):
        return (moment.astimezone(UTC) if moment else None), False
    return datetime.combine(moment, time(), UTC), True


def shown(due_date: datetime | None, due_all_day: bool) -> date | datetime | None:
    """The other way round: a date for a task that is due all day, else the instant."""
    return due_date.date() if due_date is not None and due_all_day else due_date


def _parse(text: str) -> date | datetime | None:
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
        return parse_datetime(text) if _DATE_AND_TIME.fullmatch(text) else None
    except ValueError:
        return None
