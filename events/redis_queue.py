"""Dramatiq's Redis broker, whose idle consumers are woken instead of looking again and again.

Dramatiq's own consumers poll: often, and ten of them cost a tenth of a core while nothing happens; seldom, and each
message waits. Here who enqueues also publishes the queue's name, and a look every quarter of a second is only the
safety net for a wake-up call that was lost.

Source: https://redis.io/docs/latest/develop/pubsub/
"""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from typing import Any

import dramatiq
from dramatiq.brokers.redis import RedisBroker, _RedisConsumer
from redis import Redis, RedisError

log = logging.getLogger(__name__)
LOOK_SECONDS = 0.25  # also how exactly a delayed message keeps its time
RECONNECT_SECONDS = 1.0


class WakingConsumer(_RedisConsumer):
    """Waits for a call, for a message of its own to be done, or for ``LOOK_SECONDS``."""

    def __init__(self, broker: WakingRedisBroker, queue_name: str, prefetch: int, timeout: int) -> None:
        super().__init__(broker, queue_name, prefetch, timeout=0)  # type: ignore[no-untyped-call]
        self._called = broker.calls_for(queue_name)

    def __next__(self) -> Any:
        message = super().__next__()  # type: ignore[no-untyped-call]
        if message is None:
            self._called.wait(LOOK_SECONDS)
            self._called.clear()
        return message

    def ack(self, message: Any) -> None:
        super().ack(message)  # type: ignore[no-untyped-call]
        self._called.set()

    def nack(self, message: Any) -> None:
        super().nack(message)  # type: ignore[no-untyped-call]
        self._called.set()


class WakingRedisBroker(RedisBroker):
    """As RedisBroker. ``client`` should have a timeout; listening has a connection of its own without one."""

    def __init__(self, *, client: Redis, **options: Any) -> None:
        super().__init__(client=client, **options)  # type: ignore[no-untyped-call]
        self._calls: dict[str, threading.Event] = defaultdict(threading.Event)
        self._starting = threading.Lock()
        self._listener: threading.Thread | None = None
        self._closed = threading.Event()

    def close(self) -> None:
        """Stop listening and give the connections back."""
        self._closed.set()
        if self._listener is not None:
            self._listener.join()
        self.client.close()

    @property
    def consumer_class(self) -> type[WakingConsumer]:
        return WakingConsumer

    @property
    def channel(self) -> str:
        return f"{self.namespace}:calls"

    def calls_for(self, queue_name: str) -> threading.Event:
        """What is set when a queue has got something; a process that asks for it listens from then on."""
        with self._starting:
            if self._listener is None:
                self._listener = threading.Thread(target=self._listen, name="queue-calls", daemon=True)
                self._listener.start()
            return self._calls[queue_name]

    def enqueue(self, message: dramatiq.Message, *, delay: int | None = None) -> dramatiq.Message:
        enqueued: dramatiq.Message = super().enqueue(message, delay=delay)
        self.client.publish(self.channel, enqueued.queue_name)
        return enqueued

    def _listen(self) -> None:
        while not self._closed.is_set():
            try:
                self._hear()
            except RedisError as error:
                log.warning("Nobody hears the queues' calls (%s); they are looked at instead", error)
                self._closed.wait(RECONNECT_SECONDS)

    def _hear(self) -> None:
        with self.client.pubsub(ignore_subscribe_messages=True) as calls:
            calls.subscribe(self.channel)
            while not self._closed.is_set():
                call = calls.get_message(timeout=LOOK_SECONDS)
                if call is not None and (name := call["data"].decode()) in self._calls:
                    self._calls[name].set()
