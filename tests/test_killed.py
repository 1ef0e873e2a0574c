"""Killed at any moment and started again, everything recorded has its effect exactly once.

The server runs for real and is killed with SIGKILL under load, again and again. The checks read the
database with plain SQL: they share no code with what they check.
"""

from __future__ import annotations

import http.client
import itertools
import os
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.installation import Installation, installation

KILLS = int(os.environ.get("KILLS", "20"))
WRITERS = 3
SETTLE_SECONDS = 90.0

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]


@dataclass
class Writer(threading.Thread):
    """A program that works through the API and notes every change that was acknowledged to it."""

    place: Installation
    token: str
    seed: int
    stop: threading.Event
    acknowledged: dict[str, int] = field(default_factory=dict)
    requests: int = 0

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.random = random.Random(self.seed)

    def __hash__(self) -> int:
        return self.seed

    def run(self) -> None:
        for number in itertools.count():
            if self.stop.is_set():
                return
            try:
                self._step(number)
            except (
                OSError,
                ValueError,
                http.client.HTTPException,
            ):  # killed while it answered: the change may have happened or not
                time.sleep(0.02)

    def _step(self, number: int) -> None:
        if not self.acknowledged or self.random.random() < 0.35:
            self._send("POST", "/api/tasks", self._task(number))
            return
        task = self.random.choice(list(self.acknowledged))
        action = self.random.random()
        if action < 0.5:
            self._send("PATCH", f"/api/tasks/{task}", {"title": f"Changed {number}"})
        elif action < 0.9:
            self._send("POST", f"/api/tasks/{task}/complete")
        else:
            self._send("DELETE", f"/api/tasks/{task}")
            self._send("POST", f"/api/tasks/{task}/restore")

    def _task(self, number: int) -> dict[str, object]:
        now = datetime.now(UTC)
        task: dict[str, object] = {"title": f"Task {number} of {self.seed}", "tags": ["load"]}
        if number % 3 == 0:
            task |= {
                "is_recurring": True,
                "recurrence_rule": "daily",
                "due_date": _text(now + timedelta(days=1)),
            }
        if number % 3 == 1:
            task |= {"reminder_at": _text(now + timedelta(milliseconds=300))}
        return task

    def _send(self, method: str, path: str, body: object = None) -> None:
        status, answer = self.place.request(method, path, body, self.token)
        assert status < 500 or status == 503, (method, path, status, answer)
        if status in {200, 201}:
            self.acknowledged[answer["id"]] = max(answer["version"], self.acknowledged.get(answer["id"], 0))
            self.requests += 1


