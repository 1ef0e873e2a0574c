"""Comments on the page of a task: whoever sees the task may write, who wrote may change and delete."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import retarget

from accounts.actor import Actor
from accounts.requests import SignedInRequest
from tasks.models import Comment, Task
from tasks.pages.access import task_to_comment
from tasks.pages.properties import UNPROCESSABLE, saved

COMPOSER = "tasks/task/_composer.html"


@login_required
@require_POST
def comment_add(request: SignedInRequest, pk: UUID) -> HttpResponse:
    text = request.POST.get("text", "")
    with transaction.atomic():
        task = task_to_comment(request.user, pk)
        try:
            Comment.objects.write(task, text, request.user, Actor.of(request.user, "web"))
        except ValidationError as error:
            return _refused(request, task, text, error)
    return saved(request, task, "comments")


def _refused(request: SignedInRequest, task: Task, text: str, error: ValidationError) -> HttpResponse:
    """The composer with what was typed and why it cannot be; without a script on a page of its own."""
    template = COMPOSER if request.htmx else "tasks/task/comment.html"
    context = {"task": task, "typed": text, "error": " ".join(error.messages)}
    return retarget(render(request, template, context, status=UNPROCESSABLE), "#composer")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def comment_edit(request: SignedInRequest, pk: UUID, comment: UUID) -> HttpResponse:
    found = _own(request, pk, comment)
    text = request.POST.get("text", found.text)
    context = {"task": found.task, "comment": found, "typed": text}
    if request.method != "POST":
        return render(request, "tasks/task/comment.html", context)
    try:
        found.edit(text, Actor.of(request.user, "web"))
    except ValidationError as error:
        context["error"] = " ".join(error.messages)
        return render(request, "tasks/task/comment.html", context, status=UNPROCESSABLE)
    return saved(request, found.task, "comments")


@login_required
@require_POST
def comment_delete(request: SignedInRequest, pk: UUID, comment: UUID) -> HttpResponse:
    found = _own(request, pk, comment)
    found.remove(Actor.of(request.user, "web"))
    return saved(request, found.task, "comments")


def _own(request: SignedInRequest, pk: UUID, comment: UUID) -> Comment:
    mine = Comment.objects.written_by(request.user).select_related("task")
    return get_object_or_404(mine, pk=comment, task=pk)
