"""How staff narrow a list of tasks down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from tasks.models.task_queryset import TaskQuerySet

Narrowed = Callable[[TaskQuerySet], TaskQuerySet]


class ChoiceFilter(admin.SimpleListFilter):
    """A filter of which each choice is a method of the task's queryset."""

    choices_made: dict[str, tuple[str, Narrowed]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, words) for value, (words, _) in self.choices_made.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet | None:
        chosen = self.choices_made.get(self.value() or "")
        return chosen[1](queryset) if chosen and isinstance(queryset, TaskQuerySet) else None


class PlaceFilter(ChoiceFilter):
    title = "where"
    parameter_name = "where"
    choices_made = {
        "lists": ("In the lists", lambda tasks: tasks.alive()),
        "trash": ("In the trash", lambda tasks: tasks.in_trash()),
    }


class DueFilter(ChoiceFilter):
    title = "due"
    parameter_name = "due"
    choices_made = {
        "overdue": ("Overdue", lambda tasks: tasks.alive().overdue(timezone.now())),
        "soon": ("Within 24 hours", lambda tasks: tasks.alive().due_soon(timezone.now())),
    }


class RecurringFilter(ChoiceFilter):
    title = "recurring"
    parameter_name = "recurring"
    choices_made = {
        "yes": ("Yes", lambda tasks: tasks.recurring()),
        "no": ("No", lambda tasks: tasks.recurring(False)),
    }
