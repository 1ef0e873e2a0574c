"""Editing a task in its row: title, due date and priority. Without a script the task's own page does that."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actor import Actor
from accounts.lines import validate_line
from accounts.models import User
from accounts.requests import SignedInRequest
from tasks.models import Priority, Task
from tasks.models.task import TITLE_LENGTH
from tasks.pages.access import task_to_change
from tasks.pages.answers import announce
from tasks.pages.conflicts import compare, shown
from tasks.pages.dates import DateField, TimeInput, due_on, shown_on_clock
from tasks.pages.rows import Row, for_rows, rows_of
from tasks.wording import due_words, priority_words

CONFLICT, UNPROCESSABLE = 409, 422


class RowForm(forms.Form):
    """What can be edited in a row, filled in from the task."""

    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=TITLE_LENGTH,
        validators=[validate_line],
        widget=forms.TextInput({"autofocus": True, "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("A task needs a title.")},
    )
    date = DateField(label=gettext_lazy("Date"), required=False)
    time = forms.TimeField(label=gettext_lazy("Time"), required=False, widget=TimeInput())
    priority = forms.TypedChoiceField(
        label=gettext_lazy("Priority"),
        coerce=int,
        choices=lambda: [(rank, priority_words(rank)) for rank in sorted(Priority.values, reverse=True)],
    )

    def __init__(self, task: Task, reader: User, data: Any = None) -> None:
        self.reader = reader
        day, at = shown_on_clock(task.due_date, task.due_all_day, reader)
        initial = {"title": task.title, "date": day, "time": at, "priority": task.priority}
        super().__init__(data, initial=initial, auto_id=f"edit-{task.pk}-%s")

    def clean(self) -> None:
        if self.cleaned_data.get("time") and not self.cleaned_data.get("date") and "date" not in self.errors:
            self.add_error("date", _("A time needs a date."))

    def wanted(self) -> dict[str, Any]:
        """What the person wants, by property, in the form in which ``current`` gives what is there."""
        given = self.cleaned_data
        return {
            "title": given["title"],
            "due": (given["date"], given["time"]),
            "priority": given["priority"],
        }

    def columns(self, properties: Iterable[str]) -> dict[str, Any]:
        """The columns to save for some properties."""
        due, all_day = due_on(self.cleaned_data["date"], self.cleaned_data["time"], self.reader)
        columns = {
            "title": {"title": self.cleaned_data["title"]},
            "due": {"due_date": due, "due_all_day": all_day},
            "priority": {"priority": self.cleaned_data["priority"]},
        }
        return {name: value for each in properties for name, value in columns[each].items()}


def current(task: Task, reader: User) -> dict[str, Any]:
    """What is there, by property. A due date is as precise as the form, so what it cannot show is no change."""
    day, at = shown_on_clock(task.due_date, task.due_all_day, reader)
    at = at and at.replace(microsecond=0)
    return {"title": task.title, "due": (day, at), "priority": int(task.priority)}


@login_required
@require_safe
def row(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """A task as a row again: what cancelling does."""
    return _show(request, pk) if request.htmx else redirect("tasks:task", pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def row_edit(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Ask for the properties, or save those that the person changed."""
    if not request.htmx:
        return redirect("tasks:task", pk)
    if request.method == "POST":
        return _save(request, pk)
    found = _row(request, pk)
    if not found.can_edit:
        raise PermissionDenied
    form = RowForm(found.task, request.user)
    return _ask(request, found.task, form, shown(current(found.task, request.user)))


def _row(request: SignedInRequest, pk: UUID) -> Row:
    task = get_object_or_404(for_rows(Task.objects.visible_to(request.user)), pk=pk)
    return rows_of([task], request.user, timezone.now())[0]


def _save(request: SignedInRequest, pk: UUID) -> HttpResponse:
    seen = request.POST.get("seen", "")
    with transaction.atomic():
        task = task_to_change(request.user, pk)
        form = RowForm(task, request.user, request.POST)
        if not form.is_valid():
            return _ask(request, task, form, seen, UNPROCESSABLE)
        there = current(task, request.user)
        comparison = compare(seen, there, form.wanted())
        if comparison.conflicts:
            return _ask(request, task, form, shown(there), CONFLICT, comparison.conflicts)
        task.change(Actor.of(request.user, "web"), **form.columns(comparison.changed))
    return _show(request, pk)


def _show(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = _row(request, pk)
    return announce(render(request, "tasks/_row.html", {"row": found}), found.task)


def _ask(
    request: SignedInRequest,
    task: Task,
    form: RowForm,
    seen: str,
    status: int = 200,
    conflicts: frozenset[str] = frozenset(),
) -> HttpResponse:
    theirs = [words for name, words in _in_words(task).items() if name in conflicts]
    context = {"task": task, "form": form, "seen": seen, "theirs": theirs}
    return render(request, "tasks/_row_edit.html", context, status=status)


def _in_words(task: Task) -> dict[str, str]:
    """What is there now, for people."""
    due = due_words(task.due_date, task.due_all_day) if task.due_date else _("no due date")
    return {"title": f"“{task.title}”", "due": due, "priority": priority_words(task.priority)}
