"""``/api/tasks/{id}/attachments``."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError as ModelError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_serializer
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_schemas import answers
from accounts.strictness import refuse_unknown
from tasks.api.pagination import PAGE_PARAMETERS, Page, instant_order
from tasks.api.parameters import documented, read_parameters
from tasks.api.schemas import ID, page_of
from tasks.api.tasks import TaskView
from tasks.attaching.sending import as_download
from tasks.models import Attachment, Task

SHOWN: Final = ("id", "name", "size", "content_type", "sha256", "created_at")
COLUMNS: Final = (
    *SHOWN,
    "task_id",
    "uploaded_by_id",
    "uploaded_by__display_name",
    "uploaded_by__email",
)
ATTACHMENT: Final = OpenApiParameter("attachment", OpenApiTypes.UUID, OpenApiParameter.PATH)
FILE: Final = {
    (200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY, "The file."),
    **{code: answer for code, answer in answers(200, None, 404).items() if code != 200},
}
FIRST_FIRST: Final = instant_order("attachments", "created_at")


@extend_schema_serializer(component_name="Attachment")
class AttachmentDocument(serializers.Serializer):
    """A file on a task."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    size = serializers.IntegerField(help_text="In bytes.")
    content_type = serializers.CharField(help_text="What was found in it, not what was claimed.")
    sha256 = serializers.CharField(help_text="In hexadecimal.")
    created_at = serializers.DateTimeField()
    uploaded_by = serializers.UUIDField()
    uploaded_by_name = serializers.CharField()
    content = serializers.CharField(help_text="Where the file itself is: a path below this server's address.")


class AttachmentInput(serializers.Serializer):
    """One file, as `multipart/form-data`."""

    file = serializers.FileField()


def attachment_document(row: dict[str, Any]) -> dict[str, Any]:
    name = row["uploaded_by__display_name"] or row["uploaded_by__email"].partition("@")[0]
    path = f"/api/tasks/{row['task_id']}/attachments/{row['id']}/content"
    who = {"uploaded_by": row["uploaded_by_id"], "uploaded_by_name": name}
    return {**{field: row[field] for field in SHOWN}, **who, "content": path}


class AttachmentView(TaskView):
    """What the views of attachments share."""

    def visible(self, id: str, attachment: str) -> Attachment:
        """A file on a task that the person sees. Raises NotFound."""
        found = Attachment.objects.visible_to(self.user).filter(task=UUID(id), pk=attachment).first()
        if found is None:
            raise NotFound("There is no such attachment.")
        return found

    def document(self, attachment: Attachment) -> dict[str, Any]:
        return attachment_document(Attachment.objects.values(*COLUMNS).get(pk=attachment.pk))


class AttachmentList(AttachmentView):
    """The files on a task, the oldest first."""

    parameters = PAGE_PARAMETERS
    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="list_attachments",
        parameters=[ID, *documented(PAGE_PARAMETERS)],
        responses=answers(200, page_of(AttachmentDocument), 404),
    )
    def get(self, request: Request, id: str) -> Response:
        page = Page.of(read_parameters(request, PAGE_PARAMETERS, self.user))
        if not Task.objects.visible_to(self.user).filter(pk=id).exists():
            raise NotFound("There is no such task.")
        rows = Attachment.objects.filter(task=UUID(id)).values(*COLUMNS)
        return Response(page.answer(rows, FIRST_FIRST, attachment_document))

    @extend_schema(
        operation_id="attach_file",
        parameters=[ID],
        request={"multipart/form-data": AttachmentInput},
        responses=answers(201, AttachmentDocument, 404, 413),
    )
    def post(self, request: Request, id: str) -> Response:
        """Attach a file to a task that you may change. Its content decides whether it may be attached, not its name."""
        with transaction.atomic():
            task = self.editable(request, id)
        try:
            made = Attachment.objects.attach(task, _file(request), self.user, self.actor)
        except ModelError as error:
            raise ValidationError({"file": error.messages}) from error
        except Task.DoesNotExist:
            raise NotFound("There is no such task.") from None
        where = f"/api/tasks/{task.pk}/attachments/{made.pk}"
        return Response(self.document(made), status.HTTP_201_CREATED, headers={"Location": where})


def _file(request: Request) -> UploadedFile:
    """The one file that was sent. Raises ValidationError for anything else."""
    refuse_unknown(request.data.keys(), {"file"}, "field")
    uploads = request.FILES.getlist("file")
    if len(uploads) != 1:
        raise ValidationError({"file": ["Send one file, as multipart/form-data, in the field `file`."]})
    upload: UploadedFile = uploads[0]
    return upload


class AttachmentDetail(AttachmentView):
    """One file on a task."""

    @extend_schema(
        operation_id="read_attachment",
        parameters=[ID, ATTACHMENT],
        responses=answers(200, AttachmentDocument, 404),
    )
    def get(self, request: Request, id: str, attachment: str) -> Response:
        return Response(self.document(self.visible(id, attachment)))

    @extend_schema(
        operation_id="remove_attachment",
        parameters=[ID, ATTACHMENT],
        request=None,
        responses=answers(204, None, 404),
    )
    def delete(self, request: Request, id: str, attachment: str) -> Response:
        """Remove a file that you attached, or one from a task that you may change. It cannot be brought back."""
        found = self.visible(id, attachment)
        if not Attachment.objects.removable_by(self.user).filter(pk=found.pk).exists():
            raise PermissionDenied("You may read this file, but not remove it.")
        found.remove(self.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)


class AttachmentContent(AttachmentView):
    """The file itself."""

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[Any, str]:
        """A file is what it is, whatever is asked for. Errors are JSON."""
        renderer = self.get_renderers()[0]
        return renderer, renderer.media_type

    @extend_schema(
        operation_id="download_attachment",
        parameters=[ID, ATTACHMENT],
        responses=FILE,
    )
    def get(self, request: Request, id: str, attachment: str) -> FileResponse:
        """The file as it was attached, under its name, with the content type that was found in it."""
        return as_download(self.visible(id, attachment))
