"""Many tasks at once: the rows that were ticked, one change of them, one undo."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from accounts.actor import Actor
from accounts.models import User
from accounts.requests import SignedInRequest
from tasks import jobs, many
from tasks.many import MOST, Done
from tasks.models import Batch, Priority
from tasks.models.tags import clean_tags
from tasks.pages.answers import CHANGED, NEXT_OCCURRENCE, Undo, tell, way_back
from tasks.pages.dates import read_words
from tasks.pages.jobs import go_to_job
from tasks.pages.whole_view import WholeView
from tasks.wishes import Wish

OF_A_PAGE: Final = 600  # more rows than any page has
NAMED: Final = 3  # tasks that a toast names; the others are counted


def _due(data: QueryDict, user: User) -> Wish:
    words = data.get("due", "").strip()
    if not words:
        return Wish.day(None)
    parsed = read_words(words, user)
    return Wish.day(parsed.due_date) if parsed.all_day else Wish.due(parsed.due, all_day=False)


def _priority(rank: int) -> Callable[[QueryDict, User], Wish]:
    return lambda data, user: Wish("priority", rank)


def _project(data: QueryDict, _user: User) -> Wish:
    try:
        return Wish("project", str(UUID(data.get("project", ""))))
    except ValueError:
        raise ValidationError(_("Choose a project to which you may add tasks.")) from None


def _tag(data: QueryDict, _user: User) -> Wish:
    [tag] = clean_tags([data.get("tag", "")])
    return Wish("add_tag", tag)


ACTIONS: Final[Mapping[str, Callable[[QueryDict, User], Wish]]] = {
    "complete": lambda data, user: Wish("complete"),
    "reopen": lambda data, user: Wish("reopen"),
    "delete": lambda data, user: Wish("delete"),
    "due": _due,
    **{f"priority={rank}": _priority(rank) for rank in Priority.values},
    "project": _project,
    "tag": _tag,
}


@login_required
@require_POST
def bulk(request: SignedInRequest) -> HttpResponse:
    """Change what was ticked. ``action`` is the button; ``tasks`` are ids with the version that the page showed."""
    user, action, by = request.user, request.POST.get("action", ""), Actor.of(request.user, "web")
    if action not in ACTIONS:
        raise Http404
    try:
        chosen = _chosen(request)
        wish = ACTIONS[action](request.POST, user)
        change = wish.change(user)
        if len(chosen) > MOST:
            return go_to_job(request, jobs.begin(user, by, wish, list(chosen)))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return answer_many(request)
    done = many.change_many(chosen, change, user, by)
    tell_many(request, done, changed_words(action))
    return answer_many(request)


def _chosen(request: SignedInRequest) -> dict[UUID, int | None]:
    """The tasks that were ticked, or all of the view. Raises ValidationError where there are none, or Http404."""
    if request.POST.get("everything"):
        view = WholeView(request.POST.get("view", ""), request.user)
        chosen: dict[UUID, int | None] = dict.fromkeys(view.keys())
    else:
        chosen = _ticked(request.POST.getlist("tasks"))
    if not chosen:
        raise ValidationError(_("Choose some tasks first."))
    return chosen


def _ticked(values: list[str]) -> dict[UUID, int | None]:
    """Ids with versions, "id:3". Raises Http404."""
    chosen: dict[UUID, int | None] = {}
    for value in values[:OF_A_PAGE]:
        key, _separator, version = value.partition(":")
        try:
            chosen[UUID(key)] = int(version) if version else None
        except ValueError:
            raise Http404 from None
    return chosen


def changed_words(action: str) -> Callable[[int], str]:
    match action:
        case "complete":
            return lambda number: ngettext("Completed %(n)d task", "Completed %(n)d tasks", number)
        case "delete":
            return lambda number: ngettext(
                "Moved %(n)d task to the trash", "Moved %(n)d tasks to the trash", number
            )
        case "project":
            return lambda number: ngettext("Moved %(n)d task", "Moved %(n)d tasks", number)
    return lambda number: ngettext("Changed %(n)d task", "Changed %(n)d tasks", number)


def tell_many(request: SignedInRequest, done: Done, words: Callable[[int], str]) -> None:
    """Say how many were changed, with an undo, and name those that were not."""
    number = len(done.changed)
    if done.batch is not None:
        tell(request, words(number) % {"n": number}, Undo(reverse("tasks:bulk-undo", args=[done.batch.pk])))
    elif number:
        tell(request, words(number) % {"n": number})
    elif not done.failed:
        tell(request, _("They were like that already."))
    _tell_failures(request, done)


def _tell_failures(request: SignedInRequest, done: Done) -> None:
    for each in done.failed[:NAMED]:
        name = each.title or _("A task")
        messages.error(request, f"“{name}”: {each.detail}" if each.title else f"{name}: {each.detail}")
    others = len(done.failed) - NAMED
    if others > 0:
        words = ngettext("%(n)d other was not changed.", "%(n)d others were not changed.", others)
        messages.error(request, words % {"n": others})


def answer_many(request: SignedInRequest) -> HttpResponse:
    """The answer to changes that were told: the way back, or with htmx the news of them."""
    if not request.htmx:
        return redirect(way_back(request))
    response = render(request, "tasks/_told.html")
    for event in (CHANGED, NEXT_OCCURRENCE):
        trigger_client_event(response, event, {"many": True})
    return response


@login_required
@require_POST
def bulk_undo(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Take back what was done at once."""
    try:
        done = many.undo(pk, request.user, Actor.of(request.user, "web"))
    except Batch.DoesNotExist:
        messages.error(request, _("This was taken back already, or it is too long ago."))
        return answer_many(request)
    tell_many(
        request, done, lambda number: ngettext("Took back %(n)d change", "Took back %(n)d changes", number)
    )
    return answer_many(request)
