"""Completed: what was finished, by day, the newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.requests import SignedInRequest
from tasks.models import Status, Task
from tasks.pages.rows import Group, Row, for_rows, grouped, rows_of
from tasks.wording import day_words

PAGE_SIZE = 50


@dataclass(frozen=True)
class Place:
    """A place in the list, which stays where it is when newer tasks come in before it."""

    at: datetime
    pk: UUID

    def __str__(self) -> str:
        return f"{self.at.timestamp():.6f}_{self.pk}"

    @classmethod
    def of(cls, task: Task) -> Place | None:
        return None if task.completed_at is None else cls(task.completed_at, task.pk)

    @classmethod
    def read(cls, text: str) -> Place:
        """The place that a link names. Raises Http404."""
        seconds, _separator, pk = text.partition("_")
        try:
            return cls(datetime.fromtimestamp(float(seconds), timezone.get_default_timezone()), UUID(pk))
        except (ValueError, OverflowError, OSError):
            raise Http404 from None


@login_required
@require_safe
def completed(request: SignedInRequest) -> HttpResponse:
    """``?before=`` is the place at which the page before ended."""
    reader, now = request.user, timezone.now()
    done = Task.objects.visible_to(reader).filter(status=Status.COMPLETED)
    if before := request.GET.get("before"):
        place = Place.read(before)
        done = done.filter(Q(completed_at__lt=place.at) | Q(completed_at=place.at, pk__lt=place.pk))
    found = list(for_rows(done).order_by("-completed_at", "-pk")[: PAGE_SIZE + 1])
    rows = rows_of(found[:PAGE_SIZE], reader, now)
    context = {
        "groups": grouped(rows, lambda row: _day_of(row, reader.today(now))),
        "older": Place.of(rows[-1].task) if len(found) > PAGE_SIZE else None,
        "is_first": not before,
    }
    return render(request, "tasks/completed.html", context)


def _day_of(row: Row, today: date) -> Group:
    """The group of the day on which a task was finished, whose rows leave out the date."""
    day = timezone.localdate(row.task.completed_at)
    row.under = day
    near = {today: _("Today"), today - timedelta(days=1): _("Yesterday")}
    return Group(f"day-{day}", f"{near[day]} · {day_words(day)}" if day in near else day_words(day))
