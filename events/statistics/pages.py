"""The page of one's own statistics."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.requests import SignedInRequest
from events.models import Projection
from events.statistics import charts
from events.statistics.figures import DAY, Figures
from tasks.models import Project, Task

PERIODS: Final = {
    "2-weeks": (2, gettext_lazy("2 weeks")),
    "8-weeks": (8, gettext_lazy("8 weeks")),
    "year": (52, gettext_lazy("Year")),
}
USUAL: Final = "8-weeks"
DAYS_SHOWN: Final = 14
WEEKS_OF_SQUARES: Final = 40
MOST: Final = 8  # projects or tags that are named


@dataclass(frozen=True)
class Share:
    """A project or tag among those in which tasks were completed."""

    name: str
    number: int
    colour: str = ""


class Shown:
    """The figures of a period for one reader. Weeks begin on the day that the reader chose."""

    def __init__(self, reader: User, period: str) -> None:
        self.reader, self.period = reader, period
        self.today = reader.today(timezone.now())
        self.week = self.today - ((self.today.weekday() - reader.week_start) % 7) * DAY
        weeks = PERIODS[period][0]
        self.figures = Figures(reader, self.week - timedelta(weeks=weeks - 1), self.week + 6 * DAY)

    @property
    def is_empty(self) -> bool:
        return not self.figures.known

    # --- Tiles -----------------------------------------------------------------------------------------

    @property
    def this_week(self) -> int:
        return self._completed(self.week, self.week + 6 * DAY)

    @property
    def last_week(self) -> str:
        left = 6 - (self.today - self.week).days
        last = self._completed(self.week - 7 * DAY, self.week - DAY)
        days = ngettext("%(n)d day left", "%(n)d days left", left) % {"n": left}
        return _("%(number)d last week, %(days)s") % {"number": last, "days": days}

    def _completed(self, first: date, last: date) -> int:
        return sum(day.completed for day in self.figures.days(first, last))

    @property
    def streak(self) -> str:
        return _days(self.figures.streak(self.today).days)

    @property
    def longest_streak(self) -> str:
        longest = self.figures.longest_streak
        if longest.last is None:
            return _("One task a day makes it grow")
        month = date_format(longest.last, "F" if longest.last.year == self.today.year else "F Y")
        return _("Longest %(number)d, in %(month)s") % {"number": longest.days, "month": month}

    @property
    def on_time(self) -> int | None:
        """Percent; None where nothing that was completed had a due date."""
        return _percent(self.figures.total.on_time, self.figures.total.due)

    @property
    def on_time_trend(self) -> int | None:
        """Points more or fewer than in the period before; None where there is nothing to compare with."""
        before = _percent(self.figures.before.on_time, self.figures.before.due)
        return None if self.on_time is None or before is None else self.on_time - before

    @cached_property
    def overdue(self) -> list[Task]:
        late = Task.objects.visible_to(self.reader).overdue(timezone.now())
        return list(late.order_by("deadline_at"))

    # --- Charts ----------------------------------------------------------------------------------------

    @cached_property
    def days(self) -> list[tuple[str, int]]:
        found = self.figures.days(self.today - (DAYS_SHOWN - 1) * DAY, self.today)
        return [(date_format(day.day, _("j M")), day.completed) for day in found]

    @property
    def day_chart(self) -> charts.Bars:
        return charts.bars([number for _, number in self.days], [label.split()[0] for label, _ in self.days])

    @property
    def best_day(self) -> tuple[str, int]:
        return max(self.days, key=lambda day: day[1])

    @cached_property
    def weeks(self) -> list[tuple[str, int, int]]:
        return [
            (date_format(week.day, _("j M")), week.created, week.completed) for week in self.figures.weeks()
        ]

    @property
    def week_chart(self) -> charts.Lines:
        return charts.lines(self.figures.weeks(), [label for label, _created, _completed in self.weeks])

    @property
    def squares(self) -> charts.Heat:
        first = self.week - timedelta(weeks=WEEKS_OF_SQUARES - 1)
        return charts.heat(self.figures.days(first, self.today), self.reader.week_start)

    @property
    def squares_since(self) -> str:
        return date_format(self.week - timedelta(weeks=WEEKS_OF_SQUARES - 1), "F")

    @cached_property
    def months(self) -> list[tuple[str, int]]:
        """The numbers behind the squares: a table of every day would be no help."""
        first = self.week - timedelta(weeks=WEEKS_OF_SQUARES - 1)
        sums: dict[str, int] = {}
        for day in self.figures.days(first, self.today):
            month = date_format(day.day, "F Y")
            sums[month] = sums.get(month, 0) + day.completed
        return list(sums.items())

    # --- Projects and tags -----------------------------------------------------------------------------

    @cached_property
    def projects(self) -> list[Share]:
        """A project that the reader cannot see any more has no name; what they did there stays theirs."""
        most = self.figures.by_project[:MOST]
        visible = Project.objects.visible_to(self.reader).in_bulk([key for key, _number in most])
        known = {key: (project.name, project.colour) for key, project in visible.items()}
        unknown = (_("Another project"), "")
        return [Share(known.get(key, unknown)[0], n, known.get(key, unknown)[1]) for key, n in most]

    @property
    def tags(self) -> list[Share]:
        return [Share(f"@{tag}", number) for tag, number in self.figures.by_tag[:MOST]]


@login_required
@require_safe
def statistics(request: SignedInRequest) -> HttpResponse:
    """What a person created and completed; ``?period=`` is one of ``PERIODS``."""
    period = request.GET.get("period", USUAL)
    shown = Shown(request.user, period if period in PERIODS else USUAL)
    context: dict[str, Any] = {
        "shown": shown,
        "periods": [(name, words, name == shown.period) for name, (_weeks, words) in PERIODS.items()],
        "words": PERIODS[shown.period][1],
        "building": Projection.objects.shown().first(),
    }
    return render(request, "events/statistics.html", context)


def _days(number: int) -> str:
    return ngettext("%(n)d day", "%(n)d days", number) % {"n": number}


def _percent(part: int, whole: int) -> int | None:
    return round(100 * part / whole) if whole else None
