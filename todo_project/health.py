"""Whether this process can do its work: for people (``/health``) and for an orchestrator's two probes."""

from __future__ import annotations

import logging

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

log = logging.getLogger(__name__)


@never_cache
@require_safe
def healthy(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "healthy"})


@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """The process answers. It asks nothing of the database: starting again would not mend that."""
    return JsonResponse({"status": "live"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """The database answers and has every migration; else 503, with what is missing."""
    missing = what_is_missing()
    if missing:
        return JsonResponse({"status": "not ready", "missing": missing}, status=503)
    return JsonResponse({"status": "ready"})


def what_is_missing() -> list[str]:
    """Sentences that say why requests would fail; none when they would not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        unapplied = unapplied_migrations()
    except DatabaseError as error:
        log.warning("Not ready: %s", error)
        return ["The database does not answer."]
    return [f"The migration {name} is not applied. Run: manage.py migrate" for name in unapplied]


def unapplied_migrations() -> list[str]:
    """The names of migrations that the database does not have, in the order in which they would run."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]
