"""Moving one task to another place: in the order by hand, to another day, or to another column of a board.

Dragging sends where it was dropped, the menu of a row what to do; both come here and can be taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.actor import Actor
from accounts.models import User
from accounts.requests import SignedInRequest
from tasks import many, rearranging
from tasks.clock import validate_year
from tasks.many import Change
from tasks.models import Priority, Project, Status, Task
from tasks.pages.access import task_to_change
from tasks.pages.bulk import answer_many, tell_many


@login_required
@require_POST
def place(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Move a task. A ``version`` says at which one the page showed it."""
    with transaction.atomic():
        task_to_change(request.user, pk)  # for who may only look
    try:
        changes = list(_changes(request))
        version = int(request.POST["version"]) if request.POST.get("version") else None
    except (ValueError, ValidationError):
        return HttpResponseBadRequest(_("There is no such place."))

    def change(task: Task, by: Actor) -> None:
        for each in changes:
            each(task, by)

    done = many.change_many({pk: version}, change, request.user, Actor.of(request.user, "web"))
    title = done.outcomes[0].title
    tell_many(request, done, lambda number: _("Moved “%(title)s”") % {"title": title.replace("%", "%%")})
    return answer_many(request)


def _changes(request: SignedInRequest) -> Iterator[Change]:
    """What the request asks for. Raises ValueError, ValidationError, or Http404."""
    data = request.POST
    for name, read in SETTINGS.items():
        if data.get(name):
            yield read(data[name], request.user)
    if data.get("step") in {"up", "down"}:
        yield lambda task, by: rearranging.step(task, by, "up" if data["step"] == "up" else "down")
    elif "before_id" in data or "after_id" in data:
        before, after = _key(data.get("before_id", "")), _key(data.get("after_id", ""))
        yield lambda task, by: rearranging.place(task, by, before, after)


def _key(text: str) -> UUID | None:
    return UUID(text) if text else None


def _status(value: str, _user: User) -> Change:
    if value not in Status.values:
        raise ValueError
    return many.set_status(value)


def _priority(value: str, _user: User) -> Change:
    return many.set_priority(Priority(int(value)).value)


def _project(value: str, user: User) -> Change:
    project = Project.objects.editable_by(user).filter(pk=UUID(value)).first()
    if project is None:
        raise Http404
    return many.move_to(project)


def _day(value: str, user: User) -> Change:
    day = date.fromisoformat(value)
    validate_year(day)
    return many.set_day(day, user)


SETTINGS: dict[str, Callable[[str, User], Change]] = {
    "status": _status,
    "priority": _priority,
    "project": _project,
    "day": _day,
}
