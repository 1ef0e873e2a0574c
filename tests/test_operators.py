"""What operators run beside the application while it serves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installation import Installation, installation
from tests.waiting import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A running installation in which a task has three versions and everything is settled."""
    folder: Path = tmp_path_factory.mktemp("operators")
    with installation(folder / "var", RECONCILE_AFTER_SECONDS="3600") as running:
        running.start()
        token = running.token("olga@example.com", "tasks:write")
        task = running.request("POST", "/api/tasks", {"title": "Pay rent"}, token)[1]["id"]
        running.request("PATCH", f"/api/tasks/{task}", {"title": "Pay the rent"}, token)
        running.request("POST", f"/api/tasks/{task}/complete", None, token)
        wait_until(lambda: running.rows("SELECT count(*) FROM events_taskeventlog")[0][0] == 3)
        yield running


def tamper(place: Installation, *statements: str) -> None:
    """Damage the database behind everybody's back."""
    place.database.execute(*statements)


def test_nothing_alarms_whoever_starts_it(place: Installation) -> None:
    told = (place.folder / "serve.log").read_text()
    assert [line for line in told.splitlines() if "WARNING" in line or "ERROR" in line] == []


def test_what_is_lost_is_named_and_mended_while_the_application_serves(place: Installation) -> None:
    assert place.manage("verify_events", "--age", "0").stdout.endswith("Nothing is missing.\n")
    tamper(
        place,
        "DELETE FROM events_taskeventlog WHERE version = 2",
        "DELETE FROM events_outboxevent WHERE sequence = 3",
    )
    refused = place.manage("verify_events", "--age", "0", ok=False)
    assert refused.returncode == 1
    assert "version 2: not in the event log" in refused.stdout
    assert "version 3: in the event log, but not in the outbox" in refused.stdout
    assert "2 things are wrong" in refused.stderr
    assert "Handed over again: 2." in place.manage("verify_events", "--age", "0", "--repair").stdout
    assert json.loads(place.manage("verify_events", "--age", "0", "--json").stdout)["clean"] is True
    versions = place.rows(
        "SELECT version, count(*) FROM events_taskeventlog GROUP BY version ORDER BY version"
    )
    assert versions == [(1, 1), (2, 1), (3, 1)]


def test_a_dead_letter_is_reported_and_handled_by_the_command(place: Installation) -> None:
    assert place.manage("events_status").returncode == 0
    tamper(
        place,
        "DELETE FROM events_consumedevent WHERE consumer = 'audit'",
        "INSERT INTO events_deadletter (consumer, event_id, type, envelope, error, attempts, state, reason,"
        " created_at) SELECT 'audit', event_id, type, envelope, 'it was full', 9, 'dead', '', created_at"
        " FROM events_outboxevent WHERE sequence = 1",
    )
    sick = place.manage("events_status", "--json", ok=False)
    assert (sick.returncode, json.loads(sick.stdout)["healthy"]) == (1, False)
    assert "audit has 1 dead letter" in sick.stderr
    assert place.manage("requeue_dead_letters", "--consumer", "audit").stdout == "1 handled\n"
    assert place.rows("SELECT state FROM events_deadletter") == [("resolved",)]
    assert place.manage("verify_events", "--age", "0", "--repair").returncode == 0
    assert place.manage("events_status").returncode == 0
