"""Ticks, and moving to the trash and back. Each says what it did and offers to undo it.

A request names the state that it wants, so it may come twice and from a page that is not up to date: nothing
else about the task matters to it.
"""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.actor import Actor
from accounts.requests import SignedInRequest
from tasks.models import Status, Task
from tasks.models.succession import made_after
from tasks.pages.access import task_to_change
from tasks.pages.answers import Undo, answer, tell
from tasks.wording import due_words


@login_required
@require_POST
def complete(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Bring a task to the ``status`` that is asked for; a tick asks for completed or pending."""
    wanted = request.POST.get("status", Status.COMPLETED)
    if wanted not in Status.values:
        return HttpResponseBadRequest(_("There is no such status."))
    with transaction.atomic():
        task = task_to_change(request.user, pk)
        before = task.status
        task.change(Actor.of(request.user, "web"), status=wanted)
    undo = Undo(reverse("tasks:complete", args=[pk]), "status", before)
    tell(request, _sentence(task, before) % {"title": task.title}, undo if before != wanted else None)
    return answer(request, task)


def _sentence(task: Task, before: str) -> str:
    if task.is_completed:
        return (
            _("“%(title)s” was completed already.") if before == task.status else _("Completed “%(title)s”")
        )
    return _("“%(title)s” is open.") if before == task.status else _("Reopened “%(title)s”")


@login_required
@require_POST
def delete(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Move a task to the trash."""
    with transaction.atomic():
        task = task_to_change(request.user, pk)
        task.trash(Actor.of(request.user, "web"))
    undo = Undo(reverse("tasks:restore", args=[pk]))
    tell(request, _moved(task), undo)
    return answer(request, task)


def _moved(task: Task) -> str:
    following = made_after(task)
    if following is None or following.due_date is None:
        return _("Moved “%(title)s” to the trash") % {"title": task.title}
    date = due_words(following.due_date, following.due_all_day)
    return _("Moved “%(title)s” to the trash. The next one is due %(date)s.") % {
        "title": task.title,
        "date": date,
    }


@login_required
@require_POST
def restore(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Take a task out of the trash; one that is not there any more stays where it is."""
    user = request.user
    with transaction.atomic():
        trashed = Task.objects.trashed_by(user).filter(pk=pk).exists()
        found = Task.objects.trashed_by(user) if trashed else Task.objects.editable_by(user)
        task = get_object_or_404(found.locked().select_related("project", "owner"), pk=pk)
        task.restore(Actor.of(user, "web"))
    tell(request, _("Restored “%(title)s” to %(project)s") % {"title": task.title, "project": task.project})
    return answer(request, task)
