"""``/api/projects/{id}/history``: who joined, left and was invited to a project."""

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
from events.history_api import ActorDocument
from events.models import ProjectEventLog
from events.types import PROJECT_EVENTS
from tasks.api.pagination import PAGE_PARAMETERS, Number, Order, Page
from tasks.api.parameters import documented, read_parameters
from tasks.api.schemas import ID, page_of
from tasks.models import Project

COLUMNS: Final = ("id", "event_id", "type", "occurred_at", "actor_id", "actor_name", "via", "data")
TYPES: Final = sorted(PROJECT_EVENTS)
COMMON: Final = {"actor", "occurred_at", "project_id", "project_name"}  # what every event says of itself
NEWEST_FIRST: Final = Order("project_history", F("id"), Number, descending=True, tie="id", tie_type=Number)


@extend_schema_serializer(component_name="ProjectEvent")
class ProjectEventDocument(serializers.Serializer):
    """One event. ``details`` is what events of its type say besides: see their schemas."""

    id = serializers.UUIDField()
    type = serializers.ChoiceField(TYPES)
    occurred_at = serializers.DateTimeField()
    actor = ActorDocument()
    details = serializers.DictField()


def document(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": row["event_id"],
        "type": row["type"],
        "occurred_at": row["occurred_at"],
        "actor": {"id": row["actor_id"], "name": row["actor_name"], "via": row["via"]},
        "details": {name: value for name, value in row["data"].items() if name not in COMMON},
    }


class ProjectHistory(StrictView):
    """What happened to a project itself, the newest first."""

    scope = "tasks"
    parameters = PAGE_PARAMETERS

    @extend_schema(
        operation_id="project_history",
        parameters=[ID, *documented(PAGE_PARAMETERS)],
        responses=answers(200, page_of(ProjectEventDocument), 404),
    )
    def get(self, request: Request, id: str) -> Response:
        """List who joined, left and was invited, as a member. An event appears a moment after what it tells of."""
        page = Page.of(read_parameters(request, PAGE_PARAMETERS, self.user))
        if not Project.objects.visible_to(self.user).filter(pk=id).exists():
            raise NotFound("There is no such project.")
        rows = ProjectEventLog.objects.filter(project_id=id).values(*COLUMNS)
        return Response(page.answer(rows, NEWEST_FIRST, document))
