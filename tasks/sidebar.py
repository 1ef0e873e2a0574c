"""The lists, projects and saved filters beside every page, with the number of tasks in each.

One query, and a second one for who has saved filters: to count their tasks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from django.db.models import (
    Case,
    Count,
    F,
    Func,
    IntegerField,
    JSONField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.functions import Coalesce, JSONObject
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from tasks.models import Project, SavedFilter, Task
from tasks.pages.filters import FilterForm

SHOWN: Final = ("name", "query", "colour")  # of a saved filter


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


def number_of(rows: QuerySet[Any]) -> QuerySet[Any]:
    """How many there are, as one row of one column: to be asked for within another query."""
    number = Func(F("pk"), function="count", output_field=IntegerField())
    one_row: QuerySet[Any] = rows.order_by().annotate(number=number).values("number")
    return one_row


class Listed(Subquery):
    """Rows of one column, `entry`, as one JSON array in their order."""

    output_field = JSONField()
    template = "(SELECT coalesce(jsonb_agg(listed.entry), '[]') FROM (%(subquery)s) AS listed)"

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        template = "(SELECT json_group_array(json(listed.entry)) FROM (%(subquery)s) AS listed)"
        sql, params = self.as_sql(compiler, connection, template=template)  # type: ignore[call-arg]  # not in the stubs
        return sql, tuple(params)


class Sidebar:
    """What a person's sidebar shows. ``also`` are rows of which the number is asked for along with it."""

    def __init__(self, user: User, **also: QuerySet[Any]) -> None:
        self.user = user
        self._also = also

    @property
    def today(self) -> int:
        return self.number("due_today")

    def number(self, name: str) -> int:
        """How many of the rows of this name there are."""
        return getattr(self._all[0], name) if self._all else 0

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
        due = Task.objects.visible_to(self.user).open().due_until_end_of(self.user, timezone.now())
        # The same beside every project, and asked once.
        numbers = {"due_today": due, **self._also}
        found = Project.objects.visible_to(self.user).annotate(
            open_tasks=Coalesce(Subquery(counted), 0),
            filters=Case(When(owner=self.user, is_inbox=True, then=self._saved())),
            **{name: Subquery(number_of(rows)) for name, rows in numbers.items()},
        )
        return list(found.order_by("name", "pk"))

    def _saved(self) -> Listed:
        entry = JSONObject(**{name: name for name in SHOWN})
        return Listed(SavedFilter.objects.filter(owner=self.user).values(entry=entry))

    @cached_property
    def filters(self) -> list[ShownFilter]:
        """The person's saved filters; the tasks of all of them are counted together."""
        inboxes = (project for project in self._all if self._is_inbox(project))
        saved = [SavedFilter(**entry) for inbox in inboxes for entry in inbox.filters]  # type: ignore[attr-defined]
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
