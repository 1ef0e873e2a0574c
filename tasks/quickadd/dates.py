"""Days: "tomorrow", "friday", "next week", "in 3 days", "5 jan", "jan 5, 2027", "5th", "2026-12-05"."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

from tasks.quickadd.german import DAY_AFTER_TOMORROW
from tasks.quickadd.line import Doubt, Line
from tasks.quickadd.vocabulary import (
    DOUBTFUL_MONTHS,
    DOUBTFUL_WEEKDAYS,
    MONTHS,
    UNITS,
    WEEKDAYS,
    number_of,
    ordinal_of,
)

YEARS: Final = range(1970, 2200)  # a four-digit number outside is no year that a task is due in
SATURDAY: Final = 5


@dataclass(frozen=True)
class Context:
    """When and where the line is read. ``now`` is in UTC; ``week_start`` counts from Monday as 0."""

    now: datetime
    zone: ZoneInfo
    week_start: int

    @cached_property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @cached_property
    def next_week(self) -> date:
        """The day on which the next week starts."""
        return self.today + timedelta(days=7 - (self.today.weekday() - self.week_start) % 7)


@dataclass(frozen=True, slots=True)
class Day:
    """A day that was read, and how much it may be something else."""

    date: date
    doubt: Doubt = Doubt.NONE


def read_day(line: Line, index: int, context: Context) -> tuple[Day, int] | None:
    """The day that the words from ``index`` on name, and the index after them."""
    for read in (
        _read_word,
        _read_iso,
        _read_coming,
        _read_distance,
        _read_weekday,
        _read_date,
        _read_ordinal,
    ):
        found = read(line, index, context)
        if found is not None:
            return found
    return None


def read_day_of_year(line: Line, index: int) -> tuple[int, int, int] | None:
    """ "jan 5", "5 jan", "5th of january" as month, day and the index after; what no year has is None."""
    month, day, after = MONTHS.get(line.low(index)), _day_number(line.low(index + 1)), index + 2
    if month is None:
        day = _day_number(line.low(index))
        after = index + (2 if line.low(index + 1) == "of" and ordinal_of(line.low(index)) else 1)
        month, after = MONTHS.get(line.low(after)), after + 1
    if month is None or day is None or day > monthrange(2024, month)[1]:
        return None
    return month, day, after


def add_units(day: date, number: int, unit: str) -> date | None:
    """``day`` plus a number of days, weeks, months or years; None beyond :data:`YEARS`.

    A month that lacks the day gives its last day.
    """
    if unit in ("day", "week"):
        days = number * (7 if unit == "week" else 1)
        later = day + timedelta(days=days)  # four digits of weeks stay far within the calendar
        return later if later.year in YEARS else None
    year, month = divmod(day.year * 12 + day.month - 1 + number * (12 if unit == "year" else 1), 12)
    if year not in YEARS:
        return None
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _read_word(line: Line, index: int, context: Context) -> tuple[Day, int] | None:
    days = {"today": 0, "tomorrow": 1, DAY_AFTER_TOMORROW: 2}.get(line.low(index))
    if days is None:
        return None
    doubt = Doubt.SOME if line.is_name(index) else Doubt.NONE  # "USA Today", "Tomorrow Never Dies"
    return Day(context.today + timedelta(days=days), doubt), index + 1


def _read_iso(line: Line, index: int, _context: Context) -> tuple[Day, int] | None:
    word = line.low(index)
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", word) or int(word[:4]) not in YEARS:
        return None
    try:
        return Day(date.fromisoformat(word)), index + 1
    except ValueError:
        return None


def _read_coming(line: Line, index: int, context: Context) -> tuple[Day, int] | None:
    """ "this friday" may be today; "next friday" lies in the next week, by the reader's first day of it."""
    which, what = line.low(index), line.low(index + 1)
    if which not in ("this", "next"):
        return None
    weekday = SATURDAY if what == "weekend" else WEEKDAYS.get(what)
    if weekday is None:
        day = _next_period(what, context) if which == "next" else None
    elif which == "next":
        day = context.next_week + timedelta(days=(weekday - context.week_start) % 7)
    elif what == "weekend" and context.today.weekday() > SATURDAY:
        day = context.today
    else:
        day = context.today + timedelta(days=(weekday - context.today.weekday()) % 7)
    return (Day(day, Doubt.SOME), index + 2) if day else None


