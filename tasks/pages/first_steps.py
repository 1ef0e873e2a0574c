"""The first minutes: a sample project for who asks for one."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.actor import Actor
from accounts.requests import SignedInRequest
from tasks.first_steps import make_sample
from tasks.pages.answers import tell


@login_required
@require_POST
def sample_project(request: SignedInRequest) -> HttpResponse:
    project = make_sample(request.user, Actor.of(request.user, "web"))
    tell(request, _("This is a sample. Change what you like; deleting the project removes all of it."))
    return redirect("tasks:project", project.pk)
