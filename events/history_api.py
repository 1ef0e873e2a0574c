"""``/api/tasks/{id}/history``: what happened to a task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import F
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_schemas import answers
from accounts.strictness import StrictView
from events.models import TaskEventLog
from events.types import TASK_EVENTS
from tasks.api.pagination import PAGE_PARAMETERS, Number, Order, Page
from tasks.api.parameters import documented, moment, read_parameters
from tasks.api.schemas import ID, page_of
from tasks.models import Task

COLUMNS: Final = ("event_id", "type", "version", "occurred_at", "actor_id", "actor_name", "via", "changes")
TYPES: Final = sorted(TASK_EVENTS)
PARAMETERS: Final = {
    **PAGE_PARAMETERS,
    "as_of": moment("Only what had happened by then: the first item is the version that the task was at."),
}
NEWEST_FIRST: Final = Order("history", F("version"), Number, descending=True, tie="version", tie_type=Number)


@extend_schema_serializer(component_name="Actor")
class ActorDocument(serializers.Serializer):
    """Who did it and through which door; the system has no id."""

    id = serializers.UUIDField(allow_null=True)
    name = serializers.CharField()
    via = serializers.ChoiceField(["web", "api", "admin", "system"])


@extend_schema_serializer(component_name="TaskEvent")
class EventDocument(serializers.Serializer):
    """One event. ``changes`` has each changed field as ``{"from": …, "to": …}``."""

    id = serializers.UUIDField()
    type = serializers.ChoiceField(TYPES)
    version = serializers.IntegerField()
    occurred_at = serializers.DateTimeField()
    actor = ActorDocument()
    changes = serializers.DictField()


def document(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": row["event_id"],
        "type": row["type"],
        "version": row["version"],
        "occurred_at": row["occurred_at"],
        "actor": {"id": row["actor_id"], "name": row["actor_name"], "via": row["via"]},
        "changes": row["changes"],
    }


class TaskHistory(StrictView):
    """What happened to a task, the newest first."""

    scope = "tasks"
    parameters = PARAMETERS

    @extend_schema(
        operation_id="task_history",
        parameters=[ID, *documented(PARAMETERS)],
        responses=answers(200, page_of(EventDocument), 404),
    )
    def get(self, request: Request, id: str) -> Response:
        """The events of a task. A change appears here a moment after it was made, when its event has arrived.

        While a task is in the trash its history is not shown; restoring it brings it back.
        """
        values = read_parameters(request, PARAMETERS, self.user)
        page = Page.of(values)
        if not Task.objects.visible_to(self.user).filter(pk=id).exists():
            raise NotFound("There is no such task.")
        rows = TaskEventLog.objects.filter(task_id=id)
        if "as_of" in values:
            rows = rows.filter(occurred_at__lte=values["as_of"])
        return Response(page.answer(rows.values(*COLUMNS), NEWEST_FIRST, document))
