"""The scheduler's ticks: from a loop of our own, or from Dapr's cron binding. One at a time in a process."""

from __future__ import annotations

import logging
import threading
from datetime import datetime

from django.conf import settings
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from events.views import daprd_only
from tasks import scheduler
from tasks.scheduler import Tick

log = logging.getLogger(__name__)


class Ticker:
    """Ticks unless a tick is under way. What that one leaves, the next takes up."""

    def __init__(self) -> None:
        self.last_at: datetime | None = None
        self._under_way = threading.Lock()

    def tick(self) -> Tick | None:
        """Fire what is due; None when another tick is at it."""
        if not self._under_way.acquire(blocking=False):
            return None
        try:
            fired = scheduler.tick()
            self.last_at = timezone.now()
            return fired
        finally:
            self._under_way.release()

    def run(self, stop: threading.Event) -> None:
        """Tick for as long as this process lives, or let daprd do it where ``SCHEDULER_TICK`` says so."""
        if settings.SCHEDULER_TICK == "binding":
            stop.wait()
            return
        while not stop.wait(settings.SCHEDULER_INTERVAL_SECONDS):
            close_old_connections()
            try:
                self.tick()
            except Exception:
                log.exception("A tick failed; the next one takes up what is left")


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
