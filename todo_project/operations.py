"""The page on which staff see how the events are, and how each role is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.support import staff_member
from events.models import DeadLetter, Deed, Projection
from events.statistics import rebuild
from events.status import ConsumerStatus, status
from todo_project.blocks.invocation import ask_roles
from todo_project.letter_work import PORTION, LetterFilter, letters_admin

PATIENCE: Final = timedelta(minutes=1)  # what is late by less is nobody's business
ACTIVE: Final = timedelta(days=7)
# Words, tone and icon of a consumer's state.
STATES: Final = {
    "healthy": (gettext_lazy("Healthy"), "ok", "check"),
    "retrying": (gettext_lazy("Retrying"), "info", "refresh-cw"),
    "behind": (gettext_lazy("Behind"), "warn", "triangle-alert"),
    "failing": (gettext_lazy("Has dead letters"), "danger", "circle-alert"),
}


@dataclass(frozen=True)
class ShownConsumer:
    """A consumer's figures, and its state in words."""

    figures: ConsumerStatus
    words: str
    tone: str
    icon: str

    @classmethod
    def of(cls, figures: ConsumerStatus, building: Projection | None) -> ShownConsumer:
        if building is not None and figures.name == "statistics":
            return cls(figures, _("Rebuilding, %(n)d %%") % {"n": building.percent}, "info", "refresh-cw")
        words, tone, icon = STATES[figures.state(PATIENCE)]
        return cls(figures, str(words), tone, icon)


@require_safe
def operations(request: HttpRequest) -> TemplateResponse:
    """To be wrapped by the admin site, which lets only staff in. The figures are those of ``events_status``."""
    now, building = status(), Projection.objects.building().first()
    context: dict[str, Any] = {
        "now": now,
        "problems": now.problems(PATIENCE),
        "consumers": [ShownConsumer.of(one, building) for one in now.consumers],
        "active_people": _active_people(),
        "replies": [] if request.headers.get("HX-Request") else ask_roles(),
        "can_rebuild": _may_rebuild(request),
        **_letters(request),
    }
    return TemplateResponse(request, "admin/operations.html", context)


def _active_people() -> int:
    """How many people created or completed something lately."""
    since = (timezone.now() - ACTIVE).date()
    return Deed.objects.shown().filter(day__gte=since).values("user_id").distinct().count()


def _letters(request: HttpRequest) -> dict[str, Any]:
    """The dead letters, for those who may see them."""
    desk = letters_admin()
    if not desk.has_view_permission(request):
        return {"may_see_letters": False}
    chosen = LetterFilter.of(request.GET)
    found = chosen.letters().select_related("resolved_by").order_by("-id")
    return {
        "may_see_letters": True,
        "may_act": desk.has_act_permission(request),
        "chosen": chosen,
        "page": Paginator(found, PORTION).get_page(request.GET.get("page")),
        "states": DeadLetter.state.field.choices,
    }


@require_POST
def rebuild_statistics(request: HttpRequest) -> HttpResponse:
    """Begin to build everybody's statistics anew; reconciliation goes on with it, a portion at a time."""
    if not _may_rebuild(request):
        raise PermissionDenied
    projection = rebuild.begin()
    LogEntry.objects.log_actions(
        staff_member(request).pk,
        [projection],
        CHANGE,
        "Began to build the statistics anew.",
        single_object=True,
    )
    messages.success(request, _("The statistics are built anew. The old ones are shown until then."))
    return redirect("admin:operations")


def _may_rebuild(request: HttpRequest) -> bool:
    return staff_member(request).has_perm("events.change_projection")
