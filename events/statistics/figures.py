"""What the statistics say about one person: by day, by project, by tag. Two queries, for any length of time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Final
from uuid import UUID

from django.db.models import Count, Q

from accounts.models import User
from events.models import Deed, DeedKind
from events.models.statistics import DeedQuerySet

DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Day:
    """Numbers of tasks. ``due`` are those of the completed ones that had a due date, ``on_time`` those that kept it."""

    day: date
    created: int = 0
    completed: int = 0
    due: int = 0
    on_time: int = 0


@dataclass(frozen=True)
class Streak:
    """Days in a row on each of which something was completed; ``last`` is the last of them."""

    days: int = 0
    last: date | None = None


class Figures:
    """A person's figures from one day to another (both included), and the streaks of all time."""

    def __init__(self, user: User, first: date, last: date) -> None:
        self.user, self.first, self.last = user, first, last

    @cached_property
    def known(self) -> Mapping[date, Day]:
        """Every day on which something was done, ever: a streak has no beginning that could be known before."""
        completed = Q(kind=DeedKind.COMPLETED)
        rows = self._deeds.values("day").order_by("day")
        counted = rows.annotate(
            created=Count("pk", filter=Q(kind=DeedKind.CREATED)),
            completed=Count("pk", filter=completed),
            due=Count("pk", filter=completed & Q(on_time__isnull=False)),
            on_time=Count("pk", filter=completed & Q(on_time=True)),
        )
        return {row["day"]: Day(**row) for row in counted}

    @property
    def _deeds(self) -> DeedQuerySet:
        return Deed.objects.shown().of(self.user.pk).lasting()

    def days(self, first: date, last: date) -> list[Day]:
        """Every day from one to another, also those on which nothing was done."""
        number = (last - first).days + 1
        return [self.known.get(day, Day(day)) for day in (first + n * DAY for n in range(number))]

    def weeks(self) -> list[Day]:
        """The sums of each seven days from the first one on, each under its first day."""
        days = self.days(self.first, self.last)
        return [total(days[start : start + 7]) for start in range(0, len(days), 7)]

    @cached_property
    def total(self) -> Day:
        return total(self.days(self.first, self.last))

    @cached_property
    def before(self) -> Day:
        """The sums of as many days right before."""
        length = self.last - self.first
        return total(self.days(self.first - length - DAY, self.first - DAY))

    # --- Streaks ---------------------------------------------------------------------------------------

    def streak(self, today: date) -> Streak:
        """The one that is under way: it ends today, or yesterday while today is still to bring something."""
        latest = self._streaks[-1] if self._streaks else Streak()
        return latest if latest.last is not None and latest.last >= today - DAY else Streak()

    @cached_property
    def longest_streak(self) -> Streak:
        return max(reversed(self._streaks), key=lambda streak: streak.days, default=Streak())

    @cached_property
    def _streaks(self) -> list[Streak]:
        return list(_streaks([day for day, done in self.known.items() if done.completed]))

    # --- What it was about -----------------------------------------------------------------------------

    @cached_property
    def by_project(self) -> Sequence[tuple[UUID, int]]:
        """How many tasks were completed in each project, most first."""
        counter: Counter[UUID] = Counter()
        for project, _tags, number in self._completed:
            counter[project] += number
        return counter.most_common()

    @cached_property
    def by_tag(self) -> Sequence[tuple[str, int]]:
        counter: Counter[str] = Counter()
        for _project, tags, number in self._completed:
            counter.update(dict.fromkeys(tags, number))
        return sorted(counter.items(), key=lambda item: (-item[1], item[0]))

    @cached_property
    def _completed(self) -> list[tuple[UUID, list[str], int]]:
        rows = self._deeds.filter(kind=DeedKind.COMPLETED).between(self.first, self.last)
        counted = rows.values("project_id", "tags").annotate(number=Count("pk")).order_by("project_id")
        return list(counted.values_list("project_id", "tags", "number"))


def total(days: Sequence[Day]) -> Day:
    """The sums of some days, under the first of them."""
    return Day(
        days[0].day,
        created=sum(day.created for day in days),
        completed=sum(day.completed for day in days),
        due=sum(day.due for day in days),
        on_time=sum(day.on_time for day in days),
    )


def _streaks(days: Sequence[date]) -> Iterator[Streak]:
    """The streaks in some days, which are in order."""
    length = 0
    for number, day in enumerate(days):
        length += 1
        if number + 1 == len(days) or days[number + 1] != day + DAY:
            yield Streak(length, day)
            length = 0
