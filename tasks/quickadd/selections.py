"""Which days a series falls on: "mon, wed and fri", "weekday", "1st and last day", "last friday", "jan 5"."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, TypeVar

from tasks.quickadd.dates import SATURDAY, read_day_of_year
from tasks.quickadd.line import Doubt, Line
from tasks.quickadd.vocabulary import ORDINAL_WORDS, SPANS, WEEKDAY_PLURALS, WEEKDAYS, ordinal_of
from tasks.recurrence import ByDay, Frequency, Rule, Skip, Weekday

Item = TypeVar("Item")

SHORTEST_MONTH: Final = 28  # days; later days do not exist in every month
_WORKING_DAYS: Final = tuple(range(SATURDAY))
_DAY_GROUPS: Final = {
    "weekday": _WORKING_DAYS,
    "weekdays": _WORKING_DAYS,
    "workday": _WORKING_DAYS,
    "workdays": _WORKING_DAYS,
    "weekend": (SATURDAY,),  # once a weekend, as in "mow the lawn every weekend"
}
_FREQUENCIES: Final = {
    "day": Frequency.DAILY,
    "week": Frequency.WEEKLY,
    "month": Frequency.MONTHLY,
    "year": Frequency.YEARLY,
}


@dataclass(frozen=True, slots=True)
class Selection:
    """How often, and on which days of the unit; no days means the day on which the series starts.

    ``weekdays`` are pairs of weekday (Monday is 0) and which one in the month (0: all, -1: the last), of which
    ``position`` picks one day ("the last weekday"). ``days`` are days of the month (-1: the last).
    """

    unit: str
    interval: int = 1
    weekdays: tuple[tuple[int, int], ...] = ()
    position: int | None = None
    days: tuple[int, ...] = ()
    month: int | None = None
    doubt: Doubt = Doubt.NONE

    def pinned(self, start: date) -> Selection:
        """The same with the start's day named where some months lack it, so that "every month" keeps to it."""
        if self.weekdays or self.days or start.day <= SHORTEST_MONTH:
            return self
        if self.unit == "month":
            return replace(self, days=(start.day,))
        is_leap_day = self.unit == "year" and start.month == 2
        return replace(self, days=(start.day,), month=2) if is_leap_day else self

    def rule(self) -> Rule:
        """As a rule without an end; a day that a month does not have becomes its last (RFC 7529)."""
        return Rule(
            _FREQUENCIES[self.unit],
            interval=self.interval,
            by_day=tuple(ByDay(Weekday(weekday), ordinal) for weekday, ordinal in self.weekdays),
            by_set_pos=(self.position,) if self.position else (),
            by_month_day=self.days,
            by_month=(self.month,) if self.month else (),
            skip=Skip.BACKWARD if self._may_lack_a_day else Skip.OMIT,
        )

    @property
    def _may_lack_a_day(self) -> bool:
        shortest = monthrange(2023, self.month)[1] if self.month else SHORTEST_MONTH
        return max(self.days, default=0) > shortest


def read_weekdays(line: Line, index: int) -> tuple[Selection, int] | None:
    """ "mon, wed and fri", "monday to friday", "weekday and saturday"."""
    found = _read_list(line, index, _read_weekday)
    if found is None:
        return None
    items, after = found
    last = WEEKDAYS.get(line.low(after + 1)) if line.low(after) in SPANS else None
    if last is not None and len(items) == 1 and len(items[0]) == 1:
        first = items[0][0]
        items = [tuple((first + days) % 7 for days in range((last - first) % 7 + 1))]
        after += 2
    numbers = sorted({number for item in items for number in item})
    return Selection("week", weekdays=tuple((number, 0) for number in numbers)), after


def read_day_in_year(line: Line, index: int) -> tuple[Selection, int] | None:
    """ "jan 5", "5 jan", "5th of january"."""
    found = read_day_of_year(line, index)
    if found is None:
        return None
    month, day, after = found
    return Selection("year", days=(day,), month=month), after


def read_days_in_month(line: Line, index: int) -> tuple[Selection, int] | None:
    """ "1st", "15th and last day", "3rd friday", "last weekday", each with or without "of the month"."""
    found = read_ordinals(line, index)
    if found is None:
        return None
    selection, after = found
    words = [line.low(place) for place in range(after, after + 3)]
    if words[0] == "of" and words[1] in ("the", "each", "every") and words[2] == "month":
        return replace(selection, doubt=Doubt.NONE), after + 3
    return None if words[0] == "of" else found


def read_ordinals(line: Line, index: int) -> tuple[Selection, int] | None:
    """Days of a month by number, or by which weekday they are."""
    found = _read_list(line, index, _read_ordinal)
    if found is None:
        return None
    ordinals, after = found
    name = line.low(after)
    if name in ("weekday", "workday") and len(ordinals) == 1:
        everyday = tuple((weekday, 0) for weekday in _WORKING_DAYS)
        return Selection("month", weekdays=everyday, position=ordinals[0]), after + 1
    if name in WEEKDAYS:
        nth = tuple((WEEKDAYS[name], ordinal) for ordinal in ordinals)
        return (Selection("month", weekdays=nth), after + 1) if max(ordinals) <= 5 else None
    if name == "day":
        return Selection("month", days=tuple(ordinals)), after + 1
    has_figure = any(ordinal_of(line.low(place)) for place in range(index, after))
    if not has_figure and line.low(after) != "of":  # "make every second count"
        return None
    return Selection("month", days=tuple(ordinals), doubt=Doubt.SOME), after


def _read_weekday(word: str) -> tuple[int, ...] | None:
    number = WEEKDAYS.get(word, WEEKDAY_PLURALS.get(word))
    return _DAY_GROUPS.get(word) if number is None else (number,)


def _read_ordinal(word: str) -> int | None:
    return ordinal_of(word) or ORDINAL_WORDS.get(word)


def _read_list(line: Line, index: int, read: Callable[[str], Item | None]) -> tuple[list[Item], int] | None:
    """Items with commas, "and" or "&" between them, and the index after the last."""
    first = read(line.low(index))
    if first is None:
        return None
    items, after = [first], index + 1
    while True:
        place = after
        while line.low(place) in (",", "and", "&") and place < after + 2:
            place += 1
        item = read(line.low(place)) if place > after else None
        if item is None:
            return items, after
        items.append(item)
        after = place + 1
