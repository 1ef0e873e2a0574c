"""How many requests a program may make: so many a minute for each token, session or, without these, address.

Every process counts for itself, in memory. Once a second a thread adds what was counted since to a counter that all
processes share in the state store, and learns what the others counted. So they agree within about a second, and no
request waits for the store. While the store is away, each process counts alone.

Source of the headers: draft-ietf-httpapi-ratelimit-headers.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.db import DatabaseError, connections
from django.http import HttpRequest, HttpResponse

from todo_project.blocks.configuration import CURRENT, FOLLOWING
from todo_project.blocks.sidecar import Unavailable
from todo_project.blocks.state import Changed, state_store
from todo_project.problems import refusal
from todo_project.process_thread import ProcessThread

log = logging.getLogger(__name__)
WINDOW_SECONDS: Final = 60
SHARE_SECONDS: Final = 1.0
ATTEMPTS: Final = 5  # to add to a counter that other processes add to at the same time
UNAUTHORIZED: Final = 401


@dataclass
class Tally:
    """One caller's requests in the present window: those that the store knows of, and those since."""

    shared: int = 0
    unsent: int = 0
    is_known: bool = False  # its token or session opened something

    @property
    def total(self) -> int:
        return self.shared + self.unsent


@dataclass
class Counters:
    """The tallies of this process."""

    window: int = 0
    tallies: dict[str, Tally] = field(default_factory=dict)
    is_away: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, caller: str) -> Tally:
        """The caller's tally. With a new minute all begin anew."""
        window = _now() // WINDOW_SECONDS
        with self._lock:
            if window != self.window:
                self.window, self.tallies = window, {}
            return self.tallies.setdefault(caller, Tally())

    def add(self, tally: Tally) -> None:
        with self._lock:
            tally.unsent += 1

    def share(self) -> None:
        """Add what is unsent to the shared counters, and read them. Stops where the store is away."""
        window, tallies = self.window, self.tallies
        for caller, tally in list(tallies.items()):
            if not (delta := tally.unsent):
                continue
            try:
                total = _added(f"requests:{window}:{caller}", delta)
            except (Unavailable, DatabaseError, Changed) as error:
                self._note_away(error)
                return
            self.is_away = False
            with self._lock:
                tally.shared, tally.unsent = total, tally.unsent - delta

    def _note_away(self, error: Exception) -> None:
        if not self.is_away:
            log.warning("Requests are counted by each process alone until the store is back: %r", error)
        self.is_away = True


def _added(key: str, delta: int) -> int:
    """Add to a shared counter. Returns its sum; raises Changed where others were quicker each time."""
    for attempt in range(ATTEMPTS):
        stored = state_store().get(key)
        total = delta + (int(stored.value) if stored else 0)
        try:
            state_store().save(key, str(total).encode(), 2 * WINDOW_SECONDS, stored.etag if stored else "")
            return total
        except Changed:
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError  # every way out of the loop was taken above


class Sharing(ProcessThread):
    """Shares what was counted, again and again."""

    name = "rate-limits"

    def __init__(self, counters: Counters) -> None:
        super().__init__()
        self._counters = counters

    def run(self) -> None:
        while True:
            time.sleep(SHARE_SECONDS)
            try:
                self._counters.share()
            except Exception:
                log.exception("Counted requests could not be shared; the next second tries again")
            finally:
                connections.close_all()


COUNTERS: Final = Counters()
SHARING: Final = Sharing(COUNTERS)


class RateLimitMiddleware:
    """Refuses requests to the API beyond ``API_RATE_LIMIT`` a minute, and tells how many are left."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        FOLLOWING.ensure()
        limit = CURRENT.api_rate_limit
        if not limit or not request.path.startswith("/api/"):
            return self.get_response(request)
        SHARING.ensure()
        credential = _credential(request)
        tally = COUNTERS.of(credential or _address(request))
        if tally.total >= limit or (credential and not tally.is_known and _guesses(request) >= limit):
            return _told(_refused(request, limit), limit, 0)
        COUNTERS.add(tally)
        response = self.get_response(request)
        if credential:
            _judge(request, response, tally)
        return _told(response, limit, max(limit - tally.total, 0))


def _credential(request: HttpRequest) -> str:
    """The token or session that a request shows, as a hash; "" without one."""
    shown = request.META.get("HTTP_AUTHORIZATION") or request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    return hashlib.sha256(shown.encode()).hexdigest() if shown else ""


def _address(request: HttpRequest) -> str:
    address: str = get_adapter(request).get_client_ip(request)
    return f"address:{address}"


def _guesses(request: HttpRequest) -> int:
    """How much an address did without a credential that is good. Else a new guess would be a new caller."""
    return COUNTERS.of(_address(request)).total


def _judge(request: HttpRequest, response: HttpResponse, tally: Tally) -> None:
    """Count a credential that opened nothing towards its address."""
    if response.status_code == UNAUTHORIZED:
        COUNTERS.add(COUNTERS.of(_address(request)))
    else:
        tally.is_known = True


def _refused(request: HttpRequest, limit: int) -> HttpResponse:
    detail = f"There were more than {limit} requests within a minute. Wait until the minute is over."
    return refusal(request, 429, detail, {"Retry-After": str(_seconds_left())})


def _told(response: HttpResponse, limit: int, left: int) -> HttpResponse:
    response["RateLimit-Policy"] = f'"minute";q={limit};w={WINDOW_SECONDS}'
    response["RateLimit"] = f'"minute";r={left};t={_seconds_left()}'
    return response


def _seconds_left() -> int:
    return WINDOW_SECONDS - _now() % WINDOW_SECONDS


def _now() -> int:
    """Seconds since 1970."""
    return int(time.time())
