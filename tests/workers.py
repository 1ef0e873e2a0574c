"""Real Dramatiq workers beside a test, on the broker that all tests of a process share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dramatiq


@contextmanager
def running_worker(threads: int = 2) -> Iterator[dramatiq.Worker]:
    """Handle what comes into the queues until the block ends. Nothing of the worker stays.

    Dramatiq gives even a stopped worker a consumer of each queue that is declared later, which would take away the
    messages of other tests; so what the worker added to the broker is taken off again.
    """
    broker = dramatiq.get_broker()
    before = list(broker.middleware)
    worker = dramatiq.Worker(broker, worker_timeout=10, worker_threads=threads)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()
        broker.middleware[:] = before
