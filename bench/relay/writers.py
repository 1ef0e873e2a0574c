"""Writers whose transactions overlap: each locks a task, records its next version, and dawdles before the commit."""

from __future__ import annotations

import random
import threading
import time

import psycopg
from uuid_utils.compat import uuid7

WRITERS, TASKS = 8, 40
SLOWEST_SECONDS = 0.02


def prepare(session: psycopg.Connection) -> list:
    """The tasks, as rows that can be locked."""
    session.execute("CREATE TABLE IF NOT EXISTS bench_tasks (id uuid PRIMARY KEY, version int NOT NULL)")
    tasks = [uuid7() for _ in range(TASKS)]
    session.execute("INSERT INTO bench_tasks SELECT unnest(%b::uuid[]), 0", [tasks])
    return tasks


def write(url: str, tasks: list, stop: threading.Event) -> None:
    """Change tasks until ``stop``; one change in ten is rolled back."""
    chance = random.Random()
    with psycopg.connect(url) as session:
        while not stop.is_set():
            task = chance.choice(tasks)
            version = session.execute(
                "UPDATE bench_tasks SET version = version + 1 WHERE id = %s RETURNING version", [task]
            ).fetchone()[0]
            session.execute(
                "INSERT INTO events_outboxevent (event_id, type, key, sequence, envelope, created_at) "
                "VALUES (%s, 'task.updated', %s, %s, '{}', now())",
                [uuid7(), task, version],
            )
            time.sleep(chance.random() * SLOWEST_SECONDS)
            if chance.random() < 0.1:
                session.rollback()
            else:
                session.commit()


def judge(session: psycopg.Connection, tasks: list, read: list[tuple]) -> tuple[int, int, int]:
    """How many events there were, how many of them the reader lost, and how many it had out of order per task."""
    there = session.execute(
        "SELECT key, sequence FROM events_outboxevent WHERE key = ANY(%s)", [tasks]
    ).fetchall()
    seen = {(key, version) for _, key, version in read}
    last: dict = {}
    out_of_order = 0
    for _, key, version in read:
        out_of_order += version < last.get(key, 0)
        last[key] = max(version, last.get(key, 0))
    return len(there), len(set(there) - seen), out_of_order
