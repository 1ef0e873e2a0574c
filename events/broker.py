"""Dramatiq's broker: Redis where there is one, else a queue in this process's memory.

A queue that loses its content loses no event: reconciliation hands over again what has no receipt.
"""

from __future__ import annotations

from typing import Any

import dramatiq
from django.conf import settings
from django.db import close_old_connections, connections
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import Middleware, Retries, ShutdownNotifications, TimeLimit

TIME_LIMIT_MS = 60_000  # one batch; after that it is interrupted and tried again


class DatabaseConnections(Middleware):
    """Gives each message a database connection that works, and each thread's back at its end."""

    def before_process_message(self, broker: dramatiq.Broker, message: Any) -> None:
        close_old_connections()

    def after_process_message(
        self, broker: dramatiq.Broker, message: Any, *, result: Any = None, exception: Any = None
    ) -> None:
        close_old_connections()

    def before_worker_thread_shutdown(self, broker: dramatiq.Broker, thread: Any) -> None:
        connections.close_all()


def in_memory() -> bool:
    """Whether the queue lives in this process and dies with it."""
    return not settings.REDIS_URL


def configure() -> None:
    """Make the broker that all actors of this process use."""
    middleware: list[Middleware] = [
        DatabaseConnections(),
        TimeLimit(time_limit=TIME_LIMIT_MS),
        ShutdownNotifications(),
        Retries(),
    ]
    broker: dramatiq.Broker
    if in_memory():
        broker = StubBroker(middleware=middleware)
    else:
        broker = RedisBroker(url=settings.REDIS_URL, middleware=middleware)  # type: ignore[no-untyped-call]
    dramatiq.set_broker(broker)


def backlog(queue: str) -> int:
    """How many messages wait in a queue or are being handled."""
    broker = dramatiq.get_broker()
    if isinstance(broker, RedisBroker):
        return int(broker.client.llen(f"{broker.namespace}:{queue}"))
    return broker.queues[queue].unfinished_tasks if queue in broker.queues else 0
