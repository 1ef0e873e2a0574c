"""Whether this process can do its work: for people (``/health``) and for an orchestrator's two probes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Final

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import resolve
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from todo_project.blocks.sidecar import Unavailable, require_answer
from todo_project.role_state import STARTED_AT
from todo_project.ticks import TICKER

log = logging.getLogger(__name__)
PATHS: Final = {"/health", "/health/live", "/health/ready"}
REDIS_SECONDS: Final = 1.0  # a probe does not wait for long
TICK_LATE_SECONDS: Final = 60.0  # a tick with much to do may take seconds
TICKS_LATE: Final = 10  # intervals, where those are long

Check = Callable[[], Sequence[str]]


class HealthMiddleware:
    """Answers health checks before anything else looks at the request.

    An orchestrator asks a pod by its address, which is no allowed host. Nothing here makes a link of that.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.removesuffix("/") not in PATHS:
            return self.get_response(request)
        response: HttpResponse = resolve(request.path_info).func(request)
        return response


@never_cache
@require_safe
def healthy(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "healthy"})


@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """The process answers. It asks for nothing else: starting again would not mend that."""
    return JsonResponse({"status": "live"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 where the role can do its work, else 503; ``missing`` says what is away, if anything is."""
    lacking = what_is_missing(NEEDED)
    missing = [*lacking, *what_is_missing(USED)]
    status = "not ready" if lacking else "ready"
    answer = {"status": status, "missing": missing} if missing else {"status": status}
    return JsonResponse(answer, status=503 if lacking else 200)


def what_is_missing(checks: Mapping[str, Sequence[Check]]) -> list[str]:
    """What of these things this process's role has to do without, a sentence each."""
    return [sentence for check in checks.get(settings.ROLE, ()) for sentence in check()]


def database() -> list[str]:
    """The database answers and has every migration."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        unapplied = unapplied_migrations()
    except DatabaseError as error:
        log.warning("The database does not answer: %s", error)
        return ["The database does not answer."]
    return [f"The migration {name} is not applied. Run: manage.py migrate" for name in unapplied]


def unapplied_migrations() -> list[str]:
    """The names of migrations that the database does not have, in the order in which they would run."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def queue() -> list[str]:
    """Redis answers, where the queue is there."""
    if not settings.REDIS_URL:
        return []
    try:
        _redis(settings.REDIS_URL).ping()
    except RedisError as error:
        log.warning("Redis does not answer: %s", error)
        return ["Redis does not answer."]
    return []


@cache
def _redis(url: str) -> Redis:
    """A client that says at once what it found; the queue's own would try several times."""
    return Redis.from_url(
        url,
        socket_timeout=REDIS_SECONDS,
        socket_connect_timeout=REDIS_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def sidecar() -> list[str]:
    """This process's daprd is ready for calls. It is so while Kafka is away, which comes back by itself."""
    if settings.EVENT_TRANSPORT != "dapr":
        return []
    try:
        require_answer()
    except Unavailable as error:
        log.warning("%s", error)
        return [f"daprd does not answer on port {settings.DAPR_HTTP_PORT}."]
    return []


def ticks() -> list[str]:
    """The scheduler ticks: what is due is fired."""
    age = (timezone.now() - (TICKER.last_at or STARTED_AT)).total_seconds()
    if age <= max(TICK_LATE_SECONDS, TICKS_LATE * settings.SCHEDULER_INTERVAL_SECONDS):
        return []
    return [f"The last tick that went well, or the start, was {age:.0f} s ago."]


# Without these a role can do nothing of use.
NEEDED: Final[Mapping[str, Sequence[Check]]] = {
    "all": (database,),
    "web": (database,),
    "events": (queue,),
    "relay": (database, sidecar),
    "scheduler": (database, ticks),
    "worker": (database, queue),
}
# Without these it does most of its work.
USED: Final[Mapping[str, Sequence[Check]]] = {
    "all": (queue,),
    "web": (queue, sidecar),
    "relay": (queue,),
}
