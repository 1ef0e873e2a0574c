"""Upcoming: what is due after today, by day, later by week and month."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

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
from tasks.pages.lists import whole
from tasks.pages.rows import LIMIT, Group, Row, by_time, for_rows, grouped, rows_of
from tasks.wording import day_words

DAYS = 14  # shown one by one, those without a task, too
WEEKS = 6  # after these, tasks are in groups of a month


@dataclass
class Day:
    """One of the next days. ``id`` is where the strip of days leads: the group that it is in."""

    date: date
    rows: list[Row]
    id: str = ""

    @property
    def colour(self) -> str:
        return self.rows[0].task.project.colour if self.rows else ""


@login_required
@require_safe
def upcoming(request: SignedInRequest) -> HttpResponse:
    reader, now = request.user, timezone.now()
    due = Task.objects.visible_to(reader).open().due_after_today_of(reader, now)
    first = for_rows(due).order_by("due_date", "-priority", "position")[:LIMIT]
    rows = sorted(rows_of(first, reader, now, moves="day"), key=by_time)
    today = reader.today(now)
    days = _next_days(rows, today)
    last_day = days[-1].date
    later = [row for row in rows if row.day and row.day > last_day]
    context = {
        "groups": [
            *_day_groups(days, today),
            *grouped(later, lambda row: _later_group(row, last_day, reader)),
        ],
        "days": days,
        "view_query": "view=upcoming",
        "subtitle": ngettext("%(number)d task", "%(number)d tasks", len(rows)) % {"number": len(rows)},
        "is_empty": not rows,
        "whole": whole(rows, reader, due_from=str(today + timedelta(days=1))),
    }
    return render(request, "tasks/upcoming.html", context)


def _next_days(rows: list[Row], today: date) -> list[Day]:
    """Each of the next days with its tasks, whose rows leave out the date."""
    days = {each: Day(each, []) for each in (today + timedelta(days=number) for number in range(1, DAYS + 1))}
    for row in rows:
        if row.day in days:
            row.under = row.day
            days[row.day].rows.append(row)
    return list(days.values())


def _day_groups(days: list[Day], today: date) -> Iterator[Group]:
    """A group for each day; free days that follow each other share one."""
    for _key, run in groupby(days, key=lambda day: day.date if day.rows else None):
        first, *others = run
        title = _heading(first.date, today)
        if others:
            title = f"{title} – {day_words(others[-1].date)}"
        for day in (first, *others):
            day.id = f"day-{first.date}"
        yield Group(first.id, title, first.rows, note=_("No tasks"), sets="day", value=str(first.date))


def _heading(day: date, today: date) -> str:
    """ "Tomorrow · Sat 21 Nov", "Sun 22 Nov"."""
    return f"{_('Tomorrow')} · {day_words(day)}" if day == today + timedelta(days=1) else day_words(day)


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
