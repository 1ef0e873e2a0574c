"""Pages about events: the history of a task."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from accounts.requests import SignedInRequest
from events.history import tell
from events.models import TaskEventLog
from tasks.pages.access import task_to_look_up

PAGE_SIZE = 20  # events shown at once
LAST_WAIT = 16  # seconds; after waiting this long for the log to catch up, an open page stops asking


@require_safe
@login_required
def task_history(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """A task's events, the newest first: a fragment for the task's page, a page of its own without a script.

    ``?before=`` is the version above the first one to show. ``?wait=`` is how long, in seconds, the page
    waited last time for events that are recorded but not in the log yet.
    """
    task, _can_edit = task_to_look_up(request.user, pk)
    before = _number(request, "before")
    rows = TaskEventLog.objects.history_of(pk)
    if before is not None:
        rows = rows.filter(version__lt=before)
    found = list(rows[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    is_behind = before is None and (not shown or shown[0].version < task.version)
    context = {
        "task": task,
        "entries": tell(shown, request.user),
        "before": before,
        "older": shown[-1].version if len(found) > PAGE_SIZE else None,
        "is_behind": is_behind,
        "wait": _next_wait(_number(request, "wait") or 0),
    }
    template = "events/_history.html" if request.htmx else "events/history.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _number(request: HttpRequest, name: str) -> int | None:
    """A number from the query; anything else is an address that does not exist."""
    text = request.GET.get(name, "")
    if text and not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Http404
    return int(text) if text else None


def _next_wait(wait: int) -> int | None:
    """Twice as long as the last time, until it is not worth it any more."""
    return None if wait >= LAST_WAIT else max(1, 2 * wait)
