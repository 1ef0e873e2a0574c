"""Files on the page of a task: whoever may change the task adds them, whoever sees it reads them."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from accounts.requests import SignedInRequest
from tasks.attaching.sending import as_download
from tasks.models import Attachment, Task
from tasks.pages.access import task_to_change
from tasks.pages.presented import ShownTask
from tasks.pages.properties import UNPROCESSABLE, saved


@login_required
@require_POST
def attachment_add(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Attach each of several files that can be; the others are named with what is wrong with them."""
    with transaction.atomic():
        task = task_to_change(request.user, pk)
    uploads = request.FILES.getlist("files")
    refused = [sentence for upload in uploads if (sentence := _refusal(request, task, upload))]
    if not uploads:
        refused = [_("Choose a file.")]
    if request.htmx:
        # For the script that sends one file at a time; it lets the page load the list again.
        return HttpResponse("\n".join(refused), "text/plain", UNPROCESSABLE if refused else 200)
    return _asked_again(request, task, refused) if refused else redirect("tasks:task", pk)


def _refusal(request: SignedInRequest, task: Task, upload: UploadedFile) -> str:
    """Attach a file; what is wrong with it, "" if nothing is."""
    try:
        Attachment.objects.attach(task, upload, request.user, Actor.of(request.user, "web"))
    except ValidationError as error:
        return " ".join(error.messages)
    except Task.DoesNotExist:
        raise Http404 from None
    return ""


def _asked_again(request: SignedInRequest, task: Task, refused: list[str]) -> HttpResponse:
    """The files of the task, and why others are not among them."""
    context = {"task": task, "page": ShownTask(task, can_edit=True), "refused": refused}
    return render(request, "tasks/task/attach.html", context, status=UNPROCESSABLE)


@login_required
@require_POST
def attachment_remove(request: SignedInRequest, pk: UUID, attachment: UUID) -> HttpResponse:
    removable = Attachment.objects.removable_by(request.user).select_related("task")
    found = get_object_or_404(removable, pk=attachment, task=pk)
    found.remove(Actor.of(request.user, "web"))
    return saved(request, found.task, "attachments")


@login_required
@require_safe
def attachment(request: SignedInRequest, pk: UUID) -> FileResponse:
    return as_download(get_object_or_404(Attachment.objects.visible_to(request.user), pk=pk))
