"""What a page answers when it changed something: the way back, or with htmx the news of it and no page."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import trigger_client_event

from accounts.requests import SignedInRequest
from tasks.models import Task

CHANGED = "task-changed"  # lists and histories listen to this and load themselves again
NEXT_OCCURRENCE = "next-occurrence"  # the same, a moment later: when a series had time to go on


@dataclass(frozen=True)
class Undo:
    """The request that takes a change back: a POST to ``url`` with one value."""

    url: str
    name: str = ""
    value: str = ""


def tell(request: HttpRequest, sentence: str, undo: Undo | None = None) -> None:
    """Say what was done in a toast, now or on the next page; with ``undo`` it offers to take it back."""
    if undo is None:
        messages.success(request, sentence)
    else:
        messages.success(request, render_to_string("tasks/_undo.html", {"sentence": sentence, "undo": undo}))


def answer(request: SignedInRequest, task: Task) -> HttpResponse:
    """The answer to a change of a task that was told."""
    if not request.htmx:
        return redirect(way_back(request))
    return announce(render(request, "tasks/_told.html"), task)


def announce(response: HttpResponse, task: Task) -> HttpResponse:
    """Let the open page know that a task changed, so that what shows it loads itself again."""
    for event in (CHANGED, NEXT_OCCURRENCE) if task.is_recurring else (CHANGED,):
        trigger_client_event(response, event, {"task": task.pk, "version": task.version})
    return response


def way_back(request: HttpRequest, otherwise: str = "tasks:today") -> str:
    """The address of the page that was left, if it is one of ours; else that of the route of this name."""
    for address in (request.POST.get("next", ""), request.headers.get("Referer", "")):
        # A lone word would pass for a path, and then be looked up as the name of a route.
        if address.startswith(("/", "http://", "https://")) and url_has_allowed_host_and_scheme(
            address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        ):
            return address
    return resolve_url(otherwise)
