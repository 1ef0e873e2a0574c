"""A target that is away: calls fail at once while the breaker is open, and work again by themselves afterwards."""

from __future__ import annotations

import time
from uuid import uuid4

import pytest
import yaml

from tests.waiting import wait_until
from todo_project.blocks.sidecar import SIDECAR, Unavailable
from todo_project.blocks.state import state_store
from todo_project.tests.daprd import DAPR_TOKEN, RESOURCES, Daprd, Redis, running


@pytest.fixture
def blocks(tmp_path, settings):
    """A daprd and a Redis of this test's own: it kills them."""
    redis = Redis(folder=tmp_path)
    files = ("state.yaml", "resiliency.yaml")
    daprd = Daprd(folder=tmp_path, files=files, environment={"REDIS_HOST": redis.address})
    with running(redis, daprd):
        settings.EVENT_TRANSPORT = "dapr"
        settings.DAPR_HTTP_PORT, settings.DAPR_GRPC_PORT = daprd.http_port, daprd.grpc_port
        settings.DAPR_API_TOKEN = DAPR_TOKEN
        SIDECAR.forget()
        yield redis, daprd
    SIDECAR.forget()


def answers() -> str:
    """ "" when the store answers, else why it does not."""
    try:
        state_store().get(str(uuid4()))
    except Unavailable as error:
        return str(error)
    return ""


def seconds_of_a_failure() -> float:
    began = time.monotonic()
    assert answers()
    return time.monotonic() - began


def test_without_redis_the_breaker_opens_and_closes_again_by_itself(blocks):
    redis, _daprd = blocks
    assert answers() == ""
    redis.kill()
    wait_until(lambda: "circuit breaker is open" in answers(), "the breaker opens")
    assert max(seconds_of_a_failure() for _ in range(5)) < 1.0  # the timeout of a call that is really made
    redis.start()
    wait_until(lambda: answers() == "", "the store answers again")


def test_a_redis_that_hangs_is_given_up_by_the_timeout(blocks):
    redis, _daprd = blocks
    redis.pause()
    try:
        why = answers().lower()
        assert "deadline" in why or "timeout" in why
    finally:
        redis.resume()
    wait_until(lambda: answers() == "", "the store answers again")


def test_a_daprd_that_comes_back_is_found(blocks):
    _redis, daprd = blocks
    assert answers() == ""
    daprd.kill()
    assert answers()
    daprd.start()
    wait_until(lambda: answers() == "", "the store answers again", seconds=10)


def test_every_target_has_a_timeout_and_a_breaker():
    targets = _spec()["targets"]
    outbound = [component["outbound"] for component in targets["components"].values()]
    for target in (*outbound, *targets["apps"].values()):
        assert {"timeout", "circuitBreaker"} <= set(target)
    assert set(targets["apps"]) == {"events", "relay", "scheduler", "worker"}
    assert set(targets["components"]) == {"todo-state", "todo-pubsub"}


def test_deliveries_are_tried_again_before_they_are_dead():
    """A dead-letter topic without a retry would take every delivery that fails once."""
    spec = _spec()
    inbound = spec["targets"]["components"]["todo-pubsub"]["inbound"]
    assert spec["policies"]["retries"][inbound["retry"]]["maxRetries"] > 10


def test_every_policy_that_is_named_is_there_and_used():
    spec = _spec()
    defined = {
        (kind, name)
        for kind, policies in (
            ("timeout", "timeouts"),
            ("retry", "retries"),
            ("circuitBreaker", "circuitBreakers"),
        )
        for name in spec["policies"][policies]
    }
    components = [way for component in spec["targets"]["components"].values() for way in component.values()]
    used = {pair for target in (*components, *spec["targets"]["apps"].values()) for pair in target.items()}
    assert used == defined


def _spec():
    return yaml.safe_load((RESOURCES / "resiliency.yaml").read_text())["spec"]


def test_every_resource_is_documented():
    documented = (RESOURCES.parents[1] / "docs/dapr.md").read_text()
    names = [file.name for file in RESOURCES.glob("*.yaml") if file.name not in {"configuration.yaml"}]
    assert [name for name in names if name not in documented] == []
