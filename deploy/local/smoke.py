"""Follows one task through a running stack: the API, Kafka, the history, and the notification of its reminder."""

from __future__ import annotations

import http.client
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from deploy.local.failure import StackError, tail
from deploy.local.ports import LOOPBACK
from deploy.local.sightings import DatabaseWatch, KafkaWatch, Sightings
from deploy.local.stack import Stack

REMIND_AFTER = timedelta(seconds=4)
LIMIT_SECONDS = 15.0  # for each hop
CREATED = 201


@dataclass(frozen=True)
class Hop:
    """``sql`` finds what shows it in the database; without, ``event`` shows it in Kafka. ``of`` are the services that
    bring it about.
    """

    name: str
    of: tuple[str, ...]
    sql: str = ""
    event: str = ""


ANSWERED = Hop("the API answered", ("web",))
OF_THE_TASK = (
    ANSWERED,
    Hop(
        "its event is in the outbox",
        ("web",),
        "SELECT FROM events_outboxevent WHERE type = 'task.created' AND envelope LIKE %s",
    ),
    Hop("its event is in Kafka", ("relay", "daprd-relay"), event="task.created"),
    Hop(
        "it is in the task's history",
        ("events", "daprd-events", "worker"),
        "SELECT FROM events_taskeventlog WHERE type = 'task.created' AND envelope LIKE %s",
    ),
)
OF_ITS_REMINDER = (
    Hop(
        "its event is in the outbox",
        ("scheduler",),
        "SELECT FROM events_outboxevent WHERE type = 'task.reminder.due' AND envelope LIKE %s",
    ),
    Hop("its event is in Kafka", ("relay", "daprd-relay"), event="task.reminder.due"),
    Hop(
        "the notification is stored",
        ("events", "daprd-events", "worker"),
        "SELECT FROM notifications_notification WHERE title LIKE %s",
    ),
    Hop(
        "its mail is sent",
        ("worker",),
        "SELECT FROM notifications_delivery AS delivery JOIN notifications_notification AS notification "
        "ON notification.id = delivery.notification_id "
        "WHERE delivery.channel = 'email' AND delivery.state = 'sent' AND notification.title LIKE %s",
    ),
)


def smoke(stack: Stack, say: Callable[[str], None]) -> None:
    """Raises StackError, with the hop that did not come and the logs of those that should have brought it."""
    _require_running(stack)
    title = f"Smoke {secrets.token_hex(8)}"
    token = _account(stack)
    sightings = Sightings()
    with _watching(stack, title, sightings):
        began, remind_at = time.monotonic(), datetime.now(UTC) + REMIND_AFTER
        _create(stack, token, {"title": title, "reminder_at": remind_at.isoformat()})
        sightings.note(ANSWERED)
        say(
            "A task was created through the API, with a reminder four seconds later. After the request began:"
        )
        _report(stack, OF_THE_TASK, sightings, began, say)
        say("After the reminder was due:")
        _report(stack, OF_ITS_REMINDER, sightings, began + REMIND_AFTER.total_seconds(), say)


def _require_running(stack: Stack) -> None:
    if down := [name for name in stack.services if stack.pid(name) is None]:
        raise StackError(f"{', '.join(down)} does not run. Run: make stack")


def _account(stack: Stack) -> str:
    """A new account. Returns its API token."""
    email = f"smoke-{secrets.token_hex(4)}@example.com"
    stack.manage("create_user", email)
    scope = ("--scope", "tasks:write")
    return stack.manage("create_api_token", email, "--name", "smoke", *scope).stdout.strip()


@contextmanager
def _watching(stack: Stack, title: str, sightings: Sightings) -> Iterator[None]:
    stop = threading.Event()
    hops = (*OF_THE_TASK, *OF_ITS_REMINDER)
    queries = {hop: hop.sql for hop in hops if hop.sql}
    events = {hop.event: hop for hop in hops if hop.event}
    watches = [
        DatabaseWatch(stack.databases.url(), title, queries, sightings, stop),
        KafkaWatch(stack.broker, title, events, sightings, stop),
    ]
    for watch in watches:
        watch.start()
    try:
        yield
    finally:
        stop.set()
        for watch in watches:
            watch.join()


def _create(stack: Stack, token: str, task: dict[str, Any]) -> None:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    port = stack.ports.roles["web"].app
    with closing(http.client.HTTPConnection(LOOPBACK, port, timeout=LIMIT_SECONDS)) as connection:
        connection.request("POST", "/api/tasks", json.dumps(task), headers)
        answer = connection.getresponse()
        if answer.status != CREATED:
            raise StackError(f"POST /api/tasks answered {answer.status}: {answer.read().decode()[:2000]}")


def _report(
    stack: Stack, hops: tuple[Hop, ...], sightings: Sightings, began: float, say: Callable[[str], None]
) -> None:
    for hop in hops:
        seen = sightings.wait_for(hop, began + LIMIT_SECONDS)
        if seen is None:
            logs = "\n".join(tail(stack.services[name].log) for name in hop.of)
            raise StackError(f"Not within {LIMIT_SECONDS:g} s: {hop.name}.\n{logs}")
        say(f"  {(seen - began) * 1000:7.1f} ms  {hop.name}")
