"""``/api/recurring-tasks``: series of tasks."""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django.db.models import F
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import Actor
from accounts.api_schemas import answers
from accounts.strictness import NoInput, StrictView
from tasks.api.conflicts import Conflict
from tasks.api.documents import SERIES_COLUMNS, occurrence, series_document, series_row
from tasks.api.pagination import PAGE_PARAMETERS, Instant, Order, Page
from tasks.api.parameters import Table, documented, identity, read_parameters, true_or_false
from tasks.api.schemas import ID, PreviewDocument, SeriesDocument, page_of
from tasks.api.series_input import SeriesInput
from tasks.models import RecurringTask

PREVIEW: Final = 10  # dates
PARAMETERS: Final[Table] = {
    "project": identity("In any of these projects.", many=True),
    "is_active": true_or_false("Not paused."),
    **PAGE_PARAMETERS,
}
NEXT_FIRST: Final = Order("next_due_at", F("next_due_at"), Instant, nullable=True)
THERE_IS_NONE: Final = "There is no such recurring task."


class SeriesView(StrictView):
    """What the views of recurring tasks share."""

    scope = "tasks"

    @property
    def actor(self) -> Actor:
        return Actor.of(self.user, "api")

    def visible(self, id: str) -> RecurringTask:
        series = RecurringTask.objects.visible_to(self.user).filter(pk=id).first()
        if series is None:
            raise NotFound(THERE_IS_NONE)
        return series

    def editable(self, id: str) -> RecurringTask:
        """A series that the person may change. Raises NotFound, PermissionDenied for one that they only see."""
        editable = RecurringTask.objects.editable_by(self.user).select_related("project__owner")
        series = editable.filter(pk=id).first()
        if series is None:
            self.visible(id)
            raise PermissionDenied("You may see this recurring task, but not change it.")
        return series

    def answer(self, series: RecurringTask) -> Response:
        return Response(series_document(series_row(series)))


class SeriesList(SeriesView):
    """Your recurring tasks, the one that is due next first."""

    parameters = PARAMETERS

    @extend_schema(
        operation_id="list_recurring_tasks",
        parameters=documented(PARAMETERS),
        responses=answers(200, page_of(SeriesDocument)),
    )
    def get(self, request: Request) -> Response:
        values = read_parameters(request, PARAMETERS, self.user)
        series = RecurringTask.objects.visible_to(self.user)
        if "is_active" in values:
            series = series.filter(is_active=values["is_active"])
        if "project" in values:
            series = series.filter(project__in=values["project"])
        page = Page.of(values)
        return Response(page.answer(series.values(*SERIES_COLUMNS), NEXT_FIRST, series_document))

    @extend_schema(
        operation_id="create_recurring_task", request=SeriesInput, responses=answers(201, SeriesDocument)
    )
    def post(self, request: Request) -> Response:
        """Begin a series. Its first task, due today or later, is there at once."""
        given = SeriesInput(data=request.data, context={"user": self.user})
        given.is_valid(raise_exception=True)
        with transaction.atomic():
            series = given.begin(self.actor)
        return Response(
            series_document(series_row(series)),
            status.HTTP_201_CREATED,
            headers={"Location": f"/api/recurring-tasks/{series.pk}"},
        )


class SeriesDetail(SeriesView):
    """One recurring task."""

    @extend_schema(
        operation_id="read_recurring_task", parameters=[ID], responses=answers(200, SeriesDocument, 404)
    )
    def get(self, request: Request, id: str) -> Response:
        return self.answer(self.visible(id))

    @extend_schema(
        operation_id="replace_recurring_task",
        parameters=[ID],
        request=SeriesInput,
        responses=answers(200, SeriesDocument, 404),
    )
    def put(self, request: Request, id: str) -> Response:
        """Replace what a series says. A field that is missing gets its default; the project stays."""
        return self._change(request, id, partial=False)

    @extend_schema(
        operation_id="change_recurring_task",
        parameters=[ID],
        request=SeriesInput,
        responses=answers(200, SeriesDocument, 404),
    )
    def patch(self, request: Request, id: str) -> Response:
        """Change the fields that are given. Tasks that exist stay as they are; `is_active` pauses and resumes."""
        return self._change(request, id, partial=True)

    def _change(self, request: Request, id: str, partial: bool) -> Response:
        with transaction.atomic():
            series = self.editable(id)
            context = {"user": self.user, "current": lambda: series_document(series_row(series))}
            given = SeriesInput(series, data=request.data, partial=partial, context=context)
            given.is_valid(raise_exception=True)
            given.revise(series)
        return self.answer(series)

    @extend_schema(
        operation_id="delete_recurring_task", parameters=[ID], request=None, responses=answers(204, None, 404)
    )
    def delete(self, request: Request, id: str) -> Response:
        """End a series. Its tasks stay, and do not repeat any more."""
        self.editable(id).end(self.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)


class SeriesPreview(SeriesView):
    """The next ten dates of a recurring task that are not tasks yet."""

    @extend_schema(
        operation_id="preview_recurring_task", parameters=[ID], responses=answers(200, PreviewDocument, 404)
    )
    def get(self, request: Request, id: str) -> Response:
        series = self.visible(id)
        return Response({"items": [occurrence(series, instant) for instant in series.preview(PREVIEW)]})


class SeriesSkip(SeriesView):
    """Leave out the next date."""

    @extend_schema(
        operation_id="skip_recurring_task",
        parameters=[ID],
        request=None,
        responses=answers(200, SeriesDocument, 404, 409),
    )
    def post(self, request: Request, id: str) -> Response:
        NoInput(data=request.data).is_valid(raise_exception=True)
        series = self.editable(id)
        if series.next_due_at is None:
            raise Conflict("This series has no next date to skip.")
        series.skip_next()
        return self.answer(series)