def _next_period(unit: str, context: Context) -> date | None:
    today = context.today
    match unit:
        case "week":
            return context.next_week
        case "month":
            return add_units(today.replace(day=1), 1, "month")
        case "year":
            return add_units(date(today.year, 1, 1), 1, "year")
    return None


def _read_distance(line: Line, index: int, context: Context) -> tuple[Day, int] | None:
    """ "in 3 days", "in a week"; not "in a day", which is only ever prose, nor "in 80 Days", which is a title."""
    if line.low(index) != "in":
        return None
    unit = UNITS.get(line.low(index + 2))
    number = number_of(line.low(index + 1))
    if line.low(index + 1) == "a" and unit != "day":
        number = 1
    if unit is None or number is None or line.is_name(index + 2):
        return None
    day = add_units(context.today, number, unit)
    return (Day(day), index + 3) if day else None


def _read_weekday(line: Line, index: int, context: Context) -> tuple[Day, int] | None:
    """A weekday is the next one after today. One before a date ("Fri 27 Nov") must be the date's."""
    name = line.low(index)
    weekday = WEEKDAYS.get(name)
    if weekday is None:
        return None
    after = index + (2 if line.low(index + 1) == "," else 1)
    dated = _read_date(line, after, context) or _read_iso(line, after, context)
    if dated is not None:
        return dated if dated[0].date.weekday() == weekday else None
    days = (weekday - context.today.weekday() - 1) % 7 + 1
    doubt = Doubt.MUCH if name in DOUBTFUL_WEEKDAYS else Doubt.SOME
    return Day(context.today + timedelta(days=days), doubt), index + 1


def _read_date(line: Line, index: int, context: Context) -> tuple[Day, int] | None:
    found = read_day_of_year(line, index)
    if found is None:
        return None
    month, number, after = found
    year, after = _read_year(line, after)
    day = _in_year(year, month, number) if year else _next_such_day(month, number, context.today)
    if day is None:
        return None
    return Day(day, Doubt.NONE if year else _doubt_of_date(line, index)), after


def _doubt_of_date(line: Line, index: int) -> Doubt:
    """ "5 jan" and "may 5th" are dates, "jan 5" hardly anything else, but "march 5" may go on with "miles"."""
    words = line.low(index), line.low(index + 1)
    if any(map(ordinal_of, words)):
        return Doubt.NONE
    if not DOUBTFUL_MONTHS.isdisjoint(words):
        return Doubt.MUCH
    return Doubt.SOME if words[0] in MONTHS else Doubt.NONE


def _read_year(line: Line, index: int) -> tuple[int | None, int]:
    """A year with or without a comma before it. One that no task is due in is handed on, to be refused."""
    after = index + (1 if line.low(index) == "," else 0)
    if re.fullmatch(r"[0-9]{4}", line.low(after)):
        return int(line.low(after)), after + 1
    return None, index


def _in_year(year: int, month: int, number: int) -> date | None:
    if year not in YEARS or number > monthrange(year, month)[1]:
        return None
    return date(year, month, number)


def _next_such_day(month: int, number: int, today: date) -> date | None:
    """The next day of that month and number, today included; 29 February may be eight years away."""
    candidates = (_in_year(year, month, number) for year in range(today.year, today.year + 9))
    return next((day for day in candidates if day and day >= today), None)


def _read_ordinal(line: Line, index: int, context: Context) -> tuple[Day, int] | None:
    """ "5th": the next one, today included, in a month that has it."""
    number = ordinal_of(line.low(index))
    if number is None:
        return None
    day = next((day for day in _days_from(context.today) if day.day == number), None)
    return (Day(day, Doubt.MUCH), index + 1) if day else None


def _days_from(today: date) -> Iterator[date]:
    return (today + timedelta(days=days) for days in range(62))


def _day_number(word: str) -> int | None:
    """The day of the month that "5" or "5th" states."""
    if re.fullmatch(r"[0-9]{1,2}", word) and 1 <= int(word) <= 31:
        return int(word)
    return ordinal_of(word)
