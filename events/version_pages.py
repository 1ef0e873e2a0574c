"""Pages about the versions of a task: what it was like then, and going back to that."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts.actor import Actor
from accounts.models import User
from accounts.requests import SignedInRequest
from events import versions
from events.history import headline
from events.models import TaskEventLog
from tasks.api.moments import NotAMoment, begin_of, read_moment
from tasks.earlier import go_back, present, way_back
from tasks.models import Task
from tasks.pages.access import task_to_look_up
from tasks.pages.answers import Undo, answer, tell
from tasks.pages.conflicts import shown
from tasks.pages.properties import CONFLICT, UNPROCESSABLE

LONGEST = 9  # digits of a version


@require_safe
@login_required
def task_versions(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """A task as it was at a version or a moment on the reader's clock (``?as_of=``), beside what it is now."""
    task, can_edit = task_to_look_up(request.user, pk)
    asked = request.GET.get("as_of", "").strip()
    if not asked:
        return redirect("events:history", pk)
    try:
        row = _as_of(pk, asked, request.user)
    except ValidationError as error:
        context = {"task": task, "asked": asked, "error": " ".join(error.messages)}
        return render(request, "events/version.html", context, status=UNPROCESSABLE)
    return _show(request, task, can_edit, row, asked)


def _as_of(pk: UUID, asked: str, user: User) -> TaskEventLog:
    """The version that is asked for. Raises Http404 for a number, ValidationError for a moment without one."""
    if asked.isascii() and asked.isdigit() and len(asked) <= LONGEST:
        found = versions.find(pk, int(asked))
        if found is None:
            raise Http404
        return found
    try:
        moment = begin_of(read_moment(asked, user.zone), user.zone)
    except NotAMoment:
        raise ValidationError(_("Enter a date and a time, or the number of a version.")) from None
    found = TaskEventLog.objects.as_of(pk, moment)
    if found is None:
        raise ValidationError(_("The task did not exist yet."))
    return found


def _show(
    request: SignedInRequest,
    task: Task,
    can_edit: bool,
    row: TaskEventLog,
    asked: str = "",
    status: int = 200,
) -> HttpResponse:
    then, now = versions.state_of(row), versions.state_now(task)
    way = way_back(task, versions.columns(then), request.user) if can_edit else None
    rows = versions.side_by_side(then, now, request.user)
    context: dict[str, Any] = {
        "task": task,
        "asked": asked,
        "entry": headline(row),
        "rows": rows,
        "stays": [(each.label, way.stays[each.name]) for each in rows if way and each.name in way.stays],
        "differs": any(each.differs for each in rows),
        "can_restore": way is not None and way.changes(task),
        "seen": shown(present(task)),
        "is_conflict": status == CONFLICT,
    }
    return render(request, "events/version.html", context, status=status)


@require_POST
@login_required
def task_restore_version(request: SignedInRequest, pk: UUID, version: int) -> HttpResponse:
    """Give a task the values back that it had at a version, unless it is not as the page showed it (``seen``)."""
    with transaction.atomic():
        task = _locked(request.user, pk)
        row = versions.find(pk, version)
        if row is None:
            raise Http404
        if request.POST.get("seen", "") not in {"", shown(present(task))}:
            return _changed_meanwhile(request, task, row)
        before = task.version
        try:
            _go_back(task, row, request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect(f"{reverse('events:versions', args=[pk])}?as_of={version}")
    _tell(request, task, row, before)
    return _answer(request, task)


def _locked(user: User, pk: UUID) -> Task:
    """A task to go back with, in the trash or not, read under its lock. Raises Http404, PermissionDenied."""
    try:
        return Task.objects.writable_by(user).get_current(pk)
    except Task.DoesNotExist:
        task_to_look_up(user, pk)
        raise PermissionDenied from None


def _go_back(task: Task, row: TaskEventLog, user: User) -> None:
    way = way_back(task, versions.columns(versions.state_of(row)), user)
    go_back(task, way, Actor.of(user, "web"))


def _changed_meanwhile(request: SignedInRequest, task: Task, row: TaskEventLog) -> HttpResponse:
    if not request.htmx:
        return _show(request, task, True, row, str(row.version), CONFLICT)
    messages.error(request, _("“%(title)s” was changed again since.") % {"title": task.title})
    return answer(request, task)


def _tell(request: SignedInRequest, task: Task, row: TaskEventLog, before: int) -> None:
    words = {"title": task.title, "version": row.version}
    if task.version == before:
        tell(request, _("“%(title)s” is as it was at version %(version)s.") % words)
        return
    task.refresh_from_db()  # as the next request will read it
    undo = Undo(reverse("events:restore-version", args=[task.pk, before]), "seen", shown(present(task)))
    tell(request, _("“%(title)s” is again as it was at version %(version)s") % words, undo)


def _answer(request: SignedInRequest, task: Task) -> HttpResponse:
    """The task's page; what went back into the trash has none."""
    if task.deleted_at is None:
        return answer(request, task) if request.htmx else redirect("tasks:task", task.pk)
    return HttpResponseClientRedirect(reverse("tasks:trash")) if request.htmx else redirect("tasks:trash")
