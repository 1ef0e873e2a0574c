"""The proof itself is put to the proof: with one thing broken on purpose, it must say so and name what is missing.

Each sabotage is in one process that a test starts (``tests/faults/sabotaged.py``). Reconciliation would mend what is
lost, so it sleeps here.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any

import pytest

from deploy.local.ports import LOOPBACK
from deploy.local.service import ROOT, environment
from deploy.local.stack import Stack
from tests.faults.books import Books
from tests.faults.load import EMAIL, ModelWriter
from tests.faults.processes import Another, another
from tests.real_stack import new_stack
from tests.waiting import wait_until
from todo_project.consumers import CONSUMERS

NEEDED = ("postgres", "redis", "kafka", "events", "relay", "worker", "daprd-events", "daprd-relay")
LOAD_SECONDS = 3.0
QUIET_SECONDS = 2.0  # in which nothing more arrives
ENVELOPES = "SELECT envelope FROM events_outboxevent WHERE type LIKE 'task.%%' ORDER BY id LIMIT 20"
ARRIVED = "SELECT (SELECT count(*) FROM events_consumedevent) + (SELECT count(*) FROM events_taskeventlog)"
DROPPED = """
    DROP INDEX one_entry_per_version;
    ALTER TABLE events_taskeventlog DROP CONSTRAINT events_taskeventlog_event_id_key;
    ALTER TABLE events_consumedevent DROP CONSTRAINT events_consumedevent_new_pkey"""

pytestmark = [
    pytest.mark.faults,
    pytest.mark.stack,
    pytest.mark.xdist_group("stack"),
    pytest.mark.timeout(600),
]


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """Everything but a relay: that is what the tests start, whole or broken."""
    with new_stack(RECONCILE_AFTER_SECONDS="3600") as made:
        made.up(only=NEEDED)
        made.stop("relay")
        made.manage("create_user", EMAIL)
        yield made


@pytest.fixture
def books(stack: Stack) -> Books:
    return Books(stack)


@pytest.fixture
def _mended(stack: Stack) -> Iterator[None]:
    """What the test has lost is there again afterwards."""
    yield
    with another(stack, "relay") as relay:
        wait_until(lambda: relay.has_said("Leads relay"), "the relay leads")
        stack.manage("verify_events", "--repair", "--age", "0")


@contextmanager
def sabotaged(stack: Stack, name: str, role: str) -> Iterator[Another]:
    with another(stack, role, "-m", "tests.faults.sabotaged", name, role) as process:
        wait_until(lambda: process.has_said(f"The {role} runs"), f"the sabotaged {role} runs")
        yield process


@contextmanager
def changes(stack: Stack, rate: float, *options: str) -> Iterator[None]:
    """Tasks are changed all the while, and for some seconds more."""
    writer = ModelWriter(stack, rate, *options)
    try:
        writer.go()
        yield
        time.sleep(LOAD_SECONDS)
        writer.rest()
        assert writer.acknowledged
    finally:
        writer.end()


def until_quiet(books: Books) -> None:
    """Wait until nothing more arrives."""
    before, since = -1, time.monotonic()
    while time.monotonic() - since < QUIET_SECONDS:
        now = books.value(ARRIVED)
        if now != before:
            before, since = now, time.monotonic()
        time.sleep(0.2)


def proof(stack: Stack, sabotage: str = "") -> tuple[int, dict[str, Any], str]:
    """The proof's exit status, what it found and what it says on stderr; ``sabotage`` is one that reads the outbox."""
    manage = ("-m", "tests.faults.sabotaged", sabotage) if sabotage else ("manage.py",)
    own = {**stack.environment("relay"), "METRICS_PORT": "0", "ROLE_PORT": "0"}
    result = subprocess.run(
        [sys.executable, *manage, "verify_events", "--age", "0", "--json"],
        cwd=ROOT,
        env={**environment(own), "DJANGO_SETTINGS_MODULE": "todo_project.settings"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert result.stdout, result.stderr
    return result.returncode, json.loads(result.stdout), result.stderr


def not_logged(found: dict[str, Any]) -> set[tuple[str, int]]:
    """The tasks and versions that it names as lost on the way. Other consumers than the log may miss some of them."""
    assert set(kinds(found)) <= {"not_logged", "not_received"}
    lost = [finding for finding in found["findings"] if finding["kind"] == "not_logged"]
    return {(finding["key"], finding["version"]) for finding in lost}


def recorded(books: Books) -> set[tuple[str, int]]:
    rows = books.rows("SELECT key, sequence FROM events_outboxevent WHERE type LIKE 'task.%%'")
    return {(str(task), version) for task, version in rows}


def logged(books: Books) -> set[tuple[str, int]]:
    rows = books.rows("SELECT task_id, version FROM events_taskeventlog")
    return {(str(task), version) for task, version in rows}


def kinds(found: dict[str, Any]) -> Counter[str]:
    return Counter(finding["kind"] for finding in found["findings"])


def test_nothing_broken_nothing_said(stack: Stack, books: Books) -> None:
    with another(stack, "relay"):
        with changes(stack, 100, "--writers", "8", "--slow", "0.02"):
            pass
        until_quiet(books)
        status, found, said = proof(stack)
    assert (status, found["findings"], found["on_their_way"]) == (0, [], 0), said
    assert found["events"] > 100


@pytest.mark.usefixtures("_mended")
def test_a_reader_that_goes_by_ids_loses_what_commits_late(stack: Stack, books: Books) -> None:
    with sabotaged(stack, "reader", "relay"):
        with changes(stack, 200, "--writers", "8", "--slow", "0.05"):
            pass
        until_quiet(books)
        status, found, said = proof(stack, "reader")
    assert status == 1
    assert "things are wrong" in said
    assert not_logged(found) == recorded(books) - logged(books) != set()


@pytest.mark.usefixtures("_mended")
def test_an_acknowledgement_before_publishing_loses_what_was_refused(stack: Stack, books: Books) -> None:
    with sabotaged(stack, "acknowledgement", "relay"):
        with changes(stack, 50):
            time.sleep(1)
            stack.kill("daprd-relay")
            time.sleep(2)
            stack.start("daprd-relay")
            stack.wait_ready("daprd-relay")
        until_quiet(books)
        status, found, said = proof(stack)
    assert status == 1
    assert "things are wrong" in said
    assert not_logged(found) == recorded(books) - logged(books) != set()


def test_without_uniqueness_what_comes_twice_is_done_twice(stack: Stack, books: Books) -> None:
    books.execute(DROPPED)
    stack.stop("worker")
    with sabotaged(stack, "uniqueness", "worker"):
        envelopes = [row[0] for row in books.rows(ENVELOPES)]
        deliver(stack, envelopes)
        until_quiet(books)
        status, found, said = proof(stack)
    assert status == 1
    assert "things are wrong" in said
    assert kinds(found) == {"logged_twice": 20, "received_twice": wanted(envelopes)}
    again = {json.loads(envelope)["id"] for envelope in envelopes}
    assert {finding["event_id"] for finding in found["findings"]} == again
    assert sum(books.doubled().values()) >= 40


def wanted(envelopes: list[str]) -> int:
    """How many receipts these events have: one for each consumer that wants one."""
    types = [json.loads(envelope)["type"] for envelope in envelopes]
    return sum(one in consumer.types for one in types for consumer in CONSUMERS.values())


def deliver(stack: Stack, envelopes: list[str]) -> None:
    connection = HTTPConnection(LOOPBACK, stack.ports.roles["events"].app, timeout=60)
    headers = {"Content-Type": "application/cloudevents+json", "dapr-api-token": stack.keys["app"]}
    for envelope in envelopes:
        connection.request("POST", "/events/task-events", envelope, headers)
        assert json.loads(connection.getresponse().read()) == {"status": "SUCCESS"}
    connection.close()
