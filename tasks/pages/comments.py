"""Comments on the page of a task: whoever sees the task may write, who wrote may change and delete."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import retarget

from accounts.actor import Actor
from accounts.requests import SignedInRequest
from tasks.models import Comment, Task
from tasks.models.comment import handles_of
from tasks.pages.access import task_to_comment, task_to_see
from tasks.pages.presented import ShownComment
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
@require_safe
def comment(request: SignedInRequest, pk: UUID, comment: UUID) -> HttpResponse:
    """A comment again: what cancelling a change of it does."""
    found = get_object_or_404(
        Comment.objects.visible_to(request.user).select_related("task", "author"), pk=comment, task=pk
    )
    if not request.htmx:
        return redirect("tasks:task", pk)
    context = {"task": found.task, "comment": ShownComment(found, handles_of(found.task))}
    return render(request, "tasks/task/_comment.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def comment_edit(request: SignedInRequest, pk: UUID, comment: UUID) -> HttpResponse:
    """Change a comment in its place; without a script on a page of its own."""
    found = _own(request, pk, comment)
    if request.method != "POST":
        return _ask(request, found, found.text)
    text = request.POST.get("text", "")
    try:
        found.edit(text, Actor.of(request.user, "web"))
    except ValidationError as error:
        return _ask(request, found, text, " ".join(error.messages))
    return saved(request, found.task, "_comment_list")


def _ask(request: SignedInRequest, found: Comment, text: str, error: str = "") -> HttpResponse:
    template = "tasks/task/_comment_edit.html" if request.htmx else "tasks/task/comment.html"
    context = {"task": found.task, "comment": found, "typed": text, "error": error}
    response = render(request, template, context, status=UNPROCESSABLE if error else 200)
    patch_vary_headers(response, ["HX-Request"])
    return retarget(response, f"#comment-{found.pk}") if error else response


@login_required
@require_POST
def comment_delete(request: SignedInRequest, pk: UUID, comment: UUID) -> HttpResponse:
    found = _own(request, pk, comment)
    found.remove(Actor.of(request.user, "web"))
    return saved(request, found.task, "_comment_list")


@login_required
@require_safe
def mentions(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Whom one can mention in comments on a task, as options of a list."""
    task, _can_edit = task_to_see(request.user, pk)
    return render(request, "tasks/task/_mentions.html", {"people": handles_of(task).words()})


def _own(request: SignedInRequest, pk: UUID, comment: UUID) -> Comment:
    mine = Comment.objects.written_by(request.user).select_related("task", "author")
    return get_object_or_404(mine, pk=comment, task=pk)
