"""The drill itself, step by step, each timed."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import redis

from bench.restore.writers import Writer
from deploy.local import kafka, postgres, redis_server
from deploy.local.ports import ROLES
from deploy.local.service import ROOT
from deploy.local.sidecars import name_of
from deploy.local.stack import Stack

SCRIPTS = ROOT / "deploy" / "scripts"
EMAIL = "drill@example.com"
BATCH = 1000
WRITERS = 2
FILL = """
from accounts.models import User
from tasks.models import Project, Task
inbox = Project.objects.inbox_of(User.objects.get(email={email!r}))
for first in range(0, {tasks}, {batch}):
    numbers = range(first, min(first + {batch}, {tasks}))
    Task.objects.bulk_create([Task(project=inbox, title=f"Task {{number}}") for number in numbers])
"""
UNLOGGED = """
    SELECT count(*) FROM events_outboxevent e WHERE type LIKE 'task.%%'
    AND NOT EXISTS (SELECT FROM events_taskeventlog l WHERE l.event_id = e.event_id)"""
SETTLE_SECONDS = 900.0
LOOK_SECONDS = 0.25


@dataclass
class Drill:
    """``seconds`` says how long each step took, ``figures`` what else was found."""

    stack: Stack
    tasks: int
    work_seconds: float = 5.0  # that people go on working after the backup, until the disk is lost
    seconds: dict[str, float] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)

    def run(self) -> None:
        """Raises AssertionError when anything comes out otherwise than it must."""
        self._fill()
        before = self._work_and_back_up()
        began = time.monotonic()
        self._restore()
        self._empty_what_only_carries()
        self._start_roles()
        self.figures["rto_seconds"] = round(time.monotonic() - began, 1)
        self._prove(before)

    @contextmanager
    def _timed(self, step: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.seconds[step] = round(time.monotonic() - began, 1)

    # --- Before ------------------------------------------------------------------------------------------

    def _fill(self) -> None:
        self.stack.manage("create_user", EMAIL)
        scope = ("--scope", "tasks:write")
        self.token = self.stack.manage("create_api_token", EMAIL, "--name", "drill", *scope).stdout.strip()
        with self._timed("making the tasks"):
            self.stack.manage("shell", "-c", FILL.format(email=EMAIL, tasks=self.tasks, batch=BATCH))
            self._wait_until_logged()

    def _wait_until_logged(self) -> None:
        deadline = time.monotonic() + SETTLE_SECONDS
        while waiting := self._value(UNLOGGED):
            assert time.monotonic() < deadline, f"{waiting} events are not in the log"
            time.sleep(LOOK_SECONDS)

    def _value(self, query: str, *values: Any) -> Any:
        with psycopg.connect(self.stack.databases.url()) as session:
            row = session.execute(query.encode(), values).fetchone()
            return row[0] if row else None

    # --- The backup, and the loss ------------------------------------------------------------------------

    def _work_and_back_up(self) -> dict[str, float]:
        """Returns what was acknowledged, and when."""
        port = self.stack.ports.roles["web"].app
        writers = [Writer(port, self.token, f"writer {number}") for number in range(WRITERS)]
        for writer in writers:
            writer.start()
        time.sleep(1.0)
        with self._timed("backup, under load"):
            self.manifest = self._back_up()
        self.figures["slowest_answer_seconds"] = round(max(writer.slowest for writer in writers), 2)
        time.sleep(self.work_seconds)
        self.lost_at = time.time()
        self._lose_the_disk()
        for writer in writers:
            writer.end()
        return {task: at for writer in writers for task, at in writer.acknowledged.items()}

    def _back_up(self) -> Path:
        self.key = self.stack.folder / "backup.key"
        self.key.write_text(secrets.token_urlsafe(48))
        to = ("--to", str(self.stack.folder / "backups"), "--key-file", str(self.key))
        return Path(self._script("backup.sh", *to).stdout.strip())

    def _script(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": os.environ["PATH"], "DATABASE_URL": self.stack.databases.url()}
        result = subprocess.run(
            [SCRIPTS / name, *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        return result

    def _lose_the_disk(self) -> None:
        self.stack.kill("postgres")
        postgres.remove(self.stack.folder)
        for role in ROLES:
            self.stack.kill(role)

    # --- The way back ------------------------------------------------------------------------------------

    def _restore(self) -> None:
        with self._timed("a new, empty PostgreSQL"):
            postgres.prepare(self.stack.folder, self.stack.keys["postgres"])
            self.stack.start("postgres")
            self.stack.wait_ready("postgres")
            self.stack.databases.create(postgres.DATABASE)
        with self._timed("restore.sh"):
            self._script(
                "restore.sh",
                "--from",
                str(self.manifest),
                "--key-file",
                str(self.key),
                "--yes",
                "--jobs",
                "2",
            )

    def _empty_what_only_carries(self) -> None:
        """Queue and topics hold events of changes that are not in the backup: as if they had happened, if left."""
        with self._timed("emptying Redis and Kafka"):
            redis.Redis.from_url(redis_server.url(self.stack.ports.redis)).flushall()
            for role in ROLES:
                self.stack.kill(name_of(role))
            wanted = kafka.topics(self.stack.layout)
            self.stack.broker.delete(list(wanted))
            self.stack.broker.create(wanted)

    def _start_roles(self) -> None:
        names = [*ROLES, *map(name_of, ROLES)]
        with self._timed("starting the roles"):
            for name in names:
                self.stack.start(name)
            for name in names:
                self.stack.wait_ready(name)

    # --- The proof ---------------------------------------------------------------------------------------

    def _prove(self, acknowledged: Mapping[str, float]) -> None:
        manifest = json.loads(self.manifest.read_text())
        taken_at = datetime.fromisoformat(manifest["taken_at"]).timestamp()
        missing = [at for task, at in acknowledged.items() if not self._is_there(task)]
        # The manifest's time is that of the script's start; the snapshot is taken a moment later.
        early = [at for at in missing if at < taken_at]
        assert early == [], f"{len(early)} tasks are lost that were acknowledged before the backup began"
        with self._timed("until everything has its effect again"):
            self._wait_until_logged()
            self._verify()
        self.figures |= {
            "bytes": manifest["bytes"],
            "events": manifest["contents"]["outbox"]["rows"],
            "rpo_seconds": round(self.lost_at - min(missing, default=self.lost_at), 1),
            "lost_tasks": len(missing),
            "acknowledged_tasks": len(acknowledged),
        }

    def _is_there(self, task: str) -> bool:
        return bool(self._value("SELECT count(*) FROM tasks_task WHERE id = %s", task))

    def _verify(self) -> None:
        """The application's own proof; right after a start something may still be on its way."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while True:
            result = subprocess.run(
                [sys.executable, "manage.py", "verify_events", "--json", "--age", "0"],
                cwd=ROOT,
                env=self.stack.environment_of_commands("worker"),
                capture_output=True,
                text=True,
                check=False,
            )
            found = json.loads(result.stdout)
            if not result.returncode and not found["on_their_way"]:
                return
            assert time.monotonic() < deadline, result.stdout
            time.sleep(LOOK_SECONDS)
