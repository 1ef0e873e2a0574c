"""Several figures with one statement: each row says what was counted, of whom, and in which state."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import CharField, Count, DateTimeField, ExpressionWrapper, F, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

COLUMNS = ("tally_what", "tally_of", "tally_state", "tally_number", "tally_oldest", "tally_handled")
COUNT = Count("pk")


class Same(ExpressionWrapper):
    """What is the same in all rows: there is nothing to group by it, and so a figure even where there is no row."""

    def get_group_by_cols(self) -> list[Any]:
        return []


# Cast, as all texts are: a bare parameter has no type by which parts could match.
NEVER = Same(Cast(Value(None), DateTimeField()), output_field=DateTimeField())


class Figure(NamedTuple):
    """``number`` is None where a sum was asked for and there is nothing."""

    what: str
    of: str
    state: str
    number: int | None
    oldest: datetime | None
    handled_at: datetime | None


def part(
    rows: QuerySet[Any],
    what: str,
    of: str | F = "",
    state: str | F = "",
    number: Combinable = COUNT,
    oldest: Combinable = NEVER,
    handled_at: Combinable = NEVER,
) -> QuerySet[Any]:
    """One part of the statement. A column as ``of`` or ``state`` makes a figure for each of its values."""
    names = {"tally_what": _text(what), "tally_of": _text(of), "tally_state": _text(state)}
    figures = {"tally_number": number, "tally_oldest": oldest, "tally_handled": handled_at}
    counted: QuerySet[Any] = rows.order_by().annotate(**names).values(*names).annotate(**figures)
    found: QuerySet[Any] = counted.values_list(*COLUMNS)
    return found


class Found:
    """What was counted, to be asked for by what it is, of whom, and in which state."""

    def __init__(self, rows: Iterable[tuple[Any, ...]]) -> None:
        figures = [Figure(*row) for row in rows]
        self._figures = {(one.what, one.of, one.state): one for one in figures}

    def __getitem__(self, name: tuple[str, str]) -> Figure:
        return self._figures[*name, ""]

    def number(self, what: str, of: str = "", state: str = "") -> int:
        """0 where there was nothing to count."""
        figure = self._figures.get((what, of, state))
        return (figure and figure.number) or 0


def tally(first: QuerySet[Any], *others: QuerySet[Any]) -> Found:
    """The figures of all parts."""
    return Found(first.union(*others, all=True))


def _text(value: str | F) -> Combinable:
    return Same(Cast(Value(value), CharField()), CharField()) if isinstance(value, str) else value
