"""Lists in pages: by number (``page``), or from where the last one ended (``cursor``).

A cursor names the sort key and the id of the last row, so a page costs the same however far down it is, and
what is added or removed meanwhile neither repeats nor hides a row.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Self
from uuid import UUID

import msgspec
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import Combinable
from rest_framework.exceptions import ValidationError

from tasks.api import parameters
from tasks.api.parameters import Table, whole_number

PAGE_SIZE: Final = 50
LARGEST_PAGE: Final = 200
LAST_PAGE: Final = 10_000_000

# The types of sort keys. A cursor comes from outside, so their limits keep the database from failing on it.
Text = Annotated[str, msgspec.Meta(pattern="^[^\\x00]*$")]
Number = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]

PAGE_PARAMETERS: Final[Table] = {
    "page": whole_number(1, LAST_PAGE, "Which page, counted from 1."),
    "page_size": whole_number(1, LARGEST_PAGE, f"How many items a page has; {PAGE_SIZE} unless given."),
    "cursor": parameters.text(
        "Instead of `page`: empty for the first page, then the `next_cursor` of the page before.",
        2000,
        may_be_empty=True,
    ),
}


@dataclass(frozen=True)
class Order:
    """How a list is sorted: by ``key``, rows without one last, and by ``tie`` where keys are equal.

    ``name`` marks its cursors. ``key_type`` and ``tie_type`` are what a cursor's values are checked against.
    """

    name: str
    key: Combinable
    key_type: Any = Text
    descending: bool = False
    nullable: bool = False
    tie: str = "id"
    tie_type: Any = UUID

    def sort(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        key, tie = F("sort_key"), F(self.tie)
        last = True if self.nullable else None
        rows = rows.annotate(sort_key=self.key)
        if self.descending:
            return rows.order_by(key.desc(nulls_last=last), tie.desc())
        return rows.order_by(key.asc(nulls_last=last), tie.asc())

    def after(self, row: Mapping[str, Any]) -> Q:
        """What comes after a row of a sorted list."""
        beyond = "lt" if self.descending else "gt"
        later_tie = Q(**{f"{self.tie}__{beyond}": row["tie"]})
        if row["key"] is None:
            return Q(sort_key=None) & later_tie
        later = Q(**{f"sort_key__{beyond}": row["key"]}) | (Q(sort_key=row["key"]) & later_tie)
        return later | Q(sort_key=None) if self.nullable else later

    def write_cursor(self, row: Mapping[str, Any]) -> str:
        """A text without meaning for others that names the place after a row."""
        place = [self.name, self.descending, row["sort_key"], row[self.tie]]
        return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")

    def read_cursor(self, cursor: str) -> dict[str, Any]:
        try:
            place = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            name, descending, key, tie = msgspec.json.decode(place, type=tuple[str, bool, Any, Any])
            if (name, descending) != (self.name, self.descending):
                raise ValidationError({"cursor": ["This cursor is of a list that is sorted differently."]})
            given = None if key is None and self.nullable else msgspec.convert(key, self.key_type)
            return {"key": given, "tie": msgspec.convert(tie, self.tie_type)}
        except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
            raise ValidationError({"cursor": ["This is no cursor. Begin with an empty one."]}) from error


@dataclass(frozen=True)
class Page:
    """Which part of a list a request wants."""

    number: int = 1
    size: int = PAGE_SIZE
    cursor: str | None = None

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """From what ``read_parameters`` read. Raises ValidationError when both kinds of paging are given."""
        if "page" in values and "cursor" in values:
            raise ValidationError({"page": ["Give either page or cursor."]})
        return cls(values.get("page", 1), values.get("page_size", PAGE_SIZE), values.get("cursor"))

    def answer(
        self, rows: QuerySet[Any], order: Order, show: Callable[[Any], dict[str, Any]]
    ) -> dict[str, Any]:
        """The page as the API answers it.

        ``rows`` is a queryset of ``values()`` that include the order's tie; ``show`` makes an item of each.
        """
        part = self._by_number if self.cursor is None else self._by_cursor
        return part(rows, order, show)

    def _by_number(
        self, rows: QuerySet[Any], order: Order, show: Callable[[Any], dict[str, Any]]
    ) -> dict[str, Any]:
        found = list(self.slice(order.sort(rows)))
        # A page that is not full is the last one, so it says how many there are.
        is_last = len(found) < self.size and (found or self.number == 1)
        total = self._offset + len(found) if is_last else rows.count()
        return self.numbered([show(row) for row in found], total)

    def _by_cursor(
        self, rows: QuerySet[Any], order: Order, show: Callable[[Any], dict[str, Any]]
    ) -> dict[str, Any]:
        found = list(self.beyond(rows, order))
        return self.part([show(row) for row in found], found, order)

    @property
    def _offset(self) -> int:
        return (self.number - 1) * self.size

    def slice(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The rows of the page by number."""
        return rows[self._offset : self._offset + self.size]

    def beyond(self, rows: QuerySet[Any], order: Order) -> QuerySet[Any]:
        """The sorted rows of the page by cursor, and one more where there is one."""
        rows = order.sort(rows)
        if self.cursor:
            rows = rows.filter(order.after(order.read_cursor(self.cursor)))
        return rows[: self.size + 1]

    def numbered(self, items: list[Any], total: int) -> dict[str, Any]:
        return {"items": items, "total": total, "page": self.number, "page_size": self.size}

    def part(self, items: list[Any], places: Sequence[Mapping[str, Any]], order: Order) -> dict[str, Any]:
        """The answer of what ``beyond`` found. ``places`` have the sort key and the tie of each."""
        more = len(items) > self.size
        return {
            "items": items[: self.size],
            "page_size": self.size,
            "next_cursor": order.write_cursor(places[self.size - 1]) if more else None,
        }


def instant_order(name: str, column: str, **how: Any) -> Order:
    """By a column of instants."""
    return Order(name, F(column), Instant, **how)
