"""``/api/activity``: what happened to all tasks that a person sees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import F
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_schemas import answers
from accounts.strictness import StrictView
from events.activity import TYPES, Question
from events.history_api import COLUMNS, EventDocument, document
from tasks.api.pagination import PAGE_PARAMETERS, Number, Order, Page
from tasks.api.parameters import Table, documented, identity, moment, one_of, read_parameters
from tasks.api.schemas import page_of

PARAMETERS: Final[Table] = {
    "actor": identity("Done by this person."),
    "type": one_of(tuple(TYPES), "What happened."),
    "task": identity("To this task."),
    "project": identity("To tasks that are in this project now."),
    "from": moment("At this time or later."),
    **PAGE_PARAMETERS,
}
# By the place in the log: the order in which events arrived there.
NEWEST_FIRST: Final = Order("activity", F("id"), Number, descending=True, tie="id", tie_type=Number)


@extend_schema_serializer(component_name="Activity")
class ActivityDocument(EventDocument):
    """One event, with the task that it happened to."""

    task = serializers.UUIDField()


def activity_document(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**document(row), "task": row["task_id"]}


class ActivityList(StrictView):
    """What happened to the tasks that you see, the newest first."""

    scope = "tasks"
    parameters = PARAMETERS

    @extend_schema(
        operation_id="list_activity",
        parameters=documented(PARAMETERS),
        responses=answers(200, page_of(ActivityDocument)),
    )
    def get(self, request: Request) -> Response:
        """List events. Rights are those of now: who left a project sees nothing of it any more."""
        given = read_parameters(request, PARAMETERS, self.user)
        question = Question(
            given.get("actor"),
            given.get("type", ""),
            given.get("task"),
            given.get("project"),
            given.get("from"),
        )
        rows = question.rows(self.user).values("id", "task_id", *COLUMNS)
        return Response(Page.of(given).answer(rows, NEWEST_FIRST, activity_document))
