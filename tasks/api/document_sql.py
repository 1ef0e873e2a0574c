"""A task's JSON written by PostgreSQL itself. A test compares it with what ``documents`` makes of a row."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import BooleanField, Case, ExpressionWrapper, F, Func, Q, TextField, When
from django.db.models.expressions import Combinable
from django.db.models.sql.compiler import SQLCompiler

from tasks.api.documents import PRIORITY_WORDS
from tasks.models.conditions import DUE_SOON, OPEN


class Text(Func):
    """A text that PostgreSQL makes of a column."""

    output_field = TextField()


class Instant(Text):
    """RFC 3339 with a Z, and microseconds only where there are some."""

    template = (
        "replace(to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), "
        "'.000000Z', 'Z')"
    )


class Date(Text):
    template = "to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD')"


class PriorityWord(Text):
    words = ", ".join(f"'{PRIORITY_WORDS[rank]}'" for rank in sorted(PRIORITY_WORDS))
    template = f"(ARRAY[{words}])[%(expressions)s]"


class Reminders(Text):
    """The instants among them are stored with +00:00; no other text in a reminder ends like that."""

    template = "replace(%(expressions)s::text, '+00:00\"', 'Z\"')::json"


class JsonText(Func):
    """A JSON object of expressions, as text."""

    output_field = TextField()

    def __init__(self, **members: Any) -> None:
        super().__init__(*members.values())
        self.names = list(members)

    def as_sql(  # type: ignore[override]
        self, compiler: SQLCompiler, connection: Any, **_: Any
    ) -> tuple[str, list[Any]]:
        parts: list[str] = []
        params: list[Any] = []
        for name, expression in zip(self.names, self.get_source_expressions(), strict=True):
            sql, its_params = compiler.compile(expression)
            parts.append(f"'{name}', {sql}")
            params += its_params
        return f"json_build_object({', '.join(parts)})::text", params


REPEATS: Final = Q(recurring_task__isnull=False, recurring_task__deleted_at=None)
HAS_DEADLINE: Final = Q(status__in=OPEN, deadline_at__isnull=False)


def task_json(now: Combinable) -> JsonText:
    """The document of a task at an instant."""
    return JsonText(
        id=F("id"),
        title=F("title"),
        description=F("description"),
        status=F("status"),
        priority=PriorityWord("priority"),
        tags=F("tags"),
        due_date=Case(When(due_all_day=True, then=Date("due_date")), default=Instant("due_date")),
        due_all_day=F("due_all_day"),
        is_due_soon=_truth(HAS_DEADLINE & Q(deadline_at__gt=now, deadline_at__lte=now + DUE_SOON)),
        is_overdue=_truth(HAS_DEADLINE & Q(deadline_at__lte=now)),
        is_recurring=_truth(REPEATS),
        recurrence_rule=Case(When(REPEATS, then=F("recurring_task__rrule"))),
        recurring_task=Case(When(REPEATS, then=F("recurring_task_id"))),
        reminders=Reminders("reminders"),
        project=F("project_id"),
        assignee=F("assignee_id"),
        parent=F("parent_id"),
        position=F("position"),
        completed_at=Instant("completed_at"),
        created_at=Instant("created_at"),
        updated_at=Instant("updated_at"),
        version=F("version"),
    )


def _truth(condition: Q) -> ExpressionWrapper:
    return ExpressionWrapper(condition, output_field=BooleanField())
