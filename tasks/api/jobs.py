"""``/api/tasks/jobs``: a change of all tasks that a filter finds, done by a worker, and its undoing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.core.exceptions import ValidationError as ModelError
from django.db.models import F
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import Actor
from accounts.api_schemas import answers
from accounts.strict_fields import Text
from accounts.strictness import NoInput, StrictView
from tasks import jobs
from tasks.api.bulk import ChangeInput
from tasks.api.conflicts import Conflict
from tasks.api.schemas import ID
from tasks.api.task_list import matching
from tasks.filtering import LENGTH, Reader
from tasks.models import Job, Task
from tasks.models.job import JobState

COLUMNS: Final = (
    "id", "state", "total", "done", "changed", "failed", "failures", "error", "began_at", "ended_at",
)  # fmt: skip


class JobInput(ChangeInput):
    """A change of all tasks that a filter finds now."""

    filter = Text(
        max_length=LENGTH,
        help_text=f"What the search field of the pages understands. It may find up to {jobs.MOST} tasks.",
    )


class Failure(serializers.Serializer):
    """A task that was not changed, and why."""

    title = serializers.CharField()
    detail = serializers.CharField()


@extend_schema_serializer(component_name="Job")
class JobDocument(serializers.Serializer):
    """How far a change of many tasks is. It is kept for a day."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(JobState.values)
    total = serializers.IntegerField(help_text="How many tasks; of an undo, how many portions.")
    done = serializers.IntegerField(help_text="How many of them are behind it.")
    changed = serializers.IntegerField()
    failed = serializers.IntegerField()
    failures = Failure(many=True, help_text="The first 50 that were not changed.")
    error = serializers.CharField(help_text="Why it stopped before its end.")
    began_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


def begun(job: Job) -> Response:
    document = {name: getattr(job, name) for name in COLUMNS}
    return Response(document, status.HTTP_202_ACCEPTED, headers={"Location": f"/api/tasks/jobs/{job.pk}"})


class JobView(StrictView):
    """What the views of jobs share."""

    scope = "tasks"

    def own(self, id: str) -> Job:
        job = Job.objects.of(self.user).select_related("user", "taken_back_by").filter(pk=id).first()
        if job is None:
            raise NotFound("There is no such job, or not any more.")
        return job

    @property
    def actor(self) -> Actor:
        return Actor.of(self.user, "api")


class JobList(JobView):
    """Changes of very many tasks."""

    @extend_schema(operation_id="begin_job", request=JobInput, responses=answers(202, JobDocument, 409))
    def post(self, request: Request) -> Response:
        """Change all tasks that a filter finds, in portions. One job of a person runs at a time."""
        given = JobInput(data=request.data, context={"user": self.user})
        given.is_valid(raise_exception=True)
        reader = Reader(self.user, timezone.now())
        found = matching(Task.objects.visible_to(self.user), given.validated_data["filter"], reader)
        rows = found.order_by(F("parent").asc(nulls_first=True), "pk").values_list("pk", flat=True)
        keys = list(rows[: jobs.MOST + 1])
        if not 1 <= len(keys) <= jobs.MOST:
            raise ValidationError({"filter": [f"It must find 1 to {jobs.MOST} tasks."]})
        return _begin(lambda: jobs.begin(self.user, self.actor, given.validated_data["wish"], keys))


class JobDetail(JobView):
    """One of your jobs."""

    @extend_schema(operation_id="read_job", parameters=[ID], responses=answers(200, JobDocument, 404))
    def get(self, request: Request, id: str) -> Response:
        job = self.own(id)
        return Response({name: getattr(job, name) for name in COLUMNS})


class JobUndo(JobView):
    """All that a job did is taken back."""

    @extend_schema(
        operation_id="undo_job",
        parameters=[ID],
        request=None,
        responses=answers(202, JobDocument, 404, 409),
    )
    def post(self, request: Request, id: str) -> Response:
        """Give the tasks back what they had, by another job. A task that was changed again since stays as it is."""
        NoInput(data=request.data).is_valid(raise_exception=True)
        job = self.own(id)
        return _begin(lambda: jobs.begin_undo(job, self.actor))


def _begin(begin: Callable[[], Job]) -> Response:
    """Raises Conflict where it cannot begin now."""
    try:
        return begun(begin())
    except ModelError as error:
        raise Conflict(" ".join(error.messages)) from None
