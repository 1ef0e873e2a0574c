"""The list of tasks as PostgreSQL writes it: one statement that returns each task's JSON and how many there are.

The statement of a question is kept, so the same question again, by whomever and whenever, is not worked out anew.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.db.models import DateTimeField, F, Func, IntegerField, QuerySet, Subquery, UUIDField

from tasks.api.document_sql import task_json
from tasks.api.pagination import Page
from tasks.api.task_list import filtered, order_of, read_question
from tasks.given import Given, Statement
from tasks.models import Task

KEPT_STATEMENTS: Final = 512  # some 10 kB each
USER: Any = Given("user", UUIDField())
NOW: Any = Given("now", DateTimeField())


class WrittenList:
    """What a query string asks, in a time zone."""

    def __init__(self, query: str, zone: ZoneInfo) -> None:
        values = read_question(query, zone)
        self.page, self.order = Page.of(values), order_of(values)
        self._tasks = filtered(Task.objects.visible_to(USER), values, NOW)
        self._count = Statement(counted(self._tasks))
        written = self._tasks.annotate(document=task_json(NOW), total=Subquery(counted(self._tasks)))
        self._statement = Statement(self._selected(written))

    def _selected(self, written: QuerySet[Any]) -> QuerySet[Any]:
        if self.page.cursor is None:
            return self.page.slice(self.order.sort(written)).values_list("document", "total")
        return self.page.beyond(written, self.order).values_list("document", "sort_key", self.order.tie)

    def answer(self, user: UUID, now: datetime) -> dict[str, Any]:
        """The page for a person at an instant; its items are JSON already."""
        rows = self._statement.rows(user=user, now=now)
        items = [msgspec.Raw(row[0]) for row in rows]
        if self.page.cursor is not None:
            places = [{"sort_key": key, self.order.tie: tie} for _document, key, tie in rows]
            return self.page.part(items, places, self.order)
        return self.page.numbered(items, rows[0][1] if rows else self._total(user, now))

    def _total(self, user: UUID, now: datetime) -> int:
        """How many there are where the page is empty."""
        return 0 if self.page.number == 1 else int(self._count.rows(user=user, now=now)[0][0])


def counted(tasks: QuerySet[Any]) -> QuerySet[Any]:
    """One row with how many there are. (Not ``Count``, which would group by something.)"""
    number = Func(F("pk"), function="count", output_field=IntegerField())
    one_row: QuerySet[Any] = tasks.order_by().annotate(number=number).values("number")
    return one_row


@lru_cache(KEPT_STATEMENTS)
def written_list(query: str, zone: ZoneInfo) -> WrittenList:
    """Raises ValidationError, each time, for what cannot be asked."""
    return WrittenList(query, zone)
