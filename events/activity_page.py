"""The page of activity: a timeline by day, with filters in its address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.requests import SignedInRequest
from events.activity import SYSTEM, TYPES, Question
from events.history import Entry, tell
from tasks.models import Project

PAGE_SIZE: Final = 50
LABELS: Final = {
    "created": _("Added"),
    "completed": _("Completed"),
    "reopened": _("Reopened"),
    "updated": _("Changed"),
    "commented": _("Comments"),
    "files": _("Files"),
    "deleted": _("Moved to the trash"),
    "restored": _("Restored"),
    "reminded": _("Reminders and due dates"),
}


class ActivityForm(forms.Form):
    """The filters. ``task`` comes from links, ``before`` is where the page before this one ended."""

    actor = forms.ChoiceField(label=_("Who"), required=False)
    type = forms.ChoiceField(
        label=_("What"),
        required=False,
        choices=[("", _("Everything")), *((name, LABELS[name]) for name in TYPES)],
    )
    project = forms.ChoiceField(label=_("Project"), required=False)
    task = forms.UUIDField(required=False, widget=forms.HiddenInput())
    before = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput())

    def __init__(self, query: QueryDict, reader: User) -> None:
        super().__init__(query)
        self.fields["from"] = forms.DateField(
            label=_("From"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
        )
        self._reader = reader
        projects = Project.objects.visible_to(reader).order_by("-is_inbox", "name")
        people = User.objects.filter(memberships__project__in=projects.order_by()).distinct()
        self._choose("project", _("All projects"), [(str(each.pk), each.name) for each in projects])
        named = [(str(each.pk), each.get_full_name()) for each in people.order_by("display_name", "email")]
        self._choose("actor", _("Everyone"), [*named, (SYSTEM, _("System"))])

    def _choose(self, name: str, any_: Any, choices: list[tuple[str, Any]]) -> None:
        field: Any = self.fields[name]
        field.choices = [("", any_), *choices]

    def question(self) -> Question:
        """What is asked for; a filter that makes no sense counts as none."""
        self.is_valid()
        given = self.cleaned_data
        day = given.get("from")
        return Question(
            actor=given.get("actor") or None,
            types=given.get("type", ""),
            task=given.get("task"),
            project=UUID(given["project"]) if given.get("project") else None,
            since=datetime.combine(day, time(), self._reader.zone) if day else None,
        )


@dataclass(frozen=True)
class Day:
    """The entries of one day on the reader's calendar."""

    at: datetime
    entries: Sequence[Entry]


@require_safe
@login_required
def activity(request: SignedInRequest) -> HttpResponse:
    form = ActivityForm(request.GET, request.user)
    rows = form.question().rows(request.user)
    before = form.cleaned_data.get("before")
    found = list((rows.filter(pk__lt=before) if before else rows)[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    days = groupby(tell(shown, request.user), key=lambda entry: timezone.localdate(entry.row.occurred_at))
    groups = [list(entries) for _day, entries in days]
    older = request.GET.copy()
    older["before"] = str(shown[-1].pk) if shown else ""
    context = {
        "form": form,
        "days": [Day(timezone.localtime(group[0].row.occurred_at), group) for group in groups],
        "older": f"?{older.urlencode()}" if len(found) > PAGE_SIZE else "",
        "is_filtered": any(request.GET.values()),
    }
    return render(request, "events/activity.html", context, status=422 if form.errors else 200)
