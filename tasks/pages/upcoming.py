"""Upcoming: what is due after today, by day, later by week and month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.requests import SignedInRequest
from tasks.models import Task
from tasks.pages.lists import more
from tasks.pages.rows import LIMIT, Group, Row, by_time, for_rows, grouped, rows_of
from tasks.wording import day_words

DAYS = 14  # shown one by one, those without a task, too
WEEKS = 6  # after these, tasks are in groups of a month


@dataclass(frozen=True)
class StripDay:
    """A day of the strip that jumps down the page; ``colour`` is that of its first task's project."""

    id: str
    date: date
    number: int
    colour: str


@login_required
@require_safe
def upcoming(request: SignedInRequest) -> HttpResponse:
    reader, now = request.user, timezone.now()
    due = Task.objects.visible_to(reader).open().due_after_today_of(reader, now)
    first = for_rows(due).order_by("due_date", "-priority", "position")[:LIMIT]
    rows = sorted(rows_of(first, reader, now), key=by_time)
    today = reader.today(now)
    days = _next_days(rows, today)
    later = [row for row in rows if row.day and row.day > days[-1][0]]
    number = len(rows)
    context = {
        "groups": [
            *(group for _day, group in days),
            *grouped(later, lambda row: _later_group(row, days[-1][0], reader)),
        ],
        "strip": [_strip_day(day, group) for day, group in days],
        "subtitle": ngettext("%(number)d task", "%(number)d tasks", number) % {"number": number},
        "is_empty": not rows,
        "more": more(rows, due_from=str(today + timedelta(days=1))),
    }
    return render(request, "tasks/upcoming.html", context)


def _next_days(rows: list[Row], today: date) -> list[tuple[date, Group]]:
    """Each of the next days with its tasks, whose rows leave out the date."""
    days = [today + timedelta(days=number) for number in range(1, DAYS + 1)]
    groups = {day: Group(f"day-{day}", _heading(day, today), note=_("No tasks")) for day in days}
    for row in rows:
        if row.day in groups:
            row.under = row.day
            groups[row.day].rows.append(row)
    return list(groups.items())


def _heading(day: date, today: date) -> str:
    """ "Tomorrow · Sat 21 Nov", "Sun 22 Nov"."""
    return f"{_('Tomorrow')} · {day_words(day)}" if day == today + timedelta(days=1) else day_words(day)


def _strip_day(day: date, group: Group) -> StripDay:
    colour = group.rows[0].task.project.colour if group.rows else ""
    return StripDay(group.id, day, len(group.rows), colour)


def _later_group(row: Row, last_day: date, reader: User) -> Group:
    """The week in which a task is due, or the month where that is far away."""
    day = row.day or last_day
    monday = day - timedelta(days=(day.weekday() - reader.week_start) % 7)
    if monday <= last_day + timedelta(weeks=WEEKS):
        begin = max(monday, last_day + timedelta(days=1))
        end = monday + timedelta(days=6)
        return Group(
            f"week-{begin}", f"{day_words(begin)} – {day_words(end)}" if begin < end else day_words(end)
        )
    return Group(f"month-{day:%Y-%m}", date_format(day, "F Y"))
