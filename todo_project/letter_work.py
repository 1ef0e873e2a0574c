"""Requeueing and discarding many dead letters from the operations page, a portion at a time.

What is still to do travels with the page, which asks for the next portion by itself, or by a button where there is no
script. Nothing is kept on the server, so work that was left half-way is just begun again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.support import staff_member
from events import consumers, deliveries
from events.admin import DeadLetterAdmin
from events.models import DeadLetter
from events.models.dead_letter import DELIVERY, DeadLetterQuerySet, State
from events.types import EVENT_TYPES

PORTION: Final = 50
ACTS: Final = ("requeue", "discard")
REASON_LENGTH: Final = 500


def letters_admin() -> DeadLetterAdmin:
    """Where the rights of staff over dead letters are decided, and their acts are noted."""
    return cast(DeadLetterAdmin, admin.site.get_model_admin(DeadLetter))


@dataclass(frozen=True)
class LetterFilter:
    """Which letters; empty words mean any."""

    state: str = State.DEAD
    consumer: str = ""
    type: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> LetterFilter:
        state = given.get("state", State.DEAD)
        return cls(
            state if state in State.values else State.DEAD, given.get("consumer", ""), given.get("type", "")
        )

    @property
    def consumers(self) -> list[str]:
        return [*consumers.registry(), DELIVERY]

    @property
    def types(self) -> list[str]:
        return list(EVENT_TYPES)

    def letters(self) -> DeadLetterQuerySet:
        named = {name: value for name in ("consumer", "type") if (value := getattr(self, name))}
        return DeadLetter.objects.filter(state=self.state, **named)


@dataclass
class Work:
    """What to do with which letters, and how far it is: past the id ``after``, up to ``upto``."""

    act: str
    reason: str
    chosen: LetterFilter
    keys: list[int]
    upto: int
    after: int = 0
    done: int = 0
    refused: int = 0
    total: int = 0

    @classmethod
    def of(cls, given: Any) -> Work:
        """What the page asks for. Raises Http404 for what it cannot have asked for."""
        if given.get("act") not in ACTS:
            raise Http404
        chosen = LetterFilter.of(given)
        keys = [_whole(key) for key in given.getlist("letter")]
        work = cls(given["act"], given.get("reason", "").strip()[:REASON_LENGTH], chosen, keys, 0)
        if given.get("upto"):
            for name in ("upto", "after", "done", "refused", "total"):
                setattr(work, name, _whole(given.get(name)))
        else:
            last = work._letters().order_by("-id").first()
            work.upto, work.total = (last.pk if last else 0), work._letters().count()
        return work

    def _letters(self) -> DeadLetterQuerySet:
        letters = self.chosen.letters()
        return letters.filter(pk__in=self.keys) if self.keys else letters

    @property
    def is_over(self) -> bool:
        return self.after >= self.upto

    def go_on(self, request: HttpRequest) -> None:
        """Do the next portion. A letter that cannot be requeued stays, and is counted."""
        rest = self._letters().filter(id__gt=self.after, id__lte=self.upto).order_by("id")
        portion = list(rest[:PORTION])
        for letter in portion:
            try:
                self._settle(letter, request)
                self.done += 1
            except ValueError:
                self.refused += 1
        self.after = portion[-1].pk if len(portion) == PORTION else self.upto

    def _settle(self, letter: DeadLetter, request: HttpRequest) -> None:
        if self.act == "requeue":
            deliveries.requeue(letter, staff_member(request))
            letters_admin().log_change(request, letter, "Requeued.")
            return
        with transaction.atomic():
            current = DeadLetter.objects.select_for_update(of=("self",)).get(pk=letter.pk)
            if current.state in (State.DISCARDED, State.RESOLVED):
                raise ValueError("It was settled already.")
            current.discard(staff_member(request), self.reason)
            letters_admin().log_change(request, current, f"Discarded: {current.reason}")

    def report(self) -> str:
        words = {
            "requeue": ngettext("%(n)d letter requeued", "%(n)d letters requeued", self.done),
            "discard": ngettext("%(n)d letter discarded", "%(n)d letters discarded", self.done),
        }
        text = words[self.act] % {"n": self.done}
        if not self.refused:
            return f"{text}."
        return _("%(done)s, %(n)d could not be.") % {"done": text, "n": self.refused}


@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """Begin, or go on. To be wrapped by the admin site."""
    if not letters_admin().has_act_permission(request):
        raise PermissionDenied
    work = Work.of(request.POST)
    if not work.keys and not request.POST.get("all"):
        messages.error(request, _("Select letters, or all that the filter finds."))
        return _back(request)
    if work.act == "discard" and not work.reason:
        messages.error(request, _("Say why they are discarded."))
        return _back(request)
    work.go_on(request)
    if work.is_over:
        messages.success(request, work.report())
        return _back(request)
    return TemplateResponse(request, "admin/letter_work.html", {"work": work})


def _back(request: HttpRequest) -> HttpResponse:
    """To the page; a script that was asking is led there, too."""
    response = redirect("admin:operations")
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": response["Location"]})
    return response


def _whole(text: str | None) -> int:
    if text is None or not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Http404
    return int(text)
