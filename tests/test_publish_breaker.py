"""Publishing through daprd while Kafka is away: refused at once by the open breaker, and working again by itself."""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import installed
from deploy.local.failure import StackError
from deploy.local.ports import Ports
from deploy.local.stack import Stack
from tests.waiting import wait_until
from todo_project.tests.daprd import DAPR_TOKEN, Daprd, running

PATIENCE_SECONDS = 120.0
REFUSED_SECONDS = 1.0  # an open breaker takes milliseconds; a call that is really made has ten seconds


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    try:
        installed.check_all()
    except StackError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))
    made = Stack(tmp_path / "stack", Ports.free())
    made.up(only=["kafka"])
    yield made
    made.destroy()


@pytest.fixture
def daprd(stack: Stack, tmp_path: Path) -> Iterator[Daprd]:
    """That of the relay, which publishes without an application beside it."""
    files = ("pubsub.yaml", "resiliency.yaml")
    made = Daprd(
        folder=tmp_path, app_id="relay", files=files, environment={"KAFKA_BROKERS": stack.broker.address}
    )
    with running(made):
        yield made


def publish(daprd: Daprd) -> str:
    """ "" when Kafka has acknowledged an event, else what daprd says."""
    event = {"specversion": "1.0", "id": "1", "source": "/test", "type": "test", "data": {}}
    request = urllib.request.Request(
        f"http://127.0.0.1:{daprd.http_port}/v1.0/publish/todo-pubsub/task-events",
        data=json.dumps(event).encode(),
        headers={"Content-Type": "application/cloudevents+json", "dapr-api-token": DAPR_TOKEN},
    )
    try:
        urllib.request.urlopen(request, timeout=60).close()  # noqa: S310
    except urllib.error.HTTPError as error:
        return error.read().decode()
    return ""


def seconds_of_a_refusal(daprd: Daprd) -> float:
    began = time.monotonic()
    assert publish(daprd)
    return time.monotonic() - began


def test_a_broker_that_is_away_costs_no_waiting_and_is_found_when_it_is_back(
    stack: Stack, daprd: Daprd
) -> None:
    wait_until(lambda: publish(daprd) == "", "the first event is acknowledged", PATIENCE_SECONDS)
    stack.kill("kafka")
    wait_until(lambda: "circuit breaker is open" in publish(daprd), "the breaker opens", PATIENCE_SECONDS)
    assert min(seconds_of_a_refusal(daprd) for _ in range(3)) < REFUSED_SECONDS
    stack.start("kafka")
    stack.wait_ready("kafka")
    wait_until(lambda: publish(daprd) == "", "publishing works again", PATIENCE_SECONDS)
