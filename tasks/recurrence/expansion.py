"""The dates of a rule, computed from any day onwards without walking there from the start.

Time is cut into the rule's periods (days, weeks, months or years), numbered without a gap. Where a date
falls, its period's number says whether it is in step with INTERVAL, and the dates within one period follow
from that period alone.
"""

from __future__ import annotations

from calendar import isleap, monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from math import gcd
from typing import Final

from tasks.recurrence.parts import ByDay, Frequency, Skip, Weekday
from tasks.recurrence.rule import Rule

LAST_DAY: Final = date(9998, 12, 31)  # a year before `datetime` ends, so that no sum leaves the calendar

# The Gregorian calendar repeats after 400 years, which are whole weeks. What has no date in one such cycle
# has none.
PERIODS_IN_CYCLE: Final = {
    Frequency.DAILY: 146_097,
    Frequency.WEEKLY: 146_097 // 7,
    Frequency.MONTHLY: 400 * 12,
    Frequency.YEARLY: 400,
}


@dataclass(frozen=True)
class Pattern:
    """The dates of ``rule`` for a series that starts on ``start``; its COUNT and UNTIL are not looked at.

    What the rule leaves open is taken from the start (RFC 5545 section 3.3.10): "every month" means the
    start's day.
    """

    rule: Rule
    start: date

    def on_or_after(self, day: date) -> Iterator[date]:
        """The dates from ``day`` on, ascending, until none can follow. What was before is never looked at."""
        empty = 0
        period = self._first_period(day)
        while period <= self.period_of(LAST_DAY) and empty < self._periods_until_repetition:
            dates = self.dates_in(period)
            empty = 0 if dates else empty + 1
            yield from (found for found in dates if found >= max(day, self.start))
            period += self.rule.interval

    def __contains__(self, day: date) -> bool:
        period = self.period_of(day)
        in_step = (period - self.period_of(self.start)) % self.rule.interval == 0
        return day >= self.start and in_step and day in self.dates_in(period)

    def dates_in(self, period: int) -> list[date]:
        """The dates of one period, ascending; those before the start included."""
        dates = [day for day in self._days_of(period) if self._matches(day)]
        if not self.rule.by_set_pos:
            return dates
        return [
            day
            for position, day in enumerate(dates, start=1)
            if _is_numbered(self.rule.by_set_pos, position, len(dates))
        ]

    def period_of(self, day: date) -> int:
        """The number of the period that ``day`` lies in."""
        match self.rule.freq:
            case Frequency.DAILY:
                return day.toordinal()
            case Frequency.WEEKLY:
                return (day.toordinal() - 1 - self.rule.week_start) // 7  # ordinal 1 is a Monday
            case Frequency.MONTHLY:
                return day.year * 12 + day.month - 1
            case Frequency.YEARLY:
                return day.year

    def first_day_of(self, period: int) -> date:
        """The day on which a period begins, at most :data:`LAST_DAY`."""
        if period > self.period_of(LAST_DAY):
            return LAST_DAY
        match self.rule.freq:
            case Frequency.DAILY:
                return date.fromordinal(period)
            case Frequency.WEEKLY:
                return date.fromordinal(period * 7 + 1 + self.rule.week_start)
            case Frequency.MONTHLY:
                return date(period // 12, period % 12 + 1, 1)
            case Frequency.YEARLY:
                return date(period, 1, 1)

    def _first_period(self, day: date) -> int:
        origin, interval = self.period_of(self.start), self.rule.interval
        distance = max(0, self.period_of(day) - origin)
        return origin + -(-distance // interval) * interval

    @cached_property
    def _periods_until_repetition(self) -> int:
        cycle = PERIODS_IN_CYCLE[self.rule.freq]
        return cycle // gcd(cycle, self.rule.interval)

    def _days_of(self, period: int) -> Iterable[date]:
        first = self.first_day_of(period)
        match self.rule.freq:
            case Frequency.DAILY:
                return (first,)
            case Frequency.WEEKLY:
                return (first + timedelta(days=days) for days in range(7))
            case Frequency.MONTHLY:
                return _days_of_month(first.year, first.month)
            case Frequency.YEARLY:
                months = self._months or range(1, 13)
                return (day for month in months for day in _days_of_month(period, month))

    def _matches(self, day: date) -> bool:
        return (
            (not self._months or day.month in self._months)
            and (not self._month_days or self._is_month_day(day))
            and (not self.rule.by_year_day or self._is_year_day(day))
            and (not self.rule.by_week_no or self._is_in_week(day))
            and (not self._weekdays or self._is_weekday(day))
        )

    @cached_property
    def _months(self) -> tuple[int, ...]:
        is_bare = self.rule.freq is Frequency.YEARLY and not self.rule.selects_days
        return (self.start.month,) if is_bare else self.rule.by_month

    @cached_property
    def _month_days(self) -> tuple[int, ...]:
        rule = self.rule
        names_a_day = rule.by_day or rule.by_month_day or rule.by_year_day or rule.by_week_no
        if rule.freq in (Frequency.MONTHLY, Frequency.YEARLY) and not names_a_day:
            return (self.start.day,)
        return rule.by_month_day

    @cached_property
    def _weekdays(self) -> tuple[ByDay, ...]:
        rule = self.rule
        only_weeks = rule.by_week_no and not (rule.by_day or rule.by_month_day or rule.by_year_day)
        if only_weeks or (rule.freq is Frequency.WEEKLY and not rule.by_day):
            return (ByDay(Weekday(self.start.weekday())),)
        return rule.by_day

    def _is_month_day(self, day: date) -> bool:
        return _is_numbered(self._month_days, day.day, _days_in_month(day), clamp=self._clamps)

    def _is_year_day(self, day: date) -> bool:
        return _is_numbered(self.rule.by_year_day, _day_of_year(day), _days_in_year(day), clamp=self._clamps)

    @property
    def _clamps(self) -> bool:
        return self.rule.skip is Skip.BACKWARD

    def _is_in_week(self, day: date) -> bool:
        number, weeks = _week_of_year(day, self.rule.week_start)
        return _is_numbered(self.rule.by_week_no, number, weeks)

    def _is_weekday(self, day: date) -> bool:
        return any(
            wanted.weekday == day.weekday()
            and (not wanted.ordinal or wanted.ordinal in self._ordinals_of(day))
            for wanted in self._weekdays
        )

    def _ordinals_of(self, day: date) -> tuple[int, int]:
        """Which of its weekday ``day`` is, counted from the first and from the last, in its month or year."""
        if self.rule.freq is Frequency.MONTHLY or self.rule.by_month:
            number, last = day.day, _days_in_month(day)
        else:
            number, last = _day_of_year(day), _days_in_year(day)
        return (number - 1) // 7 + 1, -((last - number) // 7 + 1)


def _is_numbered(wanted: tuple[int, ...], number: int, last: int, *, clamp: bool = False) -> bool:
    """Whether the ``number``-th of ``last`` things is wanted, by its number from the front or from the end.

    With ``clamp`` the last one also stands for those that there are not.
    """
    if number in wanted or number - last - 1 in wanted:
        return True
    return clamp and number == last and max(wanted) > last


def _days_of_month(year: int, month: int) -> list[date]:
    return [date(year, month, day) for day in range(1, monthrange(year, month)[1] + 1)]


def _days_in_month(day: date) -> int:
    return monthrange(day.year, day.month)[1]


def _day_of_year(day: date) -> int:
    return day.toordinal() - date(day.year, 1, 1).toordinal() + 1


def _days_in_year(day: date) -> int:
    return 366 if isleap(day.year) else 365


def _week_of_year(day: date, week_start: Weekday) -> tuple[int, int]:
    """The number of the day's week, and how many weeks that week's year has.

    A week belongs to the year that has at least four of its days (RFC 5545, as ISO 8601): to that of its
    fourth day.
    """
    fourth = day + timedelta(days=3 - (day.weekday() - week_start) % 7)
    days_before = _day_of_year(fourth) - 1
    return days_before // 7 + 1, (_days_in_year(fourth) - 1 - days_before % 7) // 7 + 1
