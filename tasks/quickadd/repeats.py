"""Repeats: "every 2 weeks on mon and wed at 9am until 5 jan", "every! 3 days", "daily"."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, time
from typing import Final, Literal

from tasks.quickadd.clock import read_time
from tasks.quickadd.dates import Context, read_day
from tasks.quickadd.line import Line
from tasks.quickadd.selections import (
    Selection,
    read_day_in_year,
    read_days_in_month,
    read_ordinals,
    read_weekdays,
)
from tasks.quickadd.vocabulary import ORDINAL_WORDS, PARTS_OF_DAY, UNITS, number_of, ordinal_of

_ADVERBS: Final = {
    "daily": "day",
    "weekly": "week",
    "monthly": "month",
    "yearly": "year",
    "annually": "year",
}
_BEGINNINGS: Final = ("starting", "beginning", "from")
_ENDINGS: Final = ("until", "till", "ending")


@dataclass(frozen=True, slots=True)
class Repeat:
    """What was stated about a series.

    ``every`` says how often, ``time`` at which time of day. It may begin ``begin`` and end after ``count``
    occurrences, on ``until``, or after a ``span`` such as (3, "week") from its first occurrence.
    """

    every: Selection
    anchor: Literal["schedule", "completion"] = "schedule"
    time: time | None = None
    begin: date | None = None
    count: int | None = None
    until: date | None = None
    span: tuple[int, str] | None = None

    @property
    def ends(self) -> bool:
        return bool(self.count or self.until or self.span)


def read_repeat(line: Line, index: int, context: Context) -> tuple[Repeat, int] | None:
    """The series that the words from ``index`` on state, and the index after them."""
    if line.is_bound(index):
        return None
    return _read_every(line, index, context) or _read_adverb(line, index, context)


def _read_every(line: Line, index: int, context: Context) -> tuple[Repeat, int] | None:
    if line.low(index) != "every":
        return None
    from_completion = line.low(index + 1) == "!" and line.words[index + 1].start == line.words[index].end
    found = _read_selection(line, index + (2 if from_completion else 1))
    if found is None:
        return None
    every, after = found
    anchor: Literal["schedule", "completion"] = "completion" if from_completion else "schedule"
    repeat, end = _read_tail(line, after, Repeat(every, anchor), context)
    return (repeat, end) if end > after or line.stands(index, end, every.doubt) else None


def _read_adverb(line: Line, index: int, context: Context) -> tuple[Repeat, int] | None:
    """ "Standup daily 9am"; not "Daily standup" nor "the daily", so it stands last and not first."""
    unit = _ADVERBS.get(line.low(index))
    if unit is None or line.is_name(index) or not line.has_text_before(index):
        return None
    every, after = _read_place(line, index + 1, Selection(unit))
    repeat, end = _read_tail(line, after, Repeat(every), context)
    return (repeat, end) if line.pauses(end) else None


def _read_selection(line: Line, index: int) -> tuple[Selection, int] | None:
    """What may follow "every"."""
    for read in (_read_units, _read_part, read_day_in_year, read_days_in_month):
        found = read(line, index)
        if found is not None:
            return found
    interval, after = _read_interval(line, index)
    found = read_weekdays(line, after)
    return (replace(found[0], interval=interval), found[1]) if found else None


def _read_units(line: Line, index: int) -> tuple[Selection, int] | None:
    """ "day", "2 weeks", "other month", "3rd day", each with where in that unit."""
    interval, after = _read_interval(line, index)
    ordinal = ordinal_of(line.low(index)) or ORDINAL_WORDS.get(line.low(index))
    if ordinal is not None and ordinal > 1 and line.low(index + 2) != "of":
        interval, after = ordinal, index + 1
    unit = UNITS.get(line.low(after))
    if unit is None or (after == index and line.low(after) != unit):
        return None
    return _read_place(line, after + 1, Selection(unit, interval))


def _read_interval(line: Line, index: int) -> tuple[int, int]:
    """How many periods lie between two occurrences, and the index after that number."""
    if line.low(index) == "other":
        return 2, index + 1
    number = number_of(line.low(index))
    return (number, index + 1) if number else (1, index)


def _read_place(line: Line, index: int, every: Selection) -> tuple[Selection, int]:
    """Where in the unit: "on monday", "on the 1st and 15th", "on jan 5"."""
    if line.low(index) != "on":
        return every, index
    after = index + (2 if line.low(index + 1) == "the" else 1)
    readers = {"week": read_weekdays, "month": read_ordinals, "year": read_day_in_year}
    found = readers[every.unit](line, after) if every.unit in readers else None
    if found is None:
        return every, index
    return replace(found[0], interval=every.interval), found[1]


def _read_part(line: Line, index: int) -> tuple[Selection, int] | None:
    """ "morning": every day at that time. The word itself is left for the tail to read."""
    return (Selection("day"), index) if line.low(index) in PARTS_OF_DAY else None


def _read_tail(line: Line, index: int, repeat: Repeat, context: Context) -> tuple[Repeat, int]:
    """A time, a beginning and an end, in any order, each at most once."""
    while True:
        found = _read_tail_part(line, index, repeat, context)
        if found is None and line.low(index) == ",":
            found = _read_tail_part(line, index + 1, repeat, context)
        if found is None:
            return repeat, index
        repeat, index = found


def _read_tail_part(line: Line, index: int, repeat: Repeat, context: Context) -> tuple[Repeat, int] | None:
    word = line.low(index)
    timed = read_time(line, index) if repeat.time is None else None
    if timed is not None:
        return replace(repeat, time=timed[0]), timed[1]
    if word in _BEGINNINGS and repeat.begin is None:
        after = index + (2 if line.low(index + 1) in ("on", "from") else 1)
        day = read_day(line, after, context)
        return (replace(repeat, begin=day[0].date), day[1]) if day else None
    if word in _ENDINGS and not repeat.ends:
        day = read_day(line, index + (2 if line.low(index + 1) == "on" else 1), context)
        return (replace(repeat, until=day[0].date), day[1]) if day else None
    return _read_limit(line, index, repeat) if word == "for" and not repeat.ends else None


def _read_limit(line: Line, index: int, repeat: Repeat) -> tuple[Repeat, int] | None:
    """ "for 5 times", "for 3 weeks"."""
    number, what = number_of(line.low(index + 1)), line.low(index + 2)
    if number is None:
        return None
    if what in ("time", "times"):
        return replace(repeat, count=number), index + 3
    return (replace(repeat, span=(number, UNITS[what])), index + 3) if what in UNITS else None
