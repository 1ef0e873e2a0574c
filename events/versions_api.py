"""``/api/tasks/{id}/versions``: a task as it was, and going back to that."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError as ModelError
from django.db import transaction
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_schemas import answers
from accounts.strictness import StrictSerializer
from events import versions
from events.history_api import ActorDocument
from events.models import TaskEventLog
from events.types import TASK_EVENTS
from tasks.api.documents import task_document, task_row
from tasks.api.etags import etag
from tasks.api.schemas import ID, IF_MATCH, TaskDocument
from tasks.api.tasks import TaskView
from tasks.earlier import go_back, way_back
from tasks.models import Task
from tasks.pages.access import task_to_look_up

VERSION = OpenApiParameter("version", OpenApiTypes.INT, OpenApiParameter.PATH)
THEN_AND_NOW = inline_serializer(
    "ThenAndNow", {"then": serializers.JSONField(), "now": serializers.JSONField()}
)


@extend_schema_serializer(component_name="TaskVersion")
class VersionDocument(serializers.Serializer):
    """A task as it was. ``differences`` are the fields that are not now what they were then."""

    version = serializers.IntegerField()
    type = serializers.ChoiceField(sorted(TASK_EVENTS))
    occurred_at = serializers.DateTimeField()
    actor = ActorDocument()
    task = serializers.DictField(help_text="The whole task, as its events have it.")
    differences = serializers.DictField(child=THEN_AND_NOW)


@extend_schema_serializer(component_name="Restored")
class RestoredDocument(serializers.Serializer):
    """``stays`` says of each field that could not be given back why it stays as it is."""

    task = TaskDocument()
    stays = serializers.DictField(child=serializers.CharField())


class VersionInput(StrictSerializer):
    """Which version of the task."""

    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)

    output_only: ClassVar[frozenset[str]] = frozenset()


def _found(id: str, version: int) -> TaskEventLog:
    row = versions.find(id, version) if version < 2**31 else None  # type: ignore[arg-type]
    if row is None:
        raise NotFound("There is no such version.")
    return row


class TaskVersion(TaskView):
    """One version of a task."""

    @extend_schema(
        operation_id="task_version", parameters=[ID, VERSION], responses=answers(200, VersionDocument, 404)
    )
    def get(self, request: Request, id: str, version: str) -> Response:
        """A task as it was at a version; one in the trash, too, if you may restore it.

        Which version it had at a moment, `/history?as_of=` says.
        """
        try:
            task, _can_edit = task_to_look_up(self.user, id)  # type: ignore[arg-type]
        except Http404:
            raise NotFound("There is no such task.") from None
        row = _found(id, int(version))
        return Response(_document(row, versions.state_now(task)))


def _document(row: TaskEventLog, now: versions.State) -> dict[str, Any]:
    then = versions.state_of(row)
    return {
        "version": row.version,
        "type": row.type,
        "occurred_at": row.occurred_at,
        "actor": {"id": row.actor_id, "name": row.actor_name, "via": row.via},
        "task": then,
        "differences": {
            name: {"then": before, "now": after}
            for name, (before, after) in versions.differences(then, now).items()
        },
    }


class TaskRestoreVersion(TaskView):
    """Give a task the values back that it had."""

    @extend_schema(
        operation_id="restore_task_version",
        parameters=[ID, IF_MATCH],
        request=VersionInput,
        responses=answers(200, RestoredDocument, 404, 412),
    )
    def post(self, request: Request, id: str) -> Response:
        """Make the task what it was at a version, by one further change. The history keeps both.

        A task that was not in the trash then is taken out of it. What refers to something that is gone stays as it is.
        """
        given = VersionInput(data=request.data)
        with transaction.atomic():
            task = self.current(request, id, Task.objects.writable_by(self.user))
            given.is_valid(raise_exception=True)
            row = _found(id, given.validated_data["version"])
            way = way_back(task, versions.columns(versions.state_of(row)), self.user)
            try:
                go_back(task, way, self.actor)
            except ModelError as error:
                raise ValidationError({"version": error.messages}) from error
        document = {"task": task_document(task_row(task)), "stays": way.stays}
        return Response(document, headers={"ETag": etag(task.version)})
