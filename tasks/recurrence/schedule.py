"""A rule at its place in time: the instants at which its occurrences are due."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from tasks.recurrence.completion import dates_after_completion
from tasks.recurrence.expansion import Pattern
from tasks.recurrence.parts import RuleError
from tasks.recurrence.rule import Rule
from tasks.recurrence.wallclock import to_local, to_utc

START_YEARS: Final = range(1900, 3000)  # beyond these a start is a slip of the keyboard


@dataclass(frozen=True)
class Schedule:
    """A rule with its start and zone. All instants that go in or out are aware; those that go out are in UTC.

    ``start`` (DTSTART) is naive local time. It is an occurrence only if the rule matches it. Occurrences keep
    its time on the wall clock of ``zone``, across daylight saving. ``exceptions`` (EXDATE) are naive local
    times of occurrences that are left out; as in RFC 5545, COUNT counts them all the same: ten times, of
    which one is skipped, is nine.
    """

    rule: Rule
    start: datetime
    zone: ZoneInfo
    exceptions: frozenset[datetime] = frozenset()

    def __post_init__(self) -> None:
        if any(moment.tzinfo is not None for moment in (self.start, *self.exceptions)):
            raise ValueError(
                "Start and exceptions are local times of the zone, so they carry no zone of their own."
            )
        if self.start.year not in START_YEARS:
            raise RuleError(
                f"The start must lie in {START_YEARS[0]} to {START_YEARS[-1]}, not in {self.start.year}.",
                field="start_date",
            )

    def first(self) -> datetime | None:
        """The first occurrence, or None if the rule has none."""
        return next(self._kept(self._from_start()), None)

    def after(self, occurrence: datetime, *, made: int | None = None) -> datetime | None:
        """The next occurrence later than ``occurrence``, or None if the series has ended.

        ``made`` is how many occurrences were made so far, ``occurrence`` included; those left out as
        exceptions are not made. With it, or without COUNT, the cost does not depend on how long ago the start
        was. Without it, COUNT is counted from the start.
        """
        return next(self._kept(self._later(occurrence, made)), None)

    def after_completion(
        self, completed_at: datetime, *, made: int | None = None, occurrence: datetime | None = None
    ) -> datetime | None:
        """The occurrence that follows a completion, or None if the series has ended.

        It is counted from the local date of ``completed_at`` (:func:`dates_after_completion`) and has the
        start's time. ``occurrence`` is the one that was completed: where the count would lead to it again or
        before it, because it was done early, it counts from that occurrence instead. ``made`` is as for
        :meth:`after`; without it this completion counts as the only one.
        """
        if self.rule.count is not None and (1 if made is None else made) >= self.rule.count:
            return None
        found = self._first_after_day(to_local(completed_at, self.zone).date())
        if found is None or occurrence is None or found > occurrence:
            return found
        return self._first_after_day(to_local(occurrence, self.zone).date())

    def between(self, begin: datetime, end: datetime) -> Iterator[datetime]:
        """The occurrences from ``begin`` (included) to ``end`` (not included), ascending."""
        candidates = self._near(begin) if self.rule.count is None else self._from_start()
        for instant in self._kept(candidates):
            if instant >= end:
                return
            if instant >= begin:
                yield instant

    def preview(self, number: int, after: datetime | None = None) -> list[datetime]:
        """The first ``number`` occurrences (later than ``after``, if given); fewer where the series ends."""
        candidates = self._from_start() if after is None else self._later(after, None)
        return list(islice(self._kept(candidates), number))

    def _later(self, moment: datetime, made: int | None) -> Iterator[datetime]:
        """What is later than ``moment``, exceptions included, as far as COUNT allows."""
        count = self.rule.count
        if count is not None and made is None:
            return (instant for instant in self._from_start() if instant > moment)
        later = (instant for instant in self._near(moment) if instant > moment)
        if count is None or made is None:
            return later
        return islice(later, max(0, count - made - self._left_out_until(moment)))

    def _left_out_until(self, moment: datetime) -> int:
        """How many exceptions up to ``moment`` are of this series, so that COUNT counts them."""
        days = {local.date() for local in self.exceptions if to_utc(local, self.zone) <= moment}
        return sum(day in self._pattern and self._is_left_out(self._instant(day)) for day in days)

    def _from_start(self) -> Iterator[datetime]:
        return islice(self._series(self.start.date()), self.rule.count)

    def _near(self, moment: datetime) -> Iterator[datetime]:
        """The series from shortly before ``moment``, without a look at what was earlier."""
        if moment <= self._instant(self.start.date()):
            return self._series(self.start.date())
        # One day earlier: a date line that moves makes a whole day vanish, and its occurrence falls on the
        # next.
        return self._series(to_local(moment, self.zone).date() - timedelta(days=1))

    def _series(self, day: date) -> Iterator[datetime]:
        """The rule's instants from a local date on, up to UNTIL, exceptions included."""
        previous = None
        for found in self._pattern.on_or_after(day):
            instant = self._instant(found)
            if self._is_over(found, instant):
                return
            if instant != previous:  # a vanished day gives the same instant as the day after it
                yield instant
            previous = instant

    def _first_after_day(self, completed: date) -> datetime | None:
        for day in dates_after_completion(self.rule, self.start.date(), completed):
            instant = self._instant(day)
            if self._is_over(day, instant):
                return None
            if not self._is_left_out(instant):
                return instant
        return None

    def _is_over(self, day: date, instant: datetime) -> bool:
        until = self.rule.until
        if isinstance(until, datetime):
            return instant > until
        return until is not None and day > until

    def _kept(self, instants: Iterable[datetime]) -> Iterator[datetime]:
        return (instant for instant in instants if not self._is_left_out(instant))

    def _is_left_out(self, instant: datetime) -> bool:
        return instant in self._exception_instants

    def _instant(self, day: date) -> datetime:
        return to_utc(datetime.combine(day, self.start.time()), self.zone)

    @cached_property
    def _exception_instants(self) -> frozenset[datetime]:
        """Compared as instants, so the local time of an occurrence that a gap moved leaves it out too."""
        return frozenset(to_utc(local, self.zone) for local in self.exceptions)

    @cached_property
    def _pattern(self) -> Pattern:
        return Pattern(self.rule, self.start.date())
