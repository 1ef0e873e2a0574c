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
from tasks import many
from tasks.many import Change, Done
from tasks.models import Batch, Priority, Project
from tasks.models.task import clean_tags
from tasks.pages.answers import CHANGED, NEXT_OCCURRENCE, Undo, tell, way_back
from tasks.pages.dates import read_words

MOST: Final = 400  # more rows than any page has
NAMED: Final = 3  # tasks that a toast names; the others are counted


def _due(data: QueryDict, user: User) -> Change:
    words = data.get("due", "").strip()
    if not words:
        return many.set_day(None, user)
    parsed = read_words(words, user)
    if parsed.all_day:
        return many.set_day(parsed.due_date, user)
    return many.set_due(due_date=parsed.due, due_all_day=False)


def _priority(rank: int) -> Callable[[QueryDict, User], Change]:
    return lambda data, user: many.set_priority(rank)


def _project(data: QueryDict, user: User) -> Change:
    try:
        project = Project.objects.editable_by(user).filter(pk=UUID(data.get("project", ""))).first()
    except ValueError:
        project = None
    if project is None:
        raise ValidationError(_("Choose a project to which you may add tasks."))
    return many.move_to(project)


def _tag(data: QueryDict, _user: User) -> Change:
    [tag] = clean_tags([data.get("tag", "")])
    return many.add_tag(tag)


ACTIONS: Final[Mapping[str, Callable[[QueryDict, User], Change]]] = {
    "complete": lambda data, user: many.complete,
    "reopen": lambda data, user: many.reopen,
    "delete": lambda data, user: many.trash,
    "due": _due,
    **{f"priority={rank}": _priority(rank) for rank in Priority.values},
    "project": _project,
    "tag": _tag,
}


@login_required
@require_POST
def bulk(request: SignedInRequest) -> HttpResponse:
    """Change what was ticked. ``action`` is the button; ``tasks`` are ids with the version that the page showed."""
    user, action = request.user, request.POST.get("action", "")
    chosen = _chosen(request.POST.getlist("tasks"))
    if action not in ACTIONS:
        raise Http404
    try:
        if not chosen:
            raise ValidationError(_("Choose some tasks first."))
        change = ACTIONS[action](request.POST, user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return answer_many(request)
    done = many.change_many(chosen, change, user, Actor.of(user, "web"))
    tell_many(request, done, _changed_words(action))
    return answer_many(request)


def _chosen(values: list[str]) -> dict[UUID, int | None]:
    """Ids with versions, "id:3". Raises Http404."""
    chosen: dict[UUID, int | None] = {}
    for value in values[:MOST]:
        key, _separator, version = value.partition(":")
        try:
            chosen[UUID(key)] = int(version) if version else None
        except ValueError:
            raise Http404 from None
    return chosen


def _changed_words(action: str) -> Callable[[int], str]:
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
