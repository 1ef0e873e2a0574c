"""Asking the other roles for their state: through Dapr's service invocation, or here where one process is all."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import msgspec
from django.conf import settings
from django.db import DatabaseError

from events.status import Status, status
from todo_project.blocks.sidecar import SIDECAR, Unavailable
from todo_project.role_state import RoleState, role_state

ASKED: Final = ("events", "relay", "scheduler", "worker")  # each is its own app id


@dataclass(frozen=True)
class Reply:
    """What a role said: its state, or why there is none."""

    role: str
    state: RoleState | None = None
    silence: str = ""


def ask_roles(look: Callable[[], Status] = status) -> list[Reply]:
    """Ask all of ASKED at the same time. Takes no longer than ``sidecar.CALL_SECONDS``, whoever is silent.

    ``look``: what one process that is all roles looks with; a look that was taken already spares it one for each.
    """
    if settings.EVENT_TRANSPORT != "dapr":
        return [_ask_here(role, look) for role in ASKED]
    with ThreadPoolExecutor(len(ASKED)) as pool:
        return list(pool.map(_ask_through_dapr, ASKED))


def _ask_here(role: str, look: Callable[[], Status]) -> Reply:
    try:
        return Reply(role, role_state(role, look))
    except DatabaseError as error:
        return Reply(role, silence=str(error))


def _ask_through_dapr(role: str) -> Reply:
    import aiohttp
    from dapr.clients.exceptions import DaprInternalError

    try:
        answer = SIDECAR.client().invoke_method(role, "state", b"", http_verb="GET")
        return Reply(role, msgspec.json.decode(answer.data, type=RoleState))
    except (Unavailable, DaprInternalError, aiohttp.ClientError, OSError, msgspec.MsgspecError) as error:
        return Reply(role, silence=f"{type(error).__name__}: {error}")
