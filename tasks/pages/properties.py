"""The properties of a task's page: shown, asked for and saved one at a time.

With htmx each answer is the part of the page that changes; without a script a property is asked for on a page of
its own, and saving leads back to the task.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import trigger_client_event

from accounts.actor import Actor
from accounts.requests import SignedInRequest
from tasks.models import Task
from tasks.pages.access import task_to_change, task_to_see
from tasks.pages.answers import CHANGED
from tasks.pages.conflicts import compare, shown
from tasks.pages.presented import ShownSeries, ShownTask
from tasks.pages.property_forms import (
    AssigneeForm,
    DescriptionForm,
    DueForm,
    PriorityForm,
    ProjectForm,
    PropertyForm,
    ReminderForm,
    StatusForm,
    TagsForm,
    TitleForm,
)
from tasks.pages.repeat_form import RepeatForm

UNPROCESSABLE, CONFLICT = 422, 409
SAVE: Final = _("Save")


@dataclass(frozen=True)
class Property:
    """``action`` is what its button says; ``fields_template`` lays out a form of several fields."""

    name: str
    label: Promise
    icon: str
    form: type[PropertyForm]
    fields_template: str = ""
    action: Promise = SAVE

    @property
    def value_template(self) -> str:
        """Its value alone, as the page shows it and as a conflict names it."""
        return f"tasks/task/_{self.name}.html"


PROPERTIES = {
    each.name: each
    for each in (
        Property("title", _("Title"), "type", TitleForm),
        Property("status", _("Status"), "circle-dot", StatusForm),
        Property("due", _("Due"), "calendar", DueForm, "tasks/task/fields_due.html"),
        Property("repeat", _("Repeats"), "repeat", RepeatForm, "tasks/task/fields_repeat.html"),
        Property(
            "reminders", _("Reminders"), "bell", ReminderForm, "tasks/task/fields_reminders.html", _("Add")
        ),
        Property("priority", _("Priority"), "flag", PriorityForm),
        Property("project", _("Project"), "folder", ProjectForm),
        Property("assignee", _("Assignee"), "user", AssigneeForm),
        Property("tags", _("Tags"), "tag", TagsForm),
        Property("description", _("Description"), "file-text", DescriptionForm),
    )
}


def property_named(name: str) -> Property:
    if name not in PROPERTIES:
        raise Http404
    return PROPERTIES[name]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def task_property(request: SignedInRequest, pk: UUID, name: str) -> HttpResponse:
    """Show a property again (what cancelling does), or save it."""
    wanted = property_named(name)
    if request.method == "POST":
        return _save(request, pk, wanted)
    task, can_edit = task_to_see(request.user, pk)
    if not request.htmx:
        return redirect("tasks:task", pk)
    return part(request, ShownTask(task, can_edit), wanted.name)


@login_required
@require_safe
def task_property_edit(request: SignedInRequest, pk: UUID, name: str) -> HttpResponse:
    """The form for a property, filled in."""
    wanted = property_named(name)
    task, can_edit = task_to_see(request.user, pk)
    if not can_edit:
        raise PermissionDenied
    form = wanted.form(task, request.user)
    return ask(request, wanted, form, shown({name: form.current()}))


def _save(request: SignedInRequest, pk: UUID, wanted: Property) -> HttpResponse:
    seen = request.POST.get("seen", "")
    with transaction.atomic():
        task = task_to_change(request.user, pk)
        form = wanted.form(task, request.user, request.POST)
        if not form.is_valid():
            return ask(request, wanted, form, seen, UNPROCESSABLE)
        current = {wanted.name: form.current()}
        comparison = compare(seen, current, {wanted.name: form.value()})
        if comparison.conflicts:
            return ask(request, wanted, form, shown(current), CONFLICT)
        if comparison.changed:
            try:
                with transaction.atomic():
                    form.save(Actor.of(request.user, "web"))
            except ValidationError as error:
                form.add_error(None, ValidationError(error.messages))
                return ask(request, wanted, form, seen, UNPROCESSABLE)
    return saved(request, task, wanted.name)


def ask(
    request: SignedInRequest, wanted: Property, form: PropertyForm, seen: str, status: int = 200
) -> HttpResponse:
    """Ask for a property. With CONFLICT it shows what is there now beside what was typed."""
    context = {
        "property": wanted,
        "form": form,
        "seen": seen,
        "task": form.task,
        "shown": ShownTask(Task.objects.get(pk=form.task.pk), can_edit=False) if status == CONFLICT else None,
        "is_conflict": status == CONFLICT,
    }
    template = "tasks/task/_edit.html" if request.htmx else "tasks/task/edit.html"
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def saved(request: SignedInRequest, task: Task, name: str) -> HttpResponse:
    """What follows a change of a part: that part as it is now, or the page. The other parts hear of it."""
    if not request.htmx:
        return redirect("tasks:task", task.pk)
    task, can_edit = task_to_see(request.user, task.pk)
    response = part(request, ShownTask(task, can_edit), name)
    news = {"task": task.pk, "version": task.version}
    return trigger_client_event(
        response, CHANGED, news, after="settle"
    )  # by then the focus is where it belongs


def part(request: SignedInRequest, page: ShownTask, name: str) -> HttpResponse:
    """One part of a task's page, with the toasts that there are."""
    context = {"task": page.task, "page": page, "part": f"tasks/task/{name}.html"}
    return render(request, "tasks/task/_part.html", context)


@login_required
@require_safe
def repeat_preview(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The next dates of the repetition that the form states at the moment; nothing while it states none."""
    task, _can_edit = task_to_see(request.user, pk)
    form = RepeatForm(task, request.user, request.GET)
    dates = ShownSeries(form.draft()).outlook() if form.is_valid() else []
    return render(request, "tasks/recurring/_dates.html", {"dates": dates, "errors": form.errors})
