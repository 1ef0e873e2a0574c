"""The stack on one machine: PostgreSQL, Redis, Kafka, daprd and the five roles, for real."""

from __future__ import annotations

import http.client
import json
from contextlib import closing
from typing import Any

import psycopg
import pytest
from confluent_kafka import KafkaError, Message, Producer

from deploy.local import kafka, status
from deploy.local.failure import StackError
from deploy.local.ports import LOOPBACK
from deploy.local.smoke import OF_ITS_REMINDER, OF_THE_TASK, smoke
from deploy.local.stack import NAMES, Stack
from tests.real_stack import new_stack
from tests.waiting import wait_until

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack"), pytest.mark.timeout(600)]


def ask_daprd(stack: Stack, role: str, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
    """A request to the sidecar of a role."""
    headers = {"dapr-api-token": stack.keys["dapr"], "Content-Type": "application/json"}
    port = stack.ports.roles[role].dapr_http
    with closing(http.client.HTTPConnection(LOOPBACK, port, timeout=30)) as connection:
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, answer.read()


def dead_letters(stack: Stack, text: str) -> int:
    with psycopg.connect(stack.databases.url()) as connection:
        found = connection.execute(
            "SELECT count(*) FROM events_deadletter WHERE envelope LIKE %s", [f"%{text}%"]
        ).fetchone()
    assert found is not None
    count: int = found[0]
    return count


def test_everything_answers(stack: Stack):
    found = status.standings(stack)
    assert [standing.name for standing in found] == list(NAMES)
    assert [standing for standing in found if not standing.answers] == []
    assert all(standing.memory > 1_000_000 for standing in found)


def test_the_topics_are_those_of_the_application(stack: Stack):
    assert stack.broker.partitions() == kafka.topics("by-aggregate")


def test_a_wrong_topic_is_an_error_and_makes_no_topic(stack: Stack):
    problems: list[KafkaError | None] = []

    def answered(error: KafkaError | None, _: Message) -> None:
        problems.append(error)

    patience = {"topic.metadata.propagation.max.ms": 1_000, "message.timeout.ms": 20_000}
    producer = Producer({"bootstrap.servers": stack.broker.address, **patience})
    producer.produce("task-event", b"{}", on_delivery=answered)
    producer.flush(30)
    assert [problem and problem.name() for problem in problems] == ["UNKNOWN_TOPIC_OR_PART"]
    assert "task-event" not in stack.broker.partitions()


@pytest.mark.parametrize("role", ["events", "relay", "scheduler", "worker"])
def test_a_role_asks_another_through_the_sidecars(stack: Stack, role: str):
    answer, body = ask_daprd(stack, "web", "GET", f"/v1.0/invoke/{role}/method/state")
    assert answer == 200
    assert json.loads(body)["role"] == role


def test_a_sidecar_refuses_a_caller_without_its_token(stack: Stack):
    with closing(http.client.HTTPConnection(LOOPBACK, stack.ports.roles["web"].dapr_http)) as connection:
        connection.request("GET", "/v1.0/invoke/relay/method/health")
        assert connection.getresponse().status == 401


def test_only_those_who_need_the_topics_can_publish(stack: Stack):
    path = "/v1.0/publish/todo-pubsub/task-events"
    assert ask_daprd(stack, "web", "POST", path, {})[0] == 404


def test_what_the_relays_sidecar_publishes_is_delivered_with_the_apps_token(stack: Stack):
    # It has no subject: the delivery route keeps it among the dead letters, having accepted the token.
    entry = {"entryId": "1", "event": {"id": "from-the-test"}, "contentType": "application/json"}
    answer = ask_daprd(
        stack,
        "relay",
        "POST",
        "/v1.0/publish/bulk/todo-pubsub/task-events",
        [{**entry, "metadata": {"partitionKey": "k"}}],
    )
    assert answer == (204, b"")
    wait_until(lambda: dead_letters(stack, "from-the-test") == 1)


def test_one_task_is_followed_through_all_of_it(stack: Stack):
    said: list[str] = []
    smoke(stack, said.append)
    assert [hop.name for hop in (*OF_THE_TASK, *OF_ITS_REMINDER)] == [
        line.split(" ms  ")[1] for line in said if " ms  " in line
    ]


@pytest.mark.parametrize("name", ["redis", "worker", "daprd-relay"])
def test_what_was_killed_shows_and_starts_again(stack: Stack, name: str):
    before = stack.pid(name)
    stack.kill(name)
    assert [standing.name for standing in status.standings(stack) if standing.pid is None] == [name]
    with pytest.raises(StackError, match=f"{name} does not run"):
        smoke(stack, print)
    stack.start(name)
    stack.wait_ready(name)
    assert stack.pid(name) not in {None, before}
    assert status.standings(stack)[list(NAMES).index(name)].answers


def test_a_killed_database_comes_back_with_what_it_had(stack: Stack):
    stack.databases.create("keeps")
    stack.kill("postgres")
    stack.start("postgres")
    stack.wait_ready("postgres")
    assert stack.databases.exists("keeps")
    stack.databases.drop("keeps")
    assert not stack.databases.exists("keeps")


def test_a_second_stack_has_nothing_of_the_first(stack: Stack):
    with new_stack() as other:
        other.up(["postgres", "redis"])
        assert other.pid("kafka") is None
        assert {other.pid("postgres"), other.pid("redis")} & {
            stack.pid("postgres"),
            stack.pid("redis"),
        } == set()
        stack.databases.create("first")
        assert not other.databases.exists("first")


def test_one_topic_per_type_carries_a_task_as_well():
    with new_stack(EVENT_TOPIC_LAYOUT="by-type") as by_type:
        by_type.up()
        assert by_type.broker.partitions() == kafka.topics("by-type")
        smoke(by_type, print)


def test_it_starts_again_with_its_data(stack: Stack):
    stack.manage("create_user", "kept@example.com")
    stack.down()
    assert [standing.name for standing in status.standings(stack) if standing.pid is not None] == []
    stack.up()
    with pytest.raises(StackError, match="There is an account with this address already"):
        stack.manage("create_user", "kept@example.com")
