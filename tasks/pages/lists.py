"""The lists that a day begins with: Today and Inbox."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.requests import SignedInRequest
from tasks.first_steps import EXAMPLES, is_new
from tasks.models import Project, Task
from tasks.pages.rows import LIMIT, Group, Row, by_time, for_rows, rows_of
from tasks.pages.whole_view import WholeView
from tasks.wording import distance_words, due_words

DONE_TODAY = 30  # rows at the end of Today; the others are in Completed


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return redirect("tasks:today")


@login_required
@require_safe
def today(request: SignedInRequest) -> HttpResponse:
    """What is due today and what is late, on the reader's own calendar, and what they finished today."""
    reader, now = request.user, timezone.now()
    due = Task.objects.visible_to(reader).open().due_until_end_of(reader, now)
    first = for_rows(due).order_by("due_date", "-priority", "position")[:LIMIT]
    rows = sorted(rows_of(first, reader, now), key=by_time)
    late = [row for row in rows if row.is_late]
    groups = [
        Group("overdue", _("Overdue"), late, tone="danger"),
        Group("today", _("Today"), [row for row in rows if not row.is_late]),
        Group("done-today", _("Done today"), _done_today(reader, now)),
    ]
    context = {
        "groups": [group for group in groups if group.rows],
        "view_query": "view=today",
        "subtitle": _in_words(reader.today(now), len(rows), len(late)),
        "is_empty": not rows,
        "examples": _examples(reader, rows),
        "coming": None if rows else _next_after_today(reader, now),
        "whole": whole(rows, reader, due="today"),
    }
    return render(request, "tasks/today.html", context)


def _done_today(reader: User, now: datetime) -> list[Row]:
    day = reader.today(now)
    midnight = datetime.combine(day, time(), reader.zone)
    done = Task.objects.visible_to(reader).completed().filter(completed_at__gte=midnight)
    return rows_of(for_rows(done).order_by("-completed_at")[:DONE_TODAY], reader, now, under=day)


def _in_words(day: date, number: int, late: int) -> str:
    """ "Friday 20 November · 5 tasks, 1 overdue"."""
    tasks = ngettext("%(number)d task", "%(number)d tasks", number) % {"number": number}
    if not number:
        tasks = _("nothing left")
    elif late:
        tasks = _("%(tasks)s, %(late)d overdue") % {"tasks": tasks, "late": late}
    heading = date_format(day, _("l j F"))
    return f"{heading} · {tasks}"


def _next_after_today(reader: User, now: datetime) -> dict[str, Any] | None:
    """What comes next, for a Today with nothing on it."""
    coming = Task.objects.visible_to(reader).open().due_after_today_of(reader, now)
    task = coming.order_by("due_date").first()
    if task is None or task.due_date is None:
        return None
    due, all_day = task.due_date, task.due_all_day
    return {"task": task, "due": due_words(due, all_day), "distance": distance_words(due, all_day)}


@login_required
@require_safe
def inbox(request: SignedInRequest) -> HttpResponse:
    """What was not sorted into a project yet, as it was added. A subtask is shown by its open parent."""
    reader, now = request.user, timezone.now()
    project = Project.objects.inbox_of(reader)
    tasks = Task.objects.visible_to(reader).filter(project=project).open().outermost()
    ordered = for_rows(tasks).order_by("position", "pk")[:LIMIT]
    rows = rows_of(ordered, reader, now, in_project=True, moves="order")
    number = len(rows)
    context = {
        "groups": [Group("inbox", _("Not sorted yet"), rows, sets="order")] if rows else [],
        "view_query": "view=inbox",
        "examples": _examples(reader, rows),
        "subtitle": ngettext(
            "%(number)d task to sort into projects", "%(number)d tasks to sort into projects", number
        )
        % {"number": number},
        "whole": whole(rows, reader, project=str(project.pk)),
    }
    return render(request, "tasks/inbox.html", context)


def _examples(reader: User, rows: list[Row]) -> tuple[str, ...]:
    """Lines to try, for who has never had a task."""
    return EXAMPLES if not rows and is_new(reader) else ()


def whole(rows: list[Row], reader: User, **query: str) -> WholeView | None:
    """All tasks of a list, where there was no room for some."""
    return WholeView(urlencode(query), reader) if len(rows) == LIMIT else None
