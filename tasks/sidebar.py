"""The lists and projects beside every page, with the number of open tasks in each. Two queries."""

from __future__ import annotations

from functools import cached_property

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from tasks.models import Project, Task


class Sidebar:
    """What a person's sidebar shows."""

    def __init__(self, user: User) -> None:
        self.user = user

    @cached_property
    def today(self) -> int:
        tasks = Task.objects.visible_to(self.user).open()
        return tasks.due_until_end_of(self.user, timezone.now()).count()

    @property
    def inbox(self) -> int:
        counts = (project.open_tasks for project in self._all if self._is_inbox(project))  # type: ignore[attr-defined]
        return sum(counts)

    @property
    def projects(self) -> list[Project]:
        return [project for project in self._all if not self._is_inbox(project)]

    @cached_property
    def _all(self) -> list[Project]:
        tasks = Task.objects.alive().open().outermost().filter(project=OuterRef("pk")).order_by()
        counted = tasks.values("project").annotate(number=Count("pk")).values("number")
        found = Project.objects.visible_to(self.user)
        return list(found.annotate(open_tasks=Coalesce(Subquery(counted), 0)).order_by("name", "pk"))

    def _is_inbox(self, project: Project) -> bool:
        return project.is_inbox and project.owner_id == self.user.pk
