"""``/api/tasks/{id}/comments``."""

from __future__ import annotations

from typing import Any, ClassVar, Final
from uuid import UUID

from django.db import transaction
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_schemas import answers
from accounts.strict_fields import Text
from accounts.strictness import StrictSerializer
from tasks.api.pagination import PAGE_PARAMETERS, Page, instant_order
from tasks.api.parameters import documented, read_parameters
from tasks.api.schemas import ID, page_of
from tasks.api.tasks import TaskView
from tasks.models import Comment, Task
from tasks.models.comment import TEXT_LENGTH

COLUMNS: Final = (
    "id",
    "author_id",
    "author__display_name",
    "author__email",
    "text",
    "created_at",
    "edited_at",
)
COMMENT: Final = OpenApiParameter("comment", OpenApiTypes.UUID, OpenApiParameter.PATH)
FIRST_FIRST: Final = instant_order("comments", "created_at")


@extend_schema_serializer(component_name="Comment")
class CommentDocument(serializers.Serializer):
    """What somebody wrote on a task."""

    id = serializers.UUIDField()
    author = serializers.UUIDField()
    author_name = serializers.CharField()
    text = serializers.CharField(help_text="Markdown.")
    created_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(allow_null=True)


class CommentInput(StrictSerializer):
    """A comment as a program writes it. `@name` mentions a member of the project, who is told."""

    text = Text(max_length=TEXT_LENGTH, trim_whitespace=False)

    output_only: ClassVar[frozenset[str]] = frozenset(
        {"id", "author", "author_name", "created_at", "edited_at"}
    )


def comment_document(row: dict[str, Any]) -> dict[str, Any]:
    name = row["author__display_name"] or row["author__email"].partition("@")[0]
    written = {name: row[name] for name in ("text", "created_at", "edited_at")}
    return {"id": row["id"], "author": row["author_id"], "author_name": name, **written}


class CommentView(TaskView):
    """What the views of comments share."""

    def seen(self, id: str) -> None:
        """Raise NotFound for a task that the person does not see."""
        if not Task.objects.visible_to(self.user).filter(pk=id).exists():
            raise NotFound("There is no such task.")

    def own(self, id: str, comment: str) -> Comment:
        """A comment of the person's own. Raises NotFound, PermissionDenied for somebody else's."""
        self.seen(id)
        found = Comment.objects.select_related("author").filter(task=UUID(id), pk=comment).first()
        if found is None:
            raise NotFound("There is no such comment.")
        if found.author_id != self.user.pk:
            raise PermissionDenied("Only who wrote a comment may change or delete it.")
        return found

    def document(self, comment: Comment) -> dict[str, Any]:
        return comment_document(Comment.objects.values(*COLUMNS).get(pk=comment.pk))


class CommentList(CommentView):
    """The comments on a task, the oldest first."""

    parameters = PAGE_PARAMETERS

    @extend_schema(
        operation_id="list_comments",
        parameters=[ID, *documented(PAGE_PARAMETERS)],
        responses=answers(200, page_of(CommentDocument), 404),
    )
    def get(self, request: Request, id: str) -> Response:
        page = Page.of(read_parameters(request, PAGE_PARAMETERS, self.user))
        self.seen(id)
        return Response(
            page.answer(Comment.objects.filter(task=UUID(id)).values(*COLUMNS), FIRST_FIRST, comment_document)
        )

    @extend_schema(
        operation_id="write_comment",
        parameters=[ID],
        request=CommentInput,
        responses=answers(201, CommentDocument, 404),
    )
    def post(self, request: Request, id: str) -> Response:
        """Comment on a task that you see, even where you may not change it."""
        given = CommentInput(data=request.data)
        with transaction.atomic():
            task = self.current(request, id, Task.objects.visible_to(self.user))
            given.is_valid(raise_exception=True)
            made = Comment.objects.write(task, given.validated_data["text"], self.user, self.actor)
        return Response(self.document(made), status.HTTP_201_CREATED)


class CommentDetail(CommentView):
    """One comment."""

    @extend_schema(
        operation_id="change_comment",
        parameters=[ID, COMMENT],
        request=CommentInput,
        responses=answers(200, CommentDocument, 404),
    )
    def patch(self, request: Request, id: str, comment: str) -> Response:
        """Change a comment of your own. Whom only the new text mentions is told."""
        found = self.own(id, comment)
        given = CommentInput(data=request.data, context={"current": lambda: self.document(found)})
        given.is_valid(raise_exception=True)
        found.edit(given.validated_data["text"], self.actor)
        return Response(self.document(found))

    @extend_schema(
        operation_id="delete_comment",
        parameters=[ID, COMMENT],
        request=None,
        responses=answers(204, None, 404),
    )
    def delete(self, request: Request, id: str, comment: str) -> Response:
        """Delete a comment of your own. What it said stays in the event log alone."""
        self.own(id, comment).remove(self.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)
