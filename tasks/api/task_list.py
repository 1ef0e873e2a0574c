"""Which tasks a list has, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import F, Q
from django.http import QueryDict
from rest_framework.exceptions import ValidationError

from tasks.api.documents import PRIORITY_RANKS
from tasks.api.pagination import PAGE_PARAMETERS, Number, Order, instant_order
from tasks.api.parameters import (
    Table,
    identity,
    moment,
    one_of,
    read_query,
    text,
    true_or_false,
)
from tasks.filtering import LENGTH, FilterError, Reader, parse
from tasks.models import Status
from tasks.models.tags import TAG_LENGTH
from tasks.models.task_queryset import TaskQuerySet
from tasks.search import Casefold

SORTS: Final[Mapping[str, Callable[[bool], Order]]] = {
    "due_date": lambda down: instant_order("due_date", "due_date", nullable=True, descending=down),
    "priority": lambda down: Order("priority", F("priority"), Number, descending=down),
    "created_at": lambda down: instant_order("created_at", "created_at", descending=down),
    "updated_at": lambda down: instant_order("updated_at", "updated_at", descending=down),
    "title": lambda down: Order("title", Casefold("title"), descending=down),
}
ASCENDING: Final = (
    "due_date",
    "title",
)  # unless sort_order is given; the others begin with the newest, the most urgent

TASK_PARAMETERS: Final[Table] = {
    "status": one_of(Status.values, "Any of these.", many=True),
    "priority": one_of(tuple(PRIORITY_RANKS), "Any of these.", many=True),
    "tag": text("With any of these tags.", TAG_LENGTH, many=True),
    "search": text("Title or description contains this text, in any case.", 200, may_be_empty=True),
    "project": identity("In any of these projects.", many=True),
    "filter": text(
        "What the search field of the pages understands: `due:today project:work @calls p1 -done`. Completed tasks are "
        "left out only if it says so. A filter that makes no sense is refused with the place of its wrong word.",
        LENGTH,
        may_be_empty=True,
    ),
    "assignee": identity("To be done by any of these people.", many=True),
    "due_before": moment("Due earlier than this."),
    "due_after": moment("Due at this time or later; a date includes its whole day."),
    "overdue": true_or_false("Open and past the due date."),
    "due_soon": true_or_false("Open and due within 24 hours."),
    "is_recurring": true_or_false("Part of a series."),
    "sort_by": one_of(
        tuple(SORTS), "`created_at` unless given. Tasks without a due date come last either way."
    ),
    "sort_order": one_of(
        ("asc", "desc"),
        "Unless given: `asc` for `due_date` and `title`, `desc` for the others.",
    ),
    **PAGE_PARAMETERS,
}


def read_question(query: str, zone: ZoneInfo) -> dict[str, Any]:
    """What a query string (as WSGI has it, in Latin-1) asks of the list. Raises ValidationError."""
    return read_query(QueryDict(query.encode("latin-1")), TASK_PARAMETERS, zone)


def filtered(tasks: TaskQuerySet, values: Mapping[str, Any], now: datetime) -> TaskQuerySet:
    """The tasks that the parameters select, each one narrowing what the others leave."""
    for name in values.keys() & FILTERS.keys():
        tasks = FILTERS[name](tasks, values[name], now)
    return tasks


def matching(tasks: TaskQuerySet, text: str, reader: Reader) -> TaskQuerySet:
    """The tasks that a filter asks for. Raises ValidationError, which says where in the text what is wrong."""
    try:
        return tasks.filter(parse(text, reader).condition)
    except FilterError as error:
        place = f"Characters {error.start} to {error.end}: “{text[error.start : error.end]}”."
        raise ValidationError({"filter": [str(error), place]}) from None


def order_of(values: Mapping[str, Any]) -> Order:
    name = values.get("sort_by", "created_at")
    default = "asc" if name in ASCENDING else "desc"
    return SORTS[name](values.get("sort_order", default) == "desc")


def _tagged(tasks: TaskQuerySet, tags: list[str], _: datetime) -> TaskQuerySet:
    return tasks.filter(reduce(or_, [Q(tags__has=tag.removeprefix("@")) for tag in tags]))


FILTERS: Final[Mapping[str, Callable[[TaskQuerySet, Any, datetime], TaskQuerySet]]] = {
    "status": lambda tasks, words, _: tasks.filter(status__in=words),
    "priority": lambda tasks, words, _: tasks.filter(priority__in=[PRIORITY_RANKS[word] for word in words]),
    "tag": _tagged,
    "search": lambda tasks, words, _: tasks.search(words) if words else tasks,
    "project": lambda tasks, ids, _: tasks.filter(project__in=ids),
    "assignee": lambda tasks, ids, _: tasks.filter(assignee__in=ids),
    "due_before": lambda tasks, moment, _: tasks.due_before(moment),
    "due_after": lambda tasks, moment, _: tasks.due_from(moment),
    "overdue": lambda tasks, is_so, now: tasks.overdue(now, is_so),
    "due_soon": lambda tasks, is_so, now: tasks.due_soon(now, is_so),
    "is_recurring": lambda tasks, is_so, _: tasks.recurring(is_so),
}
