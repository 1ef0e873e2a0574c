"""The page on which staff see how the events are, and how each role is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.support import staff_member
from events.models import DeadLetter, Deed
from events.statistics import rebuild
from events.status import ConsumerStatus, look
from events.tally import part
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
    def of(cls, figures: ConsumerStatus, rebuilt_percent: int | None) -> ShownConsumer:
        if rebuilt_percent is not None and figures.name == "statistics":
            return cls(figures, _("Rebuilding, %(n)d %%") % {"n": rebuilt_percent}, "info", "refresh-cw")
        words, tone, icon = STATES[figures.state(PATIENCE)]
        return cls(figures, str(words), tone, icon)


@require_safe
def operations(request: HttpRequest) -> TemplateResponse:
    """To be wrapped by the admin site, which lets only staff in. The figures are those of ``events_status``.

    The page's script asks for these alone, every few seconds.
    """
    chosen = LetterFilter.of(request.GET)
    now, found = look(_active_people(), part(chosen.letters(), "chosen"))
    context: dict[str, Any] = {
        "now": now,
        "problems": now.problems(PATIENCE),
        "consumers": [ShownConsumer.of(one, now.rebuilt_percent) for one in now.consumers],
        "active_people": found.number("people"),
    }
    if request.headers.get("HX-Request"):
        return TemplateResponse(request, "admin/operations_numbers.html", context)
    context |= {"replies": ask_roles(lambda: now), "can_rebuild": _may_rebuild(request)}
    context |= _letters(request, chosen, found.number("chosen"))
    return TemplateResponse(request, "admin/operations.html", context)


def _active_people() -> QuerySet[Any]:
    """How many people created or completed something lately, as a part of the tally."""
    lately = Deed.objects.shown().filter(day__gte=(timezone.now() - ACTIVE).date())
    return part(lately, "people", number=Count("user_id", distinct=True))


def _letters(request: HttpRequest, chosen: LetterFilter, number: int) -> dict[str, Any]:
    """The dead letters, for those who may see them. ``number``: how many the filter finds."""
    desk = letters_admin()
    if not desk.has_view_permission(request):
        return {"may_see_letters": False}
    found = chosen.letters().select_related("resolved_by").defer("envelope").order_by("-id")
    pages = Paginator(found, PORTION)
    pages.count = number  # which it would else count anew
    return {
        "may_see_letters": True,
        "may_act": desk.has_act_permission(request),
        "chosen": chosen,
        "page": pages.get_page(request.GET.get("page")),
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
