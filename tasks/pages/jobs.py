"""What takes longer than a request: how far it is, what became of it, and taking it back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts.actor import Actor
from accounts.models import User
from accounts.requests import SignedInRequest
from tasks import jobs
from tasks.models import Job


def go_to_job(request: SignedInRequest, job: Job) -> HttpResponse:
    """Lead to the page of a job that has just begun."""
    response = redirect("tasks:job", job.pk)
    return HttpResponseClientRedirect(response["Location"]) if request.htmx else response


@login_required
@require_safe
def job(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """While it is running the page asks again by itself."""
    found = _own(request.user, pk)
    return render(request, "tasks/job.html", {"job": found})


def _own(user: User, pk: UUID) -> Job:
    return get_object_or_404(Job.objects.of(user).select_related("taken_back_by"), pk=pk)


@login_required
@require_POST
def job_undo(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Let all of it be taken back."""
    found = _own(request.user, pk)
    try:
        undoing = jobs.begin_undo(found, Actor.of(request.user, "web"))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return go_to_job(request, found)
    return go_to_job(request, undoing)
