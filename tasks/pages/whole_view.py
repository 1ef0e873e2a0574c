"""All tasks of a view, of which a page shows the first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import F
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from tasks.jobs import MOST
from tasks.models import Task
from tasks.models.task_queryset import TaskQuerySet
from tasks.pages.filters import FilterForm


@dataclass(frozen=True)
class WholeView:
    """``query`` is that of `/tasks`, without its question mark; ``counted`` its number of tasks, if known."""

    query: str
    reader: User
    counted: int | None = None

    @property
    def address(self) -> str:
        return f"{reverse('tasks:all')}?{self.query}"

    @cached_property
    def number(self) -> int:
        return self._tasks().count() if self.counted is None else self.counted

    def keys(self) -> list[UUID]:
        """The tasks, those above others first. Raises ValidationError for too many, and for a query that is wrong."""
        rows = self._tasks().order_by(F("parent").asc(nulls_first=True), "pk")
        keys = list(rows.values_list("pk", flat=True)[: MOST + 1])
        if len(keys) > MOST:
            raise ValidationError(
                _("At most %(most)d tasks can be changed at once. Filter further."), params={"most": MOST}
            )
        return keys

    def _tasks(self) -> TaskQuerySet:
        form = FilterForm(QueryDict(self.query), self.reader, timezone.now())
        if not form.is_valid():
            raise ValidationError([text for texts in form.errors.values() for text in texts])
        return form.apply(Task.objects.visible_to(self.reader))