def _text(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def test_killed_under_load(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with installation(tmp_path / "var", SCHEDULER_INTERVAL_SECONDS="0.2") as place:
        token = place.token("load@example.com", "tasks:write")
        writers = _under_load(place, token)
        place.start()
        seconds = _settle(place)
        _check_versions(place)
        _check_acknowledged(place, writers)
        _check_effects(place)
        verified = place.manage("verify_events", ok=False)
        assert verified.returncode == 0, verified.stdout + verified.stderr
        events = place.rows("SELECT count(*) FROM events_outboxevent")[0][0]
    with capsys.disabled():
        print(
            f"\n  {KILLS} kills: {sum(w.requests for w in writers)} acknowledged changes, {events} events, "
            f"0 lost, 0 doubled, 0 out of order; settled {seconds:.1f} s after the last start"
        )


def _under_load(place: Installation, token: str) -> list[Writer]:
    chance = random.Random(20)
    stop = threading.Event()
    writers = [Writer(place, token, seed, stop) for seed in range(WRITERS)]
    place.start()
    for writer in writers:
        writer.start()
    for number in range(KILLS):
        if number:
            place.start()
        time.sleep(chance.uniform(0.1, 1.5))
        place.kill()
    stop.set()
    for writer in writers:
        writer.join(timeout=60)
        assert not writer.is_alive()
    assert sum(writer.requests for writer in writers) > KILLS * 2
    return writers


MISSING = """
    SELECT count(*) FROM events_outboxevent AS event WHERE event.type LIKE 'task.%' AND NOT EXISTS (
        SELECT 1 FROM events_consumedevent AS receipt
        WHERE receipt.consumer = ? AND receipt.event_id = event.event_id)
"""


def _settle(place: Installation) -> float:
    """Wait until nothing is on its way. Returns how long that took, in seconds."""
    began = time.monotonic()
    while _unsettled(place):
        assert time.monotonic() - began < SETTLE_SECONDS, _unsettled(place)
        time.sleep(0.2)
    return time.monotonic() - began


# What the scheduler has yet to fire, after the last start too.
DUE = "SELECT count(*) FROM tasks_reminder WHERE fired_at IS NULL"
DUE_SOON = """
    SELECT count(*) FROM tasks_task WHERE NOT due_soon_told AND completed_at IS NULL AND deleted_at IS NULL
    AND deadline_at <= ?
"""


def _unsettled(place: Installation) -> dict[str, int]:
    counts = {
        "reminders": place.rows(DUE)[0][0],
        "due soon": place.rows(DUE_SOON, f"{datetime.now(UTC) + timedelta(days=1):%F %T+00:00}")[0][0],
        "audit": place.rows(MISSING, "audit")[0][0],
        "recurrence": place.rows(f"{MISSING} AND event.type = 'task.completed'", "recurrence")[0][0],
        "notification": place.rows(f"{MISSING} AND event.type = 'task.reminder.due'", "notification")[0][0],
        # A mail whose sender was killed is claimed by it for another minute; that it comes then is tested
        # with the mails.
        "email": place.rows(
            "SELECT count(*) FROM notifications_delivery WHERE channel = 'email' AND state NOT IN ('sent', 'sending')"
        )[0][0],
    }
    return {name: count for name, count in counts.items() if count}


def _check_versions(place: Installation) -> None:
    """Every version of every task is in the log exactly once, and in order."""
    logged: dict[str, list[int]] = {}
    for task, version in place.rows("SELECT task_id, version FROM events_taskeventlog ORDER BY id"):
        logged.setdefault(task, []).append(version)
    tasks = dict(place.rows("SELECT id, version FROM tasks_task"))
    assert tasks
    assert logged == {task: list(range(1, version + 1)) for task, version in tasks.items()}


def _check_acknowledged(place: Installation, writers: list[Writer]) -> None:
    """What was acknowledged is there."""
    versions = dict(place.rows("SELECT id, version FROM tasks_task"))
    for writer in writers:
        for task, version in writer.acknowledged.items():
            assert versions[task.replace("-", "")] >= version


def _check_effects(place: Installation) -> None:
    """One successor per completed occurrence, one event per fired reminder, one notification per event."""
    occurrences = place.rows(
        "SELECT recurring_task_id, occurrence_at, status FROM tasks_task "
        "WHERE recurring_task_id IS NOT NULL ORDER BY recurring_task_id, occurrence_at"
    )
    assert len({(series, at) for series, at, _ in occurrences}) == len(occurrences)
    for series, group in itertools.groupby(occurrences, key=lambda row: row[0]):
        assert [*group][-1][2] != "completed", f"series {series} lacks a successor"
    fired = place.rows("SELECT count(*) FROM tasks_reminder WHERE fired_at IS NOT NULL")[0][0]
    told = [
        row[0]
        for row in place.rows("SELECT event_id FROM events_taskeventlog WHERE type = 'task.reminder.due'")
    ]
    assert fired
    assert len(told) == fired
    notified = Counter(row[0] for row in place.rows("SELECT source_event_id FROM notifications_notification"))
    assert all(notified[event] == 1 for event in told)
    letters = place.rows("SELECT consumer, error FROM events_deadletter WHERE state != 'resolved'")
    assert [letter for letter in letters if letter[0] != "email"] == []
