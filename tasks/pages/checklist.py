"""The checklists in a task's description: ticking one item is one change of the description."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.actor import Actor
from accounts.requests import SignedInRequest
from tasks.markdown import tick
from tasks.pages.access import task_to_change
from tasks.pages.presented import seen_of
from tasks.pages.properties import saved


@login_required
@require_POST
def check(request: SignedInRequest, pk: UUID, number: int) -> HttpResponse:
    """Tick an item, or open it again, if the description is still the one that it was ``seen`` in."""
    with transaction.atomic():
        task = task_to_change(request.user, pk)
        ticked = tick(task.description, number)
        if request.POST.get("seen") != seen_of(task):
            messages.error(request, _("The description was changed elsewhere. Look at it before you tick."))
        elif ticked is None:
            raise Http404
        else:
            task.change(Actor.of(request.user, "web"), description=ticked)
    return saved(request, task, "checklist")
