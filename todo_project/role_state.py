"""What a role tells about itself: to the operations page, and to whoever has the app's token."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from events.leadership import HELD
from events.status import Status, status
from events.views import daprd_only
from tasks.models import Reminder
from todo_project import __version__
from todo_project.ticks import TICKER

STARTED_AT: Final = timezone.now()  # of this process


class Work(msgspec.Struct, frozen=True):
    """What a role did last, and what waits for it: figures by their names, which are English, ages in seconds."""

    last_at: datetime | None = None
    figures: dict[str, int] = {}


class RoleState(msgspec.Struct, frozen=True):
    """One process of a role, on ``host`` (a machine or pod); ``leads`` names what only one process does at a time.

    ``work`` is that of all processes of the role.
    """

    role: str
    host: str
    pid: int
    version: str
    started_at: datetime
    leads: list[str]
    work: Work


def role_state(role: str, look: Callable[[], Status] = status) -> RoleState:
    """The state of a role, as this process knows it. Raises DatabaseError while the database is away."""
    tell = WORK.get(role)
    return RoleState(
        role=role,
        host=socket.gethostname(),
        pid=os.getpid(),
        version=__version__,
        started_at=STARTED_AT,
        leads=sorted(HELD),
        work=tell(look()) if tell else Work(),
    )


@never_cache
@daprd_only
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """``GET /state``, which daprd asks for on behalf of the operations page."""
    return HttpResponse(msgspec.json.encode(role_state(settings.ROLE)), content_type="application/json")


def _relay(now: Status) -> Work:
    oldest = round(now.oldest_pending_seconds)
    return Work(
        now.published_at, {_("events to publish"): now.pending, _("age of the oldest in seconds"): oldest}
    )


def _events(now: Status) -> Work:
    return Work(figures={_("deliveries that could not be read"): now.unreadable})


def _worker(now: Status) -> Work:
    handled = [consumer.last_handled_at for consumer in now.consumers if consumer.last_handled_at]
    behind = sum(consumer.lag for consumer in now.consumers)
    dead = sum(consumer.dead for consumer in now.consumers)
    return Work(max(handled, default=None), {_("deliveries to handle"): behind, _("dead letters"): dead})


def _scheduler(now: Status) -> Work:
    due = Reminder.objects.due(timezone.now()).count()
    return Work(TICKER.last_at, {_("reminders that are due"): due})


WORK: Final[Mapping[str, Callable[[Status], Work]]] = {
    "relay": _relay,
    "events": _events,
    "worker": _worker,
    "scheduler": _scheduler,
}
