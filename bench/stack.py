"""The stack that a benchmark runs on: real PostgreSQL, Redis, Kafka and daprd on ports of their own."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from deploy.local.ports import Ports
from deploy.local.stack import Stack

# One for each daprd that receives, of which there is one here. A daprd delivers one batch at a time: with more of them
# it delivers as many smaller ones.
PARTITIONS = 1


@contextmanager
def stack(
    only: Iterable[str] | None = None, partitions: int | None = None, **settings: str
) -> Iterator[Stack]:
    """A fresh stack that is gone afterwards. ``only``: of its services, these; ``settings`` of the application.

    ``partitions``: of the topic of task events, where it is to have another number of them.
    """
    folder = Path(tempfile.mkdtemp(prefix="todo-bench-"))
    folder.chmod(0o755)
    one = Stack(folder, Ports.free(), {"LOG_LEVEL": "WARNING", **settings})
    try:
        print("Starting PostgreSQL, Redis, Kafka and daprd …", file=sys.stderr)
        if partitions is not None:
            one.prepare()
            one.start("kafka")
            one.wait_ready("kafka")
            one.broker.create({"task-events": partitions})
        one.up(only)
        yield one
    finally:
        one.destroy()
        shutil.rmtree(folder, ignore_errors=True)


def with_commit_times(one: Stack) -> None:
    """Let PostgreSQL note when each transaction committed: latency is then measured from commit to commit."""
    with psycopg.connect(one.databases.url("postgres"), autocommit=True) as session:
        session.execute("ALTER SYSTEM SET track_commit_timestamp = on")
    one.stop("postgres")
    one.start("postgres")
    one.wait_ready("postgres")


def become(one: Stack, role: str = "web") -> None:
    """Let Django in this process be a part of the stack. To be called before the application is imported."""
    os.environ.update({**one.environment(role), "METRICS_PORT": "0", "ROLE_PORT": "0"})
    os.environ["DJANGO_SETTINGS_MODULE"] = "todo_project.settings"
    import django

    django.setup()
