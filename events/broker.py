"""Dramatiq's broker: Redis where there is one, else a queue in this process's memory.

A queue that loses its content loses no event: reconciliation hands over again what has no receipt.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import dramatiq
import msgspec
from django.conf import settings
from django.db import close_old_connections, connections
from dramatiq.brokers.redis import MAINTENANCE_SCALE, RedisBroker
from dramatiq.brokers.stub import StubBroker
from dramatiq.encoder import Encoder
from dramatiq.errors import DecodeError
from dramatiq.middleware import Middleware, Retries, ShutdownNotifications, TimeLimit
from redis import Redis

from events.redis_queue import WakingRedisBroker

TIME_LIMIT_MS = 60_000  # one batch; after that it is interrupted and tried again
# After a message as a whole failed, because the database is away. An event that fails has pauses of its own.
MIN_BACKOFF_MS, MAX_BACKOFF_MS = 200, 5_000
HEARTBEAT_MS = 5_000  # without a sign of life for so long, a worker's messages go to others
REDIS_SECONDS = 5.0  # for an answer of Redis


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


class QuickEncoder(Encoder):
    """Messages as JSON, as Dramatiq's own encoder has them, in a third of the time: a message is a batch of events."""

    def encode(self, data: dict[str, Any]) -> bytes:
        return msgspec.json.encode(data)

    def decode(self, data: bytes) -> dict[str, Any]:
        try:
            return msgspec.json.decode(data, type=dict[str, Any])
        except msgspec.DecodeError as error:
            text = f"A message that cannot be read: {error}"
            raise DecodeError(text, data, error) from None  # type: ignore[no-untyped-call]


def in_memory() -> bool:
    """Whether the queue lives in this process and dies with it."""
    return not settings.REDIS_URL


def configure() -> None:
    """Make the broker that all actors of this process use."""
    middleware: list[Middleware] = [
        DatabaseConnections(),
        TimeLimit(time_limit=TIME_LIMIT_MS),
        ShutdownNotifications(),
        Retries(min_backoff=MIN_BACKOFF_MS, max_backoff=MAX_BACKOFF_MS),
    ]
    dramatiq.set_encoder(QuickEncoder())
    dramatiq.set_broker(StubBroker(middleware=middleware) if in_memory() else redis_broker(middleware))


def redis_broker(middleware: list[Middleware]) -> RedisBroker:
    """A worker that dies is noticed with the next command after ``HEARTBEAT_MS``, and its messages go to others."""
    client = Redis.from_url(
        settings.REDIS_URL, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS
    )
    return WakingRedisBroker(
        client=client,
        middleware=middleware,
        heartbeat_timeout=HEARTBEAT_MS,
        maintenance_chance=MAINTENANCE_SCALE,
    )


def backlog(queue: str) -> int:
    """How many messages wait in a queue or are being handled."""
    broker = dramatiq.get_broker()
    if isinstance(broker, RedisBroker):
        return int(cast(int, broker.client.hlen(f"{broker.namespace}:{queue}.msgs")))
    return broker.queues[queue].unfinished_tasks if queue in broker.queues else 0


def waits_since(queue: str) -> datetime | None:
    """Since when the message that is next in a queue has waited; None when none waits."""
    broker = dramatiq.get_broker()
    head = _head_in_redis(broker, queue) if isinstance(broker, RedisBroker) else _head_here(broker, queue)
    if head is None:
        return None
    return datetime.fromtimestamp(dramatiq.Message.decode(head).message_timestamp / 1000, UTC)


def _head_in_redis(broker: RedisBroker, queue: str) -> bytes | None:
    name = f"{broker.namespace}:{queue}"
    message_id = cast("bytes | None", broker.client.lindex(name, 0))
    # Between the two looks a worker may have taken it.
    return (
        cast("bytes | None", broker.client.hget(f"{name}.msgs", message_id.decode())) if message_id else None
    )


def _head_here(broker: dramatiq.Broker, queue: str) -> bytes | None:
    waiting = list(broker.queues[queue].queue) if queue in broker.queues else []
    return waiting[0] if waiting else None
