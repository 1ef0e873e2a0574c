"""``/api``: where everything is."""

from __future__ import annotations

from typing import Final

from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_schemas import answers
from accounts.strictness import StrictView

# What one can begin with, in the order in which a reader would look at it; the rest is below these.
PLACES: Final = {
    "me": "api_me",
    "tasks": "api_tasks",
    "recurring_tasks": "api_recurring_tasks",
    "projects": "api_projects",
    "filters": "api_filters",
    "notifications": "api_notifications",
    "activity": "api_activity",
    "statistics": "api_statistics",
    "schema": "api_schema",
    "documentation": "docs",
}


@extend_schema_serializer(component_name="Root")
class RootDocument(serializers.Serializer):
    """An address for each kind of thing."""

    def get_fields(self) -> dict[str, serializers.Field]:
        return {name: serializers.URLField() for name in PLACES}


class ApiRoot(StrictView):
    """Where everything is."""

    permission_classes = (AllowAny,)  # type: ignore[assignment]  # the one view for whoever comes

    @extend_schema(operation_id="read_root", responses=answers(200, RootDocument))
    def get(self, request: Request) -> Response:
        """The addresses of what the API has. Nobody needs to sign in for this."""
        return Response({name: request.build_absolute_uri(reverse(place)) for name, place in PLACES.items()})
