"""What each role on the real stack says of its health while something is away, and what it shows to the monitoring."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from uuid import uuid4

import pytest
from prometheus_client.parser import text_string_to_metric_families

from deploy.local.ports import LOOPBACK, ROLES
from deploy.local.stack import Stack
from tests.real_stack import new_stack
from tests.waiting import wait_until

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack"), pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with new_stack() as made:
        made.up()
        yield made


def get(port: int, path: str, host: str = "10.244.1.7") -> tuple[int, bytes]:
    """As an orchestrator or the monitoring does it."""
    with closing(http.client.HTTPConnection(LOOPBACK, port, timeout=30)) as connection:
        connection.request("GET", path, headers={"Host": host})
        answer = connection.getresponse()
        return answer.status, answer.read()


def readiness(stack: Stack) -> dict[str, tuple[int, list[str]]]:
    """What each role says of itself."""
    found = {}
    for role in ROLES:
        status, body = get(stack.ports.roles[role].app, "/health/ready")
        found[role] = status, json.loads(body).get("missing", [])
    return found


def unready(stack: Stack) -> set[str]:
    return {role for role, (status, _) in readiness(stack).items() if status == 503}


@contextmanager
def without(stack: Stack, service: str) -> Iterator[None]:
    stack.kill(service)
    try:
        yield
    finally:
        stack.start(service)
        stack.wait_ready(service)
        wait_until(lambda: readiness(stack) == {role: (200, []) for role in ROLES})


def test_with_everything_all_are_ready(stack: Stack):
    assert readiness(stack) == {role: (200, []) for role in ROLES}


def test_without_redis_nobody_takes_or_handles_events(stack: Stack):
    with without(stack, "redis"):
        found = readiness(stack)
        assert unready(stack) == {"events", "worker"}
        for role in ("web", "events", "relay", "worker"):
            assert found[role][1] == ["Redis does not answer."]
        assert found["scheduler"] == (200, [])


def test_without_the_database_deliveries_are_still_taken(stack: Stack):
    with without(stack, "postgres"):
        assert unready(stack) == {"web", "relay", "scheduler", "worker"}
        for role in ("web", "relay", "scheduler", "worker"):
            assert "The database does not answer." in readiness(stack)[role][1]


def test_without_kafka_all_stay_ready(stack: Stack):
    with without(stack, "kafka"):
        assert unready(stack) == set()


def test_a_relay_without_its_sidecar_is_not_ready(stack: Stack):
    with without(stack, "daprd-relay"):
        port = stack.ports.roles["relay"].dapr_http
        assert readiness(stack)["relay"] == (503, [f"daprd does not answer on port {port}."])
        assert unready(stack) == {"relay"}


def test_web_can_do_without_its_sidecar(stack: Stack):
    with without(stack, "daprd-web"):
        status, missing = readiness(stack)["web"]
        assert (status, len(missing)) == (200, 1)


@pytest.mark.parametrize("service", ["postgres", "redis"])
def test_all_stay_alive_whatever_is_away(stack: Stack, service: str):
    with without(stack, service):
        assert {get(stack.ports.roles[role].app, "/health/live")[0] for role in ROLES} == {200}


# --- Metrics -------------------------------------------------------------------------------------------


def shown(stack: Stack, role: str) -> dict[tuple[str, ...], float]:
    """The samples of a role, by name and label values."""
    status, body = get(stack.ports.roles[role].metrics, "/metrics")
    assert status == 200
    families = text_string_to_metric_families(body.decode())
    return {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}


def counts(stack: Stack) -> tuple[float, ...]:
    """How many events the relay, the deliveries and the consumers have counted."""
    return (
        shown(stack, "relay").get(("todo_events_published_total", "task-events"), 0.0),
        shown(stack, "events").get(("todo_events_delivered_total", "SUCCESS"), 0.0),
        shown(stack, "worker").get(("todo_events_consumed_total", "audit", "handled"), 0.0),
        shown(stack, "worker").get(("todo_event_latency_seconds_count", "audit"), 0.0),
    )


def record_task(stack: Stack) -> None:
    owner = f"{uuid4()}@example.com"
    stack.manage(
        "shell",
        "-c",
        f"from tasks.tests.factories import TaskFactory; TaskFactory(project__owner__email='{owner}')",
    )


def test_an_event_counts_wherever_it_passes(stack: Stack):
    before = counts(stack)
    record_task(stack)

    def risen() -> list[bool]:
        return [now > then for now, then in zip(counts(stack), before, strict=True)]

    with suppress(AssertionError):  # the last word is below, with the place that does not count
        wait_until(lambda: all(risen()))
    assert risen() == [True] * len(before)


def test_the_relay_shows_how_far_things_are(stack: Stack):
    found = shown(stack, "relay")
    assert (found["todo_status_up", "database"], found["todo_status_up", "queue"]) == (1, 1)
    assert found["todo_relay_leader", "relay"] == 1
    assert found["todo_dead_letters", "delivery"] == 0
    assert not [key for role in ("web", "worker") for key in shown(stack, role) if key[0] == "todo_status_up"]


def test_what_is_not_published_shows_while_kafka_is_away(stack: Stack):
    with without(stack, "kafka"):
        record_task(stack)
        wait_until(lambda: shown(stack, "relay")["todo_outbox_unpublished_events",] > 0, seconds=30)
        assert shown(stack, "relay")["todo_outbox_oldest_unpublished_seconds",] > 0
    wait_until(lambda: shown(stack, "relay")["todo_outbox_unpublished_events",] == 0, seconds=60)


@pytest.mark.parametrize(
    ("service", "source", "other"), [("postgres", "database", "queue"), ("redis", "queue", "database")]
)
def test_the_monitoring_gets_its_answer_while_something_is_away(
    stack: Stack, service: str, source: str, other: str
):
    with without(stack, service):
        wait_until(lambda: shown(stack, "relay")["todo_status_up", source] == 0, seconds=30)
        found = shown(stack, "relay")
        assert found["todo_status_up", other] == 1
        assert found["todo_events_published_total", "task-events"] > 0
    wait_until(lambda: shown(stack, "relay")["todo_status_up", source] == 1, seconds=30)
