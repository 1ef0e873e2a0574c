"""The page of one task, and the parts of it that are more than one value."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import retarget

from accounts.actor import Actor
from accounts.lines import CONTROL
from accounts.requests import SignedInRequest
from tasks.models import Task
from tasks.models.task import TITLE_LENGTH
from tasks.pages.access import series_to_change, series_to_end, task_to_change, task_to_see
from tasks.pages.answers import tell
from tasks.pages.presented import ShownTask
from tasks.pages.properties import UNPROCESSABLE, saved
from tasks.pages.snoozing import SNOOZES, snoozed, without


@login_required
@require_safe
def task(request: SignedInRequest, pk: UUID) -> HttpResponse:
    return render(request, "tasks/task/page.html", _page_of(request, pk))


@login_required
@require_safe
def task_panel(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The same beside a list, without a page around it. ``next`` is the list, to which deleting the task leads."""
    context = {**_page_of(request, pk), "next": request.GET.get("next", "")}
    return render(request, "tasks/task/panel.html", context)


@login_required
@require_safe
def task_parts(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """All that an open page shows of its task, each part in its own place: for after a change elsewhere."""
    return render(request, "tasks/task/_parts.html", _page_of(request, pk))


def _page_of(request: SignedInRequest, pk: UUID) -> dict[str, object]:
    found, can_edit = task_to_see(request.user, pk)
    return {
        "task": found,
        "page": ShownTask(found, can_edit),
        "link": request.build_absolute_uri(reverse("tasks:task", args=[pk])),
    }


@login_required
@require_POST
def task_duplicate(request: SignedInRequest, pk: UUID) -> HttpResponse:
    with transaction.atomic():
        copy = task_to_change(request.user, pk).duplicate(Actor.of(request.user, "web"))
    tell(request, _("This is the copy of “%(title)s”") % {"title": copy.title})
    return redirect("tasks:task", copy.pk)


# --- Subtasks ------------------------------------------------------------------------------------------


@login_required
@require_POST
def subtask_add(request: SignedInRequest, pk: UUID) -> HttpResponse:
    title = " ".join(request.POST.get("title", "").split())
    with transaction.atomic():
        parent = task_to_change(request.user, pk)
        error = _title_error(title)
        if not error:
            Task(project=parent.project, parent=parent, title=title).save(by=Actor.of(request.user, "web"))
    return _refused(request, pk, title, error) if error else saved(request, parent, "subtasks")


def _title_error(title: str) -> str:
    if not title:
        return _("A subtask needs a title.")
    if len(title) > TITLE_LENGTH:
        return _("A title has at most %(number)d characters.") % {"number": TITLE_LENGTH}
    return _("A title has no control characters.") if CONTROL.search(title) else ""


def _refused(request: SignedInRequest, pk: UUID, title: str, error: str) -> HttpResponse:
    """The form, or the page with it, with what was typed and why it cannot be."""
    template = "tasks/task/_subtask_form.html" if request.htmx else "tasks/task/page.html"
    context = {**_page_of(request, pk), "typed": title, "error": error}
    return retarget(render(request, template, context, status=UNPROCESSABLE), "#subtask-form")


# --- Parts of properties -------------------------------------------------------------------------------


@login_required
@require_POST
def tag_remove(request: SignedInRequest, pk: UUID) -> HttpResponse:
    tag = request.POST.get("tag", "")
    with transaction.atomic():
        found = task_to_change(request.user, pk)
        found.change(Actor.of(request.user, "web"), tags=[each for each in found.tags if each != tag])
    return saved(request, found, "tags")


@login_required
@require_POST
def reminder_remove(request: SignedInRequest, pk: UUID) -> HttpResponse:
    wish = request.POST.get("reminder", "")
    with transaction.atomic():
        found = task_to_change(request.user, pk)
        found.change(Actor.of(request.user, "web"), reminders=without(found.reminders, wish))
    return saved(request, found, "reminders")


@login_required
@require_POST
def reminder_snooze(request: SignedInRequest, pk: UUID, length: str) -> HttpResponse:
    """Remind again later; ``length`` is one of ``SNOOZES``."""
    if length not in SNOOZES:
        raise Http404
    wish, until = request.POST.get("reminder", ""), SNOOZES[length][1](request.user, timezone.now())
    with transaction.atomic():
        found = task_to_change(request.user, pk)
        if wish not in {each["id"] for each in found.reminders}:
            raise Http404
        try:
            wishes = snoozed(found.reminders, wish, until)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            found.change(Actor.of(request.user, "web"), reminders=wishes)
    return saved(request, found, "reminders")


@login_required
@require_POST
def repeat_skip(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Leave out the next occurrence of the series that a task belongs to."""
    found = _to_change_series_of(request, pk)
    if found.series is not None:
        with transaction.atomic():
            series_to_change(request.user, found.series.pk).skip_next()
    return saved(request, found, "repeat")


@login_required
@require_POST
def repeat_stop(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Let a task be the last of its series."""
    found = _to_change_series_of(request, pk)
    if found.series is not None:
        with transaction.atomic():
            series_to_end(request.user, found.series.pk).end(Actor.of(request.user, "web"))
    return saved(request, found, "repeat")


def _to_change_series_of(request: SignedInRequest, pk: UUID) -> Task:
    """The task, not locked: what follows locks what it changes, the tasks before their series."""
    found, can_edit = task_to_see(request.user, pk)
    if not can_edit:
        raise PermissionDenied
    return found
