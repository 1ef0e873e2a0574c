"""The scheduler's ticks: from a loop of our own, or from Dapr's cron binding. One at a time in a process."""

from __future__ import annotations

import logging
import threading
import time
from datetime import datetime

from django.conf import settings
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from prometheus_client import Gauge

from events.views import daprd_only
from tasks import jobs, scheduler
from tasks.scheduler import Tick
from todo_project.models import StoredValue

log = logging.getLogger(__name__)
TIDY_SECONDS = 60.0
LAST_TICK = Gauge(
    "todo_scheduler_last_tick_timestamp_seconds", "When a tick last ended.", multiprocess_mode="max"
)


class Ticker:
    """Ticks unless a tick is under way. What that one leaves, the next takes up."""

    def __init__(self) -> None:
        self.last_at: datetime | None = None
        self._tidied = -TIDY_SECONDS
        self._under_way = threading.Lock()

    def tick(self) -> Tick | None:
        """Fire what is due; None when another tick is at it."""
        if not self._under_way.acquire(blocking=False):
            return None
        try:
            fired = scheduler.tick()
            jobs.take_up(timezone.now())
            self._tidy()
            self.last_at = timezone.now()
            LAST_TICK.set(self.last_at.timestamp())
            return fired
        finally:
            self._under_way.release()

    def _tidy(self) -> None:
        """Remove values of the state store that have expired, now and then."""
        now = time.monotonic()
        if now - self._tidied >= TIDY_SECONDS:
            self._tidied = now
            StoredValue.objects.expired().delete()

    def run(self, stop: threading.Event) -> None:
        """Tick for as long as this process lives, or let daprd do it where ``SCHEDULER_TICK`` says so."""
        if settings.SCHEDULER_TICK == "binding":
            stop.wait()
            return
        pause = 0.0
        while not stop.wait(pause):
            close_old_connections()
            try:
                pause = self._tick_once()
            except Exception:
                log.exception("A tick failed; the next one takes up what is left")
                pause = settings.SCHEDULER_INTERVAL_SECONDS

    def _tick_once(self) -> float:
        """Returns the seconds until the next tick: none while there is more to do, else until something is due."""
        began = timezone.now()
        fired = self.tick()
        if fired is not None and fired.total:
            return 0.0
        interval: float = settings.SCHEDULER_INTERVAL_SECONDS
        due = scheduler.next_due_at(began)
        # What is made due in between is found after the interval.
        return interval if due is None else min(interval, max(0.0, (due - timezone.now()).total_seconds()))


TICKER = Ticker()
run = TICKER.run


@csrf_exempt
@daprd_only
@require_http_methods(["POST", "OPTIONS"])
def on_tick(request: HttpRequest) -> HttpResponse:
    """What the cron binding calls, on every replica. With OPTIONS daprd asks whether there is such a path."""
    if request.method == "OPTIONS":
        return HttpResponse()
    fired = TICKER.tick()
    return JsonResponse({"skipped": True} if fired is None else {"fired": fired.total})
