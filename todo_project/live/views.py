"""``/live`` and ``/live/changes``: the same news, pushed or asked for."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from functools import partial, wraps
from typing import Any, Final, cast
from uuid import UUID

import msgspec
from django.db import connection
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseForbidden,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from events.history import tell
from events.models import TaskEventLog
from notifications.models import unread_count
from tasks.models import Task
from todo_project.live import changes
from todo_project.live.changes import News
from todo_project.live.hub import HUB
from todo_project.live.stream import HELLO, Stream, message

AFTER: Final = "after"
DIGITS: Final = 18
# Gunicorn ends a chunked answer when the view is done. This one has a length that it never reaches.
ENDLESS: Final = 10**15
View = Callable[..., HttpResponseBase]


def for_scripts(view: View) -> View:
    """Refuse strangers where a page would send them to sign in: a script would follow."""

    @never_cache
    @require_safe
    @wraps(view)
    def guarded(request: HttpRequest, **given: Any) -> HttpResponseBase:
        return view(request, **given) if request.user.is_authenticated else HttpResponseForbidden()

    return guarded


@for_scripts
def stream(request: HttpRequest) -> HttpResponseBase:
    """Server-sent events, from ``Last-Event-ID`` or from a moment ago. 429 where there is no room: ask instead.

    Under gunicorn the connection leaves the server's threads, so open pages hold up no request. Other servers have
    threads for so many of them (``LIVE_STREAMS``).
    """
    user = cast(User, request.user)
    given = _number(request.headers.get("Last-Event-ID", "") or request.GET.get(AFTER, ""))
    after = changes.position(changes.JUST_NOW) if given is None else given
    opened = HUB.open(user.pk)
    if opened is None:
        return HttpResponse(status=429, headers={"Retry-After": "60"})
    # The stream is open before this looks, so nothing falls between the two; what comes twice has one effect.
    news = _news(user, after)
    opened.unread = news.unread or 0
    opened.send(message(news))
    connection_of = request.META.get("gunicorn.socket")
    response = _in_thread(opened) if connection_of is None else _apart(opened, connection_of)
    response["X-Accel-Buffering"] = (
        "no"  # a proxy that collects an answer before it passes it on would keep the news
    )
    return response


def _in_thread(opened: Stream) -> HttpResponseBase:
    return StreamingHttpResponse(_sent(opened), content_type="text/event-stream")


def _sent(opened: Stream) -> Iterator[bytes]:
    if not connection.in_atomic_block:
        connection.close()  # a page is open for long, and needs the database no more
    try:
        yield from opened
    finally:
        HUB.close(opened)


def _apart(opened: Stream, connected: socket.socket) -> HttpResponseBase:
    """An answer whose beginning is gunicorn's to send, and all the rest the hub's."""
    response = Handed(iter([HELLO]), content_type="text/event-stream")
    response["Content-Length"] = str(ENDLESS)
    response.then = partial(opened.attach, connected.dup())
    return response


class Handed(StreamingHttpResponse):
    """Gives its connection away once its beginning was sent."""

    then: Callable[[], None]

    def close(self) -> None:
        super().close()
        self.then()


@for_scripts
def ask(request: HttpRequest) -> HttpResponseBase:
    """What changed after the position ``?after=``; without it, where the log is now."""
    user, after = cast(User, request.user), _number(request.GET.get(AFTER, ""))
    news = _nothing(user) if after is None else _news(user, after)
    return HttpResponse(msgspec.json.encode(news), content_type="application/json")


def _nothing(user: User, reset: bool = False) -> News:
    return News(changes.position(changes.JUST_NOW), [], unread_count(user), reset)


def _news(user: User, after: int) -> News:
    entries, position = changes.read(after)
    if len(entries) == changes.MOST:
        return _nothing(user, reset=True)
    return News(position, changes.seen_by(user.pk, entries), unread_count(user))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS else None


@for_scripts
def last_change(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """A note for a form that is open while its task changed elsewhere: who changed what, from which value to which."""
    user = cast(User, request.user)
    task = get_object_or_404(Task.objects.visible_to(user), pk=pk)
    rows = TaskEventLog.objects.history_of(task.pk)[:1]
    if not rows:
        raise Http404
    return render(request, "live/changed.html", {"entry": tell(list(rows), user)[0]})


@for_scripts
def bell(request: HttpRequest) -> HttpResponseBase:
    """The link to the notifications, with the number of unread ones."""
    return render(
        request, "partials/bell.html", {"unread_notifications": unread_count(cast(User, request.user))}
    )
