"""Days in a filter: `today`, `fri`, `"next week"`, `7d`, `2026-11-30`; `<`, `<=`, `>` or `>=` may stand before each."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from tasks.models.conditions import is_due_before, is_due_from
from tasks.quickadd.dates import Context, read_day
from tasks.quickadd.line import Line
from tasks.wording import day_words

DAYS_OF_WEEK: Final = 7
_COMPARED: Final = re.compile(r"(<=|>=|<|>|=)?(.*)", re.DOTALL)
_DISTANCE: Final = re.compile(r"([0-9]{1,4})([dwmy])", re.IGNORECASE)
_UNITS: Final = {"d": "days", "w": "weeks", "m": "months", "y": "years"}
LABELS: Final[dict[str, Callable[[], str]]] = {
    "<": lambda: _("before %(day)s"),
    "<=": lambda: _("by %(day)s"),
    ">": lambda: _("after %(day)s"),
    ">=": lambda: _("from %(day)s"),
    "=": lambda: _("on %(day)s"),
}


@dataclass(frozen=True)
class Reader:
    """Whose calendar a filter is read by, who "me" is in it, and when that is."""

    user: User
    now: datetime

    @property
    def today(self) -> date:
        return self.user.today(self.now)

    def midnight(self, day: date) -> datetime:
        """When a day begins for this person."""
        return datetime.combine(day, time(), self.user.zone)


@dataclass(frozen=True)
class Span:
    """Days from ``first`` to ``last``; None where there is no such end. ``label`` says which they are."""

    first: date | None
    last: date | None
    label: str

    def due(self, reader: Reader) -> Q:
        """Due on one of these days."""
        condition = is_due_from(reader.midnight(self.first)) if self.first else Q()
        if self.last:
            condition &= is_due_before(reader.midnight(self.last + timedelta(days=1)))
        return condition

    def moment(self, column: str, reader: Reader) -> Q:
        """An instant of a column is on one of these days."""
        condition = Q(**{f"{column}__gte": reader.midnight(self.first)}) if self.first else Q()
        if self.last:
            end = reader.midnight(self.last + timedelta(days=1))
            condition &= Q(**{f"{column}__lt": end, f"{column}__isnull": False})
        return condition


def read_span(text: str, reader: Reader) -> Span | None:
    """The days that a text names, None where it names none."""
    if Line.of(text, reader.user.locale).low(0) == "week":
        sixth = reader.today + timedelta(days=DAYS_OF_WEEK - 1)
        return Span(reader.today, sixth, _("within %(number)d days") % {"number": DAYS_OF_WEEK})
    match = _COMPARED.fullmatch(text)
    day = read_date(match[2].strip('"“”„'), reader) if match else None
    if match is None or day is None:
        return None
    sign = match[1] or "="
    first, last = _bounds(sign, day)
    return Span(first, last, LABELS[sign]() % {"day": day_words(day)})


def _bounds(sign: str, day: date) -> tuple[date | None, date | None]:
    match sign:
        case "<":
            return None, day - timedelta(days=1)
        case "<=":
            return None, day
        case ">":
            return day + timedelta(days=1), None
        case ">=":
            return day, None
    return day, day


def read_date(text: str, reader: Reader) -> date | None:
    """One day, in the words of quick add; "7d" is in seven days."""
    distance = _DISTANCE.fullmatch(text)
    words = f"in {distance[1]} {_UNITS[distance[2].lower()]}" if distance else text
    line = Line.of(words, reader.user.locale)
    context = Context(reader.now, reader.user.zone, reader.user.week_start)
    found = read_day(line, 0, context) if len(line) else None
    return found[0].date if found is not None and found[1] == len(line) else None
