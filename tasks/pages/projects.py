"""The pages of projects: all of them, one with its tasks, and changing or deleting one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actor import Actor
from accounts.lines import validate_line
from accounts.models import User
from accounts.requests import SignedInRequest
from tasks.models import Project, Role, Task
from tasks.models.project import Colour
from tasks.pages.access import project_to_change, project_to_see
from tasks.pages.answers import tell
from tasks.pages.conflicts import compare, shown
from tasks.pages.lists import whole
from tasks.pages.properties import CONFLICT, UNPROCESSABLE
from tasks.pages.rows import LIMIT, Group, for_rows, rows_of

FIELDS = ("name", "colour")


class ProjectForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=120,
        validators=[validate_line],
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("A project needs a name.")},
    )
    colour = forms.ChoiceField(
        label=gettext_lazy("Colour"), choices=Colour.choices, initial=Colour.GREY, widget=forms.RadioSelect()
    )

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in FIELDS}


def values_of(project: Project) -> dict[str, Any]:
    return {name: str(getattr(project, name)) for name in FIELDS}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def projects(request: SignedInRequest) -> HttpResponse:
    """Every project that a person sees, with the number of its open tasks; and the form for a new one."""
    form = ProjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = Project(owner=request.user, **form.values())
        made.save()
        return redirect("tasks:project", made.pk)
    found = Project.objects.visible_to(request.user).select_related("owner")
    counted = found.annotate(role=F("memberships__role"), open_tasks=_open_tasks()).order_by(
        "-is_inbox", "name"
    )
    context = {"rows": counted, "form": form}
    return render(request, "tasks/project/list.html", context, status=UNPROCESSABLE if form.errors else 200)


def _open_tasks() -> Coalesce:
    tasks = (
        Task.objects.alive().open().outermost().filter(project=OuterRef("pk")).order_by().values("project")
    )
    return Coalesce(Subquery(tasks.annotate(number=Count("pk")).values("number")), 0)


@login_required
@require_safe
def project(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The open tasks of a project, as they were added. A subtask is shown by its open parent."""
    found, role = project_to_see(request.user, pk)
    if found.is_inbox and role == Role.OWNER:
        return redirect("tasks:inbox")
    reader, now = request.user, timezone.now()
    tasks = Task.objects.visible_to(reader).open().filter(project=found).outermost()
    rows = rows_of(
        for_rows(tasks).order_by("position", "pk")[:LIMIT], reader, now, in_project=True, moves="order"
    )
    context = {
        "project": found,
        "can_add": role != Role.VIEWER,
        "is_owner": role == Role.OWNER,
        "groups": [Group("open", _("Open"), rows, sets="order")] if rows else [],
        "view_query": f"project={pk}",
        "subtitle": _subtitle(found, reader, len(rows)),
        "whole": whole(rows, reader, project=str(pk)),
    }
    return render(request, "tasks/project/page.html", context)


def _subtitle(found: Project, reader: User, number: int) -> str:
    tasks = ngettext("%(n)d open task", "%(n)d open tasks", number) % {"n": number}
    if found.owner_id == reader.pk:
        return tasks
    return _("%(tasks)s · of %(owner)s") % {"tasks": tasks, "owner": found.owner.get_full_name()}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def project_edit(request: SignedInRequest, pk: UUID) -> HttpResponse:
    if request.method == "POST":
        return _save(request, pk)
    found = _own(request, pk)
    return _ask(request, found, ProjectForm(initial=values_of(found)), shown(values_of(found)))


def _own(request: SignedInRequest, pk: UUID) -> Project:
    """A project that this person may change; an Inbox stays what it is."""
    found = project_to_change(request.user, pk)
    if found.is_inbox:
        raise PermissionDenied
    return found


def _save(request: SignedInRequest, pk: UUID) -> HttpResponse:
    seen, form = request.POST.get("seen", ""), ProjectForm(request.POST)
    with transaction.atomic():
        found = _own(request, pk)
        if not form.is_valid():
            return _ask(request, found, form, seen, UNPROCESSABLE)
        comparison = compare(seen, values_of(found), form.values())
        if comparison.conflicts:
            return _ask(request, found, form, shown(values_of(found)), CONFLICT)
        for name in comparison.changed:
            setattr(found, name, form.values()[name])
        found.save(update_fields=[*comparison.changed, "updated_at"])
    return redirect("tasks:project", pk)


def _ask(
    request: SignedInRequest, found: Project, form: ProjectForm, seen: str, status: int = 200
) -> HttpResponse:
    context = {"project": found, "form": form, "seen": seen, "is_conflict": status == CONFLICT}
    return render(request, "tasks/project/edit.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def project_delete(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Say what deleting a project does and ask; then do it."""
    found = _own(request, pk)
    if request.method != "POST":
        living = Q(deleted_at=None)
        context = {
            "project": found,
            "tasks": Task.objects.filter(living, project=found).count(),
            "series": found.recurring_tasks.filter(living, is_active=True).count(),
        }
        return render(request, "tasks/project/delete.html", context)
    found.trash(Actor.of(request.user, "web"))
    tell(request, _("Deleted “%(name)s”. Its tasks are in the trash.") % {"name": found.name})
    return redirect("tasks:projects")
