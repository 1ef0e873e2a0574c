"""The roles that carry events, as threads of one process. ``web`` and ``events`` are served by WSGI."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection
from datetime import timedelta

import dramatiq
from django.conf import settings
from django.db import connections
from dramatiq import Worker

from events import consumers, reconcile, relay, relay_signal
from events.leadership import leadership
from tasks import jobs
from todo_project import ticks

log = logging.getLogger(__name__)
STOP_SECONDS = 10.0  # for what is under way to end; what does not is handed over again
WORKER_TIMEOUT_MS = 200  # how soon an idle thread sees that it is to end; a message wakes it at once

Role = Callable[[threading.Event], None]


def work(stop: threading.Event, only: Collection[str] = ()) -> None:
    """Handle messages until ``stop``: the ``worker`` role, for all consumers and for jobs, or for ``only`` some.

    Consumers that reach outside have threads of their own: a mail server that hangs holds up no other consumer.
    """
    consumers.declare_actors()
    jobs.actor()
    wanted = {name: one for name, one in consumers.registry().items() if not only or name in only}
    slow = {consumers.queue_of(name) for name, one in wanted.items() if one.outside}
    fast = {consumers.queue_of(name) for name in wanted} - slow
    if not only:
        fast.add(jobs.QUEUE)
    pools = ((fast, settings.WORKER_THREADS), (slow, settings.SLOW_WORKER_THREADS))
    workers = [_worker(queues, threads) for queues, threads in pools if queues]
    stop.wait()
    for worker in workers:
        worker.stop(timeout=int(STOP_SECONDS * 1000))


def _worker(queues: set[str], threads: int) -> Worker:
    broker = dramatiq.get_broker()
    middleware = list(broker.middleware)
    worker = Worker(broker, queues=queues, worker_threads=threads, worker_timeout=WORKER_TIMEOUT_MS)
    worker.start()
    # What the worker added gives it the queues that are declared from now on, even when it has stopped. There are none.
    broker.middleware[:] = middleware
    return worker


def run(roles: dict[str, Role], stop: threading.Event) -> list[threading.Thread]:
    """Start each role in a thread of its own. Returns the threads."""
    threads = [
        threading.Thread(target=_run_role, args=(role, stop), name=name, daemon=True)
        for name, role in roles.items()
    ]
    for thread in threads:
        thread.start()
    return threads


def _run_role(role: Role, stop: threading.Event) -> None:
    try:
        role(stop)
    finally:
        connections.close_all()


class EventRoles:
    """Relay, worker, scheduler and reconciliation of one process, on the embedded default.

    Of several processes on one ``VAR_DIR`` one has them; when it dies the next takes over.
    """

    ROLES: dict[str, Role] = {
        "relay": relay.run,
        "worker": work,
        "scheduler": ticks.run,
        "reconcile": reconcile.run,
    }

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._lead, name="event-roles", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Let every role finish what it has at hand."""
        self._stop.set()
        relay_signal.wake()
        self._thread.join(STOP_SECONDS)

    def _lead(self) -> None:
        with leadership("event-roles", self._stop) as leads:
            if not leads:
                return
            threads = run(self.ROLES, self._stop)
            self._catch_up()
            for thread in threads:
                thread.join()

    def _catch_up(self) -> None:
        """A queue in memory starts empty: what an earlier process did not finish is handed over at once."""
        try:
            if found := reconcile.reconcile(older_than=timedelta(0)):
                log.info("Took up %d events that an earlier process had not finished", found)
        except Exception:
            log.exception("Could not take up what was left; reconciliation will")
        finally:
            connections.close_all()
