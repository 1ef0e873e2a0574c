"""When something is due: a day, a time, or both, in either order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from tasks.quickadd.clock import Clock, Form, read_at, read_clock, read_part, read_time
from tasks.quickadd.dates import Context, Day, read_day
from tasks.quickadd.line import Doubt, Line
from tasks.quickadd.vocabulary import PARTS_OF_DAY, RANGES, SHORT_UNITS, WEEKDAYS, number_of, ordinal_of

_PREPOSITIONS: Final = ("on", "by")
_STAMP: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2})")


@dataclass(frozen=True, slots=True)
class When:
    """What was stated about the due date.

    ``instant`` is set for "in 2 hours" and stands alone. ``is_loose`` marks a time that only a part of the
    day stands for ("tonight"), which is dropped when it has passed.
    """

    day: date | None = None
    time: time | None = None
    instant: datetime | None = None
    is_loose: bool = False

    @property
    def names_day(self) -> bool:
        return self.day is not None or self.instant is not None


def read_when(line: Line, index: int, context: Context) -> tuple[When, int] | None:
    """The due date that the words from ``index`` on state, and the index after them."""
    for read in (_read_countdown, _read_stamp, _read_part_of_today, _read_day_first, _read_time_first):
        found = read(line, index, context)
        if found is not None:
            return None if _is_in_range(line, index, found[1]) else found
    return None


def _read_countdown(line: Line, index: int, context: Context) -> tuple[When, int] | None:
    """ "in 2 hours", counted in real time, to the minute."""
    if line.low(index) != "in":
        return None
    unit = SHORT_UNITS.get(line.low(index + 2))
    number = 1 if line.low(index + 1) == "an" and unit == 60 else number_of(line.low(index + 1))
    if unit is None or number is None:
        return None
    instant = context.now + timedelta(minutes=number * unit)
    return When(instant=instant.replace(second=0, microsecond=0)), index + 3


def _read_stamp(line: Line, index: int, context: Context) -> tuple[When, int] | None:
    """ "2026-12-05T17:30", as programs write it."""
    match = _STAMP.fullmatch(line.low(index))
    if match is None:
        return None
    parts = Line.of(f"{match[1]} {match[2]}")
    day, clock = read_day(parts, 0, context), read_clock(parts, 1)
    if day is None or clock is None:
        return None
    return When(day[0].date, clock[0].within(None)), index + 1


def _read_part_of_today(line: Line, index: int, context: Context) -> tuple[When, int] | None:
    """ "tonight", "this evening", with or without a time."""
    if line.low(index) == "tonight":
        part, after = "night", index + 1
    elif line.low(index) == "this" and line.low(index + 1) in PARTS_OF_DAY:
        part, after = line.low(index + 1), index + 2
    else:
        return None
    found = read_at(line, after) or read_clock(line, after)
    if found is None:
        return When(context.today, PARTS_OF_DAY[part], is_loose=True), after
    clock, after = found
    return When(context.today, clock.within(part)), after


def _read_day_first(line: Line, index: int, context: Context) -> tuple[When, int] | None:
    begin = _after_preposition(line, index)
    found = read_day(line, begin, context)
    if found is None or (begin == index and line.is_bound(index)):
        return None
    day, end = found
    doubt = day.doubt if begin == index else day.doubt.less()
    timed = read_time(line, end) or (read_time(line, end + 1) if line.low(end) == "," else None)
    if timed is None:
        return (When(day.date), end) if line.stands(index, end, doubt) else None
    part = read_part(line, end)
    has_clock = part is None or part[1] != timed[1]  # "Friday Night Lights" has none
    if not has_clock and not line.stands(index, timed[1], doubt):
        return None
    return When(day.date, timed[0]), timed[1]


def _after_preposition(line: Line, index: int) -> int:
    """The index after "on", "by", "due", "due on", and after "the" where "5th" follows ("on the 5th")."""
    begin = index + 1 if line.low(index) == "due" else index
    begin += line.low(begin) in _PREPOSITIONS
    names_month = line.low(begin + 2) == "of"
    if line.low(begin) == "the" and ordinal_of(line.low(begin + 1)) and (begin > index or names_month):
        begin += 1
    return begin


def _read_time_first(line: Line, index: int, context: Context) -> tuple[When, int] | None:
    begin = index + (line.low(index) in ("by", "due"))
    at = read_at(line, begin)
    found = at or read_clock(line, begin)
    if found is None or (begin == index and at is None and line.is_bound(index)):
        return None
    clock, end = found
    part, end = read_part(line, end) or (None, end)
    dated = _read_day_after(line, end, context)
    if dated is not None:
        return When(dated[0].date, clock.within(part)), dated[1]
    is_stated = part is not None or begin > index or at is not None
    if not is_stated and clock.form is Form.NAMED and line.is_name(index):  # "High Noon"
        return None
    doubt = _doubt_of_time(clock, is_stated=is_stated)
    return (When(time=clock.within(part)), end) if line.stands(index, end, doubt) else None


def _read_day_after(line: Line, index: int, context: Context) -> tuple[Day, int] | None:
    """A day after a time: "5pm tomorrow", "at 9 on friday"."""
    begin = index + (line.low(index) == ",")
    begin += line.low(begin) in _PREPOSITIONS
    found = read_day(line, begin, context)
    if found is None or not line.stands(index, found[1], found[0].doubt.less()):
        return None
    return found


def _doubt_of_time(clock: Clock, *, is_stated: bool) -> Doubt:
    """ "at 9" may go on as an address; "noon" and "midnight" without "at" often belong to a name."""
    is_doubtful = clock.form is Form.BARE or (clock.form is Form.NAMED and not is_stated)
    return Doubt.MUCH if is_doubtful else Doubt.NONE


def _is_in_range(line: Line, begin: int, end: int) -> bool:
    """Whether the words are one end of a range: of "5pm to 6pm" and "monday - friday" nothing is taken."""
    leads_on = line.low(end) in RANGES and _is_temporal(line, end + 1)
    return leads_on or (line.low(begin - 1) in RANGES and _is_temporal(line, begin - 2))


def _is_temporal(line: Line, index: int) -> bool:
    is_half = line.low(index) in ("am", "pm")  # the end of "5 pm"
    return is_half or line.low(index) in WEEKDAYS or read_clock(line, index) is not None
