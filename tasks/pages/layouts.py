"""The same tasks as a list under headings, as a board, or as a month."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Q
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tasks.models import Priority, Status
from tasks.models.conditions import is_due_before, is_due_from
from tasks.models.task_queryset import TaskQuerySet
from tasks.pages.filters import FilterForm
from tasks.pages.rows import LIMIT, Group, Row, by_time, for_rows, grouped, rows_of
from tasks.wording import day_words, priority_rank, priority_words

DONE_SHOWN: Final = 20  # cards in the column of what is done
IN_A_DAY: Final = 4  # tasks that a day of the month has room for
OF_A_MONTH: Final = 500  # tasks of a month; those beyond are in the list
WEEK: Final = timedelta(days=7)
COLUMNS: Final = ("status", "priority", "project")
NAMES: Final = {
    Status.PENDING: "circle",
    Status.IN_PROGRESS: "circle-dot",
    Status.COMPLETED: "circle-check",
}


def _read(form: FilterForm, tasks: TaskQuerySet, **view: object) -> list[Row]:
    return rows_of(for_rows(tasks), form.reader.user, form.reader.now, **view)


# --- A list under headings ------------------------------------------------------------------------------


def _by_date(row: Row) -> Group:
    if row.day is None:
        return Group("no-date", _("No date"))
    if row.is_late:
        return Group("overdue", _("Overdue"), tone="danger")
    return Group(f"day-{row.day}", day_words(row.day))


def _by_tag(row: Row) -> Group:
    tags = sorted(row.task.tags)
    return Group(f"tag-{tags[0]}", f"@{tags[0]}") if tags else Group("no-tag", _("No tag"))


HEADINGS: Final[Mapping[str, tuple[Callable[[Row], Group], Callable[[Row], Any]]]] = {
    "date": (_by_date, lambda row: (row.day is None, row.day or date.min)),
    "priority": (
        lambda row: Group(f"priority-{row.rank}", priority_words(row.task.priority)),
        lambda row: row.rank,
    ),
    "project": (
        lambda row: Group(f"project-{row.task.project_id}", row.task.project.name),
        lambda row: (not row.task.project.is_inbox, row.task.project.name.casefold()),
    ),
    "tag": (_by_tag, lambda row: (not row.task.tags, sorted(row.task.tags)[:1])),
    "status": (
        lambda row: Group(f"status-{row.task.status}", row.task.get_status_display()),
        lambda row: Status.values.index(row.task.status),
    ),
}


def under_headings(rows: list[Row], by: str) -> list[Group]:
    """Rows that are in their order already, under headings that are in theirs."""
    group, order = HEADINGS[by]
    return grouped(sorted(rows, key=order), group)


# --- A board --------------------------------------------------------------------------------------------


def board(form: FilterForm, tasks: TaskQuerySet) -> dict[str, Any]:
    """Columns by status, priority or project; a card that is dragged to another one gets what that stands for."""
    by = form.wanted.get("group", "")
    by = by if by in COLUMNS else "status"
    rows = _read(form, form.apply(tasks)[:LIMIT])
    columns = COLUMNS_BY[by](form, rows)
    if by == "status" and "status" not in form.wanted:
        done = tasks.filter(form.condition(of_any_status=True)).completed().order_by("-completed_at", "-pk")
        columns[-1].rows = _read(form, done[:DONE_SHOWN])
    return {"columns": columns, "columns_by": by, "groups": [], "number": len(rows)}


def _statuses(_form: FilterForm, rows: list[Row]) -> list[Group]:
    titles = {Status.PENDING: _("To do"), Status.IN_PROGRESS: _("In progress"), Status.COMPLETED: _("Done")}
    return [
        Group(f"column-{status}", titles[status], [row for row in rows if row.task.status == status],
              sets="status", value=status.value, icon=NAMES[status])
        for status in Status
    ]  # fmt: skip


def _priorities(_form: FilterForm, rows: list[Row]) -> list[Group]:
    return [
        Group(f"column-{priority_rank(rank)}", priority_words(rank),
              [row for row in rows if row.task.priority == rank],
              sets="priority", value=str(rank.value), icon="flag")
        for rank in reversed(Priority)
    ]  # fmt: skip


def _projects(form: FilterForm, rows: list[Row]) -> list[Group]:
    """Those that have tasks here."""
    used = {str(row.task.project_id) for row in rows}
    return [
        Group(f"column-{key}", name, [row for row in rows if str(row.task.project_id) == key],
              sets="project", value=key, icon="folder")
        for key, name in form.project_names.items()
        if key in used
    ]  # fmt: skip


COLUMNS_BY: Final[Mapping[str, Callable[[FilterForm, list[Row]], list[Group]]]] = {
    "status": _statuses,
    "priority": _priorities,
    "project": _projects,
}


# --- A month --------------------------------------------------------------------------------------------


@dataclass
class Day:
    """A day of the grid. ``rows`` are all of its tasks; ``shown`` those that it has room for."""

    date: date
    is_outside: bool
    is_today: bool
    rows: list[Row] = field(default_factory=list)

    @property
    def is_weekend(self) -> bool:
        return self.date.weekday() > 4

    @property
    def shown(self) -> list[Row]:
        return self.rows[:IN_A_DAY]

    @property
    def others(self) -> int:
        return max(0, len(self.rows) - IN_A_DAY)


def calendar(form: FilterForm, tasks: TaskQuerySet) -> dict[str, Any]:
    """The weeks of a month (``?month=2026-11``), and the tasks of a day of it (``?day=``) below."""
    today, start = form.reader.today, form.reader.user.week_start
    day = _date(form.query.get("day", "")) or today
    month = _date(f"{form.query.get('month', '')}-01") or day.replace(day=1)
    after = (month + timedelta(days=32)).replace(day=1)
    first = month - timedelta(days=(month.weekday() - start) % 7)
    days: dict[date, Day] = {}
    while first < after:
        days |= {each: Day(each, each.month != month.month, each == today) for each in _week(first)}
        first += WEEK
    rows = _due_in(form, tasks, days)
    chosen = day if day in days and not days[day].is_outside else month
    listed = list(days.values())
    return {
        "month": date_format(month, "F Y"),
        "weeks": [listed[n : n + 7] for n in range(0, len(listed), 7)],
        "earlier": form.query_with(month=f"{month - timedelta(days=1):%Y-%m}", day=""),
        "later": form.query_with(month=f"{after:%Y-%m}", day=""),
        "now": form.query_with(month="", day=""),
        **_week_of(form, chosen, days),
        "groups": [],
        "number": len(rows),
    }


def _week_of(form: FilterForm, chosen: date, days: dict[date, Day]) -> dict[str, Any]:
    """The week around a day, which is all that a phone has room for; the chosen day of it stands under the month."""
    first = chosen - timedelta(days=(chosen.weekday() - form.reader.user.week_start) % 7)

    def query(day: date) -> str:
        return form.query_with(month=f"{day:%Y-%m}", day=day.isoformat())

    return {
        "week": [
            (
                Group(f"day-{day}", day_words(day), days[day].rows, note=_("No tasks")),
                days[day],
                query(day),
                day == chosen,
            )
            for day in _week(first)
        ],
        "week_earlier": query(chosen - WEEK),
        "week_later": query(chosen + WEEK),
    }


def _week(first: date) -> list[date]:
    return [first + timedelta(days=number) for number in range(7)]


def _due_in(form: FilterForm, tasks: TaskQuerySet, days: dict[date, Day]) -> list[Row]:
    """The tasks of these days, put into them."""
    begin, end = (form.reader.midnight(each) for each in (min(days), max(days) + timedelta(days=1)))
    due: Q = is_due_from(begin) & is_due_before(end)
    rows = _read(form, form.apply(tasks).filter(due)[:OF_A_MONTH], moves="day")
    for row in sorted(rows, key=by_time):
        if row.day in days:
            row.under = row.day
            days[row.day].rows.append(row)
    return rows


def _date(text: str) -> date | None:
    try:
        found = parse_date(text)
    except ValueError:
        return None
    return found if found is not None and 1970 <= found.year < 2200 else None
