"""The metrics of a process that is not gunicorn's, on ``METRICS_PORT``. ``docs/monitoring.md`` lists them all."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management.base import CommandError
from prometheus_client import REGISTRY, disable_created_metrics

from events.standing import Standing
from todo_project.metrics_server import MetricsServer

log = logging.getLogger(__name__)
SHOW_STANDING = ("relay", "all")  # where events pass through anyway; every other role would say the same


@contextmanager
def served(role: str) -> Iterator[None]:
    """Serve the metrics of this process in the meantime, where there is a port for them.

    Raises CommandError when the port is taken.
    """
    if not settings.METRICS_PORT:
        yield
        return
    # They would double the number of series, and nobody looks at them.
    disable_created_metrics()  # type: ignore[no-untyped-call]
    server, standing = _listen(), Standing()
    if role in SHOW_STANDING:
        REGISTRY.register(standing)
    try:
        yield
    finally:
        server.stop()
        if role in SHOW_STANDING:
            REGISTRY.unregister(standing)


def _listen() -> MetricsServer:
    host, port = settings.ROLE_HOST, settings.METRICS_PORT
    try:
        server = MetricsServer(host, port)
    except OSError as error:
        raise CommandError(f"Cannot listen on METRICS_PORT {port}: {error.strerror}.") from error
    log.info("Metrics are at http://%s:%d/metrics", host, server.port)
    return server
