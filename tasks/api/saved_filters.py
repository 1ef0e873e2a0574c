"""``/api/filters``: the views that a person saved."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.db import IntegrityError, transaction
from django.db.models import F
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_schemas import answers
from accounts.strict_fields import Line, Text, Word
from accounts.strictness import StrictSerializer, StrictView
from tasks.api.conflicts import Conflict
from tasks.api.fields import Position
from tasks.api.pagination import PAGE_PARAMETERS, Order, Page
from tasks.api.parameters import documented, read_parameters
from tasks.api.schemas import ID, page_of
from tasks.models import SavedFilter
from tasks.models.project import Colour
from tasks.models.saved_filter import NAME_LENGTH, QUERY_LENGTH

COLUMNS: Final = ("id", "name", "query", "colour", "position", "created_at", "updated_at")


class FilterInput(StrictSerializer):
    """A saved filter as a program writes it."""

    name = Line(NAME_LENGTH)
    query = Text(
        max_length=QUERY_LENGTH,
        allow_blank=True,
        default="",
        help_text="The query string of the page `/tasks`, such as `q=due:today+p1&group=project`.",
    )
    colour = Word(Colour.values, default=Colour.GREY.value)
    position = Position(required=False)

    output_only: ClassVar[frozenset[str]] = frozenset({"id", "created_at", "updated_at"})


@extend_schema_serializer(component_name="Filter")
class FilterDocument(serializers.Serializer):
    """A view that you saved."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    query = serializers.CharField()
    colour = serializers.ChoiceField(Colour.values)
    position = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


def filter_document(saved: SavedFilter) -> dict[str, Any]:
    return {name: getattr(saved, name) for name in COLUMNS}


class FilterView(StrictView):
    """What the views of saved filters share."""

    scope = "tasks"

    def own(self, id: str) -> SavedFilter:
        saved = SavedFilter.objects.filter(owner=self.user, pk=id).first()
        if saved is None:
            raise NotFound("There is no such filter.")
        return saved

    def keep(self, saved: SavedFilter, values: dict[str, Any]) -> None:
        """Raises Conflict where another filter has the name."""
        for name, value in values.items():
            setattr(saved, name, value)
        saved.clean()
        try:
            with transaction.atomic():
                saved.save()
        except IntegrityError:
            raise Conflict("You have a filter of this name.") from None


class FilterList(FilterView):
    """Your saved filters, in the order of the sidebar."""

    parameters = PAGE_PARAMETERS

    @extend_schema(
        operation_id="list_filters",
        parameters=documented(PAGE_PARAMETERS),
        responses=answers(200, page_of(FilterDocument)),
    )
    def get(self, request: Request) -> Response:
        page = Page.of(read_parameters(request, PAGE_PARAMETERS, self.user))
        rows = SavedFilter.objects.filter(owner=self.user).values(*COLUMNS)
        order = Order("filters", F("position"))
        return Response(page.answer(rows, order, lambda row: {name: row[name] for name in COLUMNS}))

    @extend_schema(
        operation_id="create_filter", request=FilterInput, responses=answers(201, FilterDocument, 409)
    )
    def post(self, request: Request) -> Response:
        """Save a view."""
        given = FilterInput(data=request.data, context={"user": self.user})
        given.is_valid(raise_exception=True)
        saved = SavedFilter(owner=self.user)
        self.keep(saved, given.validated_data)
        headers = {"Location": f"/api/filters/{saved.pk}"}
        return Response(filter_document(saved), status.HTTP_201_CREATED, headers=headers)


class FilterDetail(FilterView):
    """One saved filter."""

    @extend_schema(operation_id="read_filter", parameters=[ID], responses=answers(200, FilterDocument, 404))
    def get(self, request: Request, id: str) -> Response:
        return Response(filter_document(self.own(id)))

    @extend_schema(
        operation_id="change_filter",
        parameters=[ID],
        request=FilterInput,
        responses=answers(200, FilterDocument, 404, 409),
    )
    def patch(self, request: Request, id: str) -> Response:
        """Change what is given."""
        saved = self.own(id)
        context = {"user": self.user, "current": lambda: filter_document(saved)}
        given = FilterInput(saved, data=request.data, partial=True, context=context)
        given.is_valid(raise_exception=True)
        self.keep(saved, given.validated_data)
        return Response(filter_document(saved))

    @extend_schema(
        operation_id="delete_filter", parameters=[ID], request=None, responses=answers(204, None, 404)
    )
    def delete(self, request: Request, id: str) -> Response:
        """Forget a view; its tasks stay as they are."""
        self.own(id).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)
