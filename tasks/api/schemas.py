"""How answers look in the OpenAPI document. Answers are made in ``documents``; a test holds the two together."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.drainage import get_override
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    extend_schema_field,
    extend_schema_serializer,
    inline_serializer,
)
from rest_framework import serializers

from tasks.api.documents import PRIORITY_RANKS, WEEKDAYS
from tasks.api.rules import TYPES
from tasks.models import Anchor, Role, Status
from tasks.models.project import Colour

DATE_OR_INSTANT: Final = {
    "anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]
}


@extend_schema_field(DATE_OR_INSTANT)
class DateOrInstant(serializers.Field):
    """A date for what is due all day, else an instant in UTC."""


@extend_schema_serializer(component_name="Reminder")
class ReminderDocument(serializers.Serializer):
    """Either ``at`` or ``minutes_before``."""

    id = serializers.UUIDField()
    at = serializers.DateTimeField(required=False)
    minutes_before = serializers.IntegerField(required=False)


@extend_schema_serializer(component_name="Task")
class TaskDocument(serializers.Serializer):
    """A task."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    description = serializers.CharField()
    status = serializers.ChoiceField(Status.values)
    priority = serializers.ChoiceField(list(PRIORITY_RANKS))
    tags = serializers.ListField(child=serializers.CharField())
    due_date = DateOrInstant(allow_null=True)
    due_all_day = serializers.BooleanField()
    is_due_soon = serializers.BooleanField()
    is_overdue = serializers.BooleanField()
    is_recurring = serializers.BooleanField()
    recurrence_rule = serializers.CharField(allow_null=True)
    recurring_task = serializers.UUIDField(allow_null=True)
    reminders = ReminderDocument(many=True)
    project = serializers.UUIDField()
    assignee = serializers.UUIDField(allow_null=True)
    parent = serializers.UUIDField(allow_null=True)  # type: ignore[assignment]
    position = serializers.CharField()
    completed_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    version = serializers.IntegerField(help_text="Grows by one with each change; the ETag is this in quotes.")


@extend_schema_serializer(component_name="RecurringTask")
class SeriesDocument(serializers.Serializer):
    """A recurring task: the pattern that its tasks are made from, and when."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    description = serializers.CharField()
    priority = serializers.ChoiceField(list(PRIORITY_RANKS))
    tags = serializers.ListField(child=serializers.CharField())
    reminders = ReminderDocument(many=True)
    project = serializers.UUIDField()
    recurrence_type = serializers.ChoiceField(TYPES)
    recurrence_interval = serializers.IntegerField()
    weekdays = serializers.ListField(child=serializers.ChoiceField(WEEKDAYS))
    rrule = serializers.CharField()
    anchor = serializers.ChoiceField(Anchor.values)
    start_date = serializers.DateField()
    start_time = serializers.CharField(allow_null=True)
    end_date = serializers.DateField(allow_null=True)
    time_zone = serializers.CharField()
    is_active = serializers.BooleanField()
    next_due_at = serializers.DateTimeField(allow_null=True)
    last_created_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


@extend_schema_serializer(component_name="Project")
class ProjectDocument(serializers.Serializer):
    """A project, with your role in it."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    colour = serializers.ChoiceField(Colour.values)
    is_inbox = serializers.BooleanField()
    role = serializers.ChoiceField(Role.values)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


PreviewDocument = inline_serializer("Preview", {"items": serializers.ListField(child=DateOrInstant())})

IF_MATCH: Final = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description="An ETag; 412 if the task is at another version."
)
IF_NONE_MATCH: Final = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description="An ETag; 304 if the task is at that version."
)
ID: Final = OpenApiParameter("id", OpenApiTypes.UUID, OpenApiParameter.PATH)


def page_of(item: type[serializers.Serializer]) -> Any:
    """The schema of a page: by number it has ``total`` and ``page``, by cursor ``next_cursor``."""
    return inline_serializer(
        f"{get_override(item, 'component_name', item.__name__)}Page",
        {
            "items": item(many=True),
            "total": serializers.IntegerField(required=False, help_text="Not with a cursor."),
            "page": serializers.IntegerField(required=False, help_text="Not with a cursor."),
            "page_size": serializers.IntegerField(),
            "next_cursor": serializers.CharField(
                required=False, allow_null=True, help_text="Only with a cursor; null on the last page."
            ),
        },
    )
