"""The lists, projects and saved filters beside every page, with the number of tasks in each.

Two queries, and a third one for who has saved filters.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Count, F, Func, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from tasks.models import Project, SavedFilter, Task
from tasks.pages.filters import FilterForm


@dataclass(frozen=True)
class ShownFilter:
    """A saved filter, where it leads, and how many tasks it finds."""

    saved: SavedFilter
    count: int

    @property
    def address(self) -> str:
        return address_of(self.saved)


def address_of(saved: SavedFilter) -> str:
    return f"{reverse('tasks:all')}?{saved.query}"


class Sidebar:
    """What a person's sidebar shows."""

    def __init__(self, user: User) -> None:
        self.user = user

    @property
    def today(self) -> int:
        return self._all[0].due_today if self._all else 0  # type: ignore[attr-defined]  # annotated

    @property
    def inbox(self) -> int:
        counts = (project.open_tasks for project in self._all if self._is_inbox(project))  # type: ignore[attr-defined]
        return sum(counts)

    @property
    def projects(self) -> list[Project]:
        return [project for project in self._all if not self._is_inbox(project)]

    @property
    def all_projects(self) -> list[Project]:
        """With the Inbox, which comes first."""
        return sorted(self._all, key=lambda project: not self._is_inbox(project))

    @cached_property
    def _all(self) -> list[Project]:
        tasks = Task.objects.alive().open().outermost().filter(project=OuterRef("pk")).order_by()
        counted = tasks.values("project").annotate(number=Count("pk")).values("number")
        found = Project.objects.visible_to(self.user).annotate(
            open_tasks=Coalesce(Subquery(counted), 0), due_today=Subquery(self._due_today())
        )
        return list(found.order_by("name", "pk"))

    def _due_today(self) -> QuerySet[Any]:
        """One row with how many tasks are due by the end of today: the same beside every project, and asked once."""
        due = Task.objects.visible_to(self.user).open().due_until_end_of(self.user, timezone.now()).order_by()
        number = Func(F("pk"), function="count", output_field=IntegerField())
        one_row: QuerySet[Any] = due.annotate(number=number).values("number")
        return one_row

    @cached_property
    def filters(self) -> list[ShownFilter]:
        """The person's saved filters; the tasks of all of them are counted together."""
        saved = list(SavedFilter.objects.filter(owner=self.user))
        if not saved:
            return []
        now = timezone.now()
        wanted = {f"filter_{n}": self._condition(each, now) for n, each in enumerate(saved)}
        counts = {name: Count("pk", filter=condition) for name, condition in wanted.items()}
        numbers = Task.objects.visible_to(self.user).aggregate(**counts)
        return [ShownFilter(each, numbers[name]) for each, name in zip(saved, wanted, strict=True)]

    def _condition(self, saved: SavedFilter, now: datetime) -> Q:
        return FilterForm(QueryDict(saved.query), self.user, now, self._all).condition()

    def _is_inbox(self, project: Project) -> bool:
        return project.is_inbox and project.owner_id == self.user.pk
