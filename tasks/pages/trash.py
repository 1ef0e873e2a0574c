"""The trash: what was deleted lately, to be restored or to be removed for good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.requests import SignedInRequest
from tasks.models import Task
from tasks.models.task_queryset import TaskQuerySet
from tasks.pages.answers import tell
from tasks.wording import day_words

PAGE_SIZE = 50


@dataclass(frozen=True)
class Deleted:
    """A task in the trash."""

    task: Task
    now: datetime

    @property
    def day(self) -> str:
        return day_words(timezone.localdate(self.task.deleted_at))

    @property
    def days_left(self) -> int:
        """Whole days, a begun one counted, until the task is removed for good."""
        end = (self.task.deleted_at or self.now) + timedelta(days=settings.TRASH_DAYS)
        return max(0, -((self.now - end) // timedelta(days=1)))


@login_required
@require_safe
def trash(request: SignedInRequest) -> HttpResponse:
    """The newest first. Subtasks that went there with their parent come back with it and are not shown."""
    now = timezone.now()
    there = Task.objects.trashed_by(request.user).select_related("project")
    outermost = there.exclude(parent__deleted_at=F("deleted_at")).order_by("-deleted_at", "pk")
    page = Paginator(outermost, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "deleted": [Deleted(task, now) for task in page],
        "to_remove": _own(request.user).count(),
        "days": settings.TRASH_DAYS,
    }
    return render(request, "tasks/trash.html", context)


@login_required
@require_POST
def empty_trash(request: SignedInRequest) -> HttpResponse:
    """Remove a person's own deleted tasks for good; others' in shared projects are for their owners to remove."""
    number = _own(request.user).purge()
    sentence = ngettext("Deleted %(number)d task for good.", "Deleted %(number)d tasks for good.", number)
    tell(request, sentence % {"number": number} if number else _("The trash was empty."))
    return redirect("tasks:trash")


def _own(user: User) -> TaskQuerySet:
    return Task.objects.in_trash().filter(owner=user)
