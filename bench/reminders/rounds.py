"""One round: a thousand reminders due at one instant, timed from that to the commit of each notification."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from bench.reminders.data import fill, let_be_due, settle
from deploy.local.stack import Stack
from notifications.models import Delivery, Notification

AHEAD = timedelta(seconds=3)  # between the planning of a round and its instant
LIMIT_SECONDS = 60.0  # for all notifications of a round
# Hops: what is told apart in the table, each with the rows that show it. Times are those of the commits.
HOPS = {
    "fired": "SELECT {ms} FROM events_outboxevent AS row WHERE type = 'task.reminder.due' AND key = ANY(%(tasks)s)",
    "": "SELECT {ms} FROM notifications_notification AS row WHERE task_id = ANY(%(tasks)s)",
}
MS = "extract(epoch FROM pg_xact_commit_timestamp(row.xmin) - %(instant)s) * 1000"
PERCENTILES = {"p50_ms": 0.50, "p99_ms": 0.99, "max_ms": 1.0}


def one_round(one: Stack, tasks: Sequence[UUID]) -> dict[str, float]:
    """Let the reminders of these tasks be due, and wait until everybody was told."""
    instant = (timezone.now() + AHEAD).replace(microsecond=0)
    let_be_due(tasks, instant)
    time.sleep(max(0.0, (instant - timezone.now()).total_seconds()))
    before = {name: one.cpu_seconds(name) for name in one.services}
    wait_until(lambda: Notification.objects.filter(task_id__in=tasks).count() >= len(tasks))
    used = {f"cpu_ms_{name}": (one.cpu_seconds(name) - s) * 1000 / len(tasks) for name, s in before.items()}
    # The next round begins with empty queues; what is doubled would come by then, too.
    wait_until(lambda: mails_of(tasks).filter(state="sent").count() >= len(tasks))
    time.sleep(1)
    return {**latencies(tasks, instant), **counts(tasks), **used}


def mails_of(tasks: Sequence[UUID]) -> QuerySet[Delivery]:
    return Delivery.objects.filter(notification__task_id__in=tasks, channel="email")


def wait_until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + LIMIT_SECONDS
    while not is_so() and time.monotonic() < end:
        time.sleep(0.05)


def latencies(tasks: Sequence[UUID], instant: datetime) -> dict[str, float]:
    found = {}
    for hop, sql in HOPS.items():
        times = sorted(
            float(row[0]) for row in rows(sql.format(ms=MS), {"tasks": list(tasks), "instant": instant})
        )
        for name, share in PERCENTILES.items():
            found[f"{hop}_{name}".lstrip("_")] = times[max(0, round(share * len(times)) - 1)]
    return found


def counts(tasks: Sequence[UUID]) -> dict[str, float]:
    """What each task has too few or too many of."""
    told = dict(
        rows(
            "SELECT task_id, count(*) FROM notifications_notification WHERE task_id = ANY(%(tasks)s) GROUP BY task_id",
            {"tasks": list(tasks)},
        )
    )
    return {
        "lost": sum(task not in told for task in tasks),
        "doubled": sum(number - 1 for number in told.values()),
    }


def rows(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def measure(one: Stack, rounds: int, pending: int, due: int) -> dict[str, list[float]]:
    turns = fill(pending, due, rounds + 1)
    settle()
    print(f"{pending:,} reminders are pending.", flush=True)
    one_round(one, turns[0])  # warms up
    measured: dict[str, list[float]] = {}
    for number, tasks in enumerate(turns[1:], 1):
        settle()
        found = one_round(one, tasks)
        shown = ("fired_p99_ms", "p50_ms", "p99_ms", "lost", "doubled")
        print(f"round {number}: " + ", ".join(f"{name} {found[name]:.0f}" for name in shown), flush=True)
        for name, value in found.items():
            measured.setdefault(name, []).append(value)
    return measured
