"""``/api/projects``."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import transaction
from django.db.models import F, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import Actor
from accounts.api_schemas import answers
from accounts.strict_fields import Line, Word
from accounts.strictness import StrictSerializer, StrictView
from tasks.api.conflicts import Conflict
from tasks.api.documents import PROJECT_COLUMNS, project_document, project_row
from tasks.api.pagination import PAGE_PARAMETERS, Page, instant_order
from tasks.api.parameters import documented, read_parameters
from tasks.api.schemas import ID, ProjectDocument, page_of
from tasks.models import Project, Role
from tasks.models.project import Colour


class ProjectInput(StrictSerializer):
    """A project as a program writes it."""

    name = Line(120)
    colour = Word(Colour.values, default=Colour.GREY.value)

    output_only: ClassVar[frozenset[str]] = frozenset({"id", "is_inbox", "role", "created_at", "updated_at"})


class ProjectView(StrictView):
    """What the views of projects share."""

    scope = "tasks"

    def rows(self) -> QuerySet[Any]:
        visible = Project.objects.visible_to(self.user)
        return visible.annotate(role=F("memberships__role")).values(*PROJECT_COLUMNS, "role")

    def owned(self, id: str) -> Project:
        """A project that the person owns. Raises NotFound, PermissionDenied for another member."""
        project = Project.objects.owned_by(self.user).filter(pk=id).first()
        if project is not None:
            return project
        if Project.objects.visible_to(self.user).filter(pk=id).exists():
            raise PermissionDenied("Only the owner of a project may change or delete it.")
        raise NotFound("There is no such project.")


class ProjectList(ProjectView):
    """The projects that you are a member of, the oldest first."""

    parameters = PAGE_PARAMETERS

    @extend_schema(
        operation_id="list_projects",
        parameters=documented(PAGE_PARAMETERS),
        responses=answers(200, page_of(ProjectDocument)),
    )
    def get(self, request: Request) -> Response:
        page = Page.of(read_parameters(request, PAGE_PARAMETERS, self.user))
        return Response(page.answer(self.rows(), instant_order("projects", "created_at"), project_document))

    @extend_schema(
        operation_id="create_project", request=ProjectInput, responses=answers(201, ProjectDocument)
    )
    def post(self, request: Request) -> Response:
        """Add a project of your own."""
        given = ProjectInput(data=request.data)
        given.is_valid(raise_exception=True)
        project = Project.objects.create(owner=self.user, **given.validated_data)
        document = project_document(project_row(project, Role.OWNER))
        return Response(
            document, status.HTTP_201_CREATED, headers={"Location": f"/api/projects/{project.pk}"}
        )


class ProjectDetail(ProjectView):
    """One project."""

    @extend_schema(operation_id="read_project", parameters=[ID], responses=answers(200, ProjectDocument, 404))
    def get(self, request: Request, id: str) -> Response:
        row = self.rows().filter(pk=id).first()
        if row is None:
            raise NotFound("There is no such project.")
        return Response(project_document(row))

    @extend_schema(
        operation_id="replace_project",
        parameters=[ID],
        request=ProjectInput,
        responses=answers(200, ProjectDocument, 404),
    )
    def put(self, request: Request, id: str) -> Response:
        """Replace the name and the colour of a project that you own."""
        return self._change(request, id, partial=False)

    @extend_schema(
        operation_id="change_project",
        parameters=[ID],
        request=ProjectInput,
        responses=answers(200, ProjectDocument, 404),
    )
    def patch(self, request: Request, id: str) -> Response:
        """Change the name or the colour of a project that you own."""
        return self._change(request, id, partial=True)

    def _change(self, request: Request, id: str, partial: bool) -> Response:
        with transaction.atomic():
            project = self.owned(id)
            context = {"current": lambda: project_document(project_row(project, Role.OWNER))}
            given = ProjectInput(project, data=request.data, partial=partial, context=context)
            given.is_valid(raise_exception=True)
            for name, value in given.validated_data.items():
                setattr(project, name, value)
            project.save(update_fields=[*given.validated_data, "updated_at"])
        return Response(project_document(project_row(project, Role.OWNER)))

    @extend_schema(
        operation_id="delete_project", parameters=[ID], request=None, responses=answers(204, None, 404, 409)
    )
    def delete(self, request: Request, id: str) -> Response:
        """Close a project: its tasks go to the trash, its series end. The Inbox cannot be deleted."""
        with transaction.atomic():
            project = self.owned(id)
            if project.is_inbox:
                raise Conflict("The Inbox cannot be deleted.")
            project.trash(Actor.of(self.user, "api"))
        return Response(status=status.HTTP_204_NO_CONTENT)
