"""What daprd calls: subscriptions and deliveries."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import dramatiq
import pytest
from django.db import DatabaseError
from uuid_utils.compat import uuid7

from events import deliveries, views
from events.models import ConsumedEvent, DeadLetter, OutboxEvent, TaskEventLog
from events.types import EVENT_TYPES
from tasks.models import Task

TOKEN = "a token of the app's"
ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(autouse=True)
def _app_token(settings):
    settings.APP_API_TOKEN = TOKEN


@pytest.fixture
def post(client):
    """Deliver a body as daprd does. ``post(body, path, token)`` returns the answer."""

    def deliver(body, path="/events/task-events", token=TOKEN):
        content = body if isinstance(body, (str, bytes)) else json.dumps(body)
        headers = {} if token is None else {"dapr-api-token": token}
        return client.post(path, content, content_type="application/cloudevents+json", headers=headers)

    return deliver


@pytest.fixture
def event(inbox, by):
    """A task.created event that was recorded and not published."""
    Task(project=inbox, title="Pay rent").save(by=by)
    return json.loads(OutboxEvent.objects.get(type="task.created").envelope)


def bulk(*events):
    """As daprd sends it, with its own additions."""
    return {
        "id": "b1", "topic": "task-events", "pubsubname": "todo-pubsub", "type": "com.dapr.event.sent.bulk",
        "entries": [
            {"entryId": str(number), "event": event, "contentType": "application/cloudevents+json", "metadata": None}
            for number, event in enumerate(events)
        ],
    }  # fmt: skip


def statuses(answer):
    return [entry["status"] for entry in answer.json()["statuses"]]


def waiting(consumer):
    return dramatiq.get_broker().queues[consumer].qsize()


# --- Deliveries ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["/events/task-events", "/events/task-events/", "/events/user-events", "/events/notification-events"],
)
def test_an_event_is_in_the_queues_before_it_is_acknowledged(event, post, path):
    carried = event | {"topic": "task-events", "pubsubname": "todo-pubsub", "tracestate": ""}
    answer = post(carried, path)
    assert (answer.status_code, answer.json()) == (200, {"status": "SUCCESS"})
    assert waiting("audit") == 1


def test_a_delivered_event_has_its_effect_once(event, post, drain):
    for _ in range(3):
        post(event)
    drain()
    assert TaskEventLog.objects.count() == 1


def test_a_bulk_is_answered_entry_by_entry(event, post, drain):
    answer = post(bulk(event, event | {"type": "task.exploded"}, "bm90IGFuIGV2ZW50", None))
    assert answer.json()["statuses"] == [
        {"entryId": "0", "status": "SUCCESS"},
        {"entryId": "1", "status": "DROP"},
        {"entryId": "2", "status": "DROP"},
        {"entryId": "3", "status": "DROP"},
    ]
    assert [letter.error.partition(":")[0] for letter in DeadLetter.objects.order_by("id")] == [
        "Unknown event type 'task.exploded'", "Not a CloudEvent", "Not a CloudEvent",
    ]  # fmt: skip
    drain()
    assert TaskEventLog.objects.count() == 1


def test_a_bulk_entry_without_its_event_is_kept_too(post, db):
    assert statuses(post({"id": "b", "entries": [{"entryId": "7"}]})) == ["DROP"]
    assert DeadLetter.objects.get().envelope == "null"


def test_an_empty_bulk_is_answered(post):
    assert post(bulk()).json() == {"statuses": []}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"specversion": "0.3"}, "Not a CloudEvent"),
        ({"id": "7"}, "Not a CloudEvent"),
        ({"time": "2030-01-01T00:00:00"}, "Not a CloudEvent"),
        ({"type": "task.exploded"}, "Unknown event type"),
        ({"dataschema": "urn:todo:schema:task.created:99"}, "is not the one known here"),
        ({"data": {"surprise": 1}}, "does not fit its schema"),
    ],
)
def test_what_can_never_be_read_is_kept_and_not_sent_again(event, post, change, why):
    answer = post(event | change)
    assert (answer.status_code, answer.json()) == (200, {"status": "DROP"})
    letter = DeadLetter.objects.get()
    assert (letter.consumer, letter.state) == ("delivery", "dead")
    assert why in letter.error
    assert json.loads(letter.envelope) == event | change


def test_an_unreadable_event_that_comes_often_has_one_letter(event, post):
    for _ in range(3):
        post(event | {"type": "task.exploded"})
    letter = DeadLetter.objects.get()
    assert (str(letter.event_id), letter.type) == (event["id"], "task.exploded")


@pytest.mark.parametrize(
    "body",
    [b"", b"not json", b"\xff\xfe", b"[]", b'"text"', b'{"entries": 5}', b'{"entries": [{"event": {}}]}',
     b"[" * 100_000],
)  # fmt: skip
def test_garbage_is_a_bad_request(post, db, body):
    answer = post(body)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert DeadLetter.objects.count() == 0


def test_a_body_that_is_too_big_is_refused_unread(post, monkeypatch):
    monkeypatch.setattr(views, "MAX_BODY", 10)
    assert post(b'{"a": "long"}').status_code == 413


def test_a_batch_of_the_longest_tasks_is_within_the_limit(inbox, by, post):
    task = Task(project=inbox, title="T" * 200, description="😀" * 10_000)
    task.save(by=by)
    task.change(by, description="😁" * 10_000)
    event = json.loads(OutboxEvent.objects.get(type="task.updated").envelope)
    body = json.dumps(bulk(*[event | {"id": str(uuid7())} for _ in range(100)]), ensure_ascii=False).encode()
    assert statuses(post(body)) == ["SUCCESS"] * 100
    assert len(body) < views.MAX_BODY / 2


def test_what_the_queue_does_not_take_is_sent_again(event, post, monkeypatch):
    def refuse(*_):
        raise ConnectionError("Redis is away")

    monkeypatch.setattr(deliveries.consumers, "hand_over", refuse)
    assert post(event).json() == {"status": "RETRY"}
    assert statuses(post(bulk(event, {"id": 1}))) == ["RETRY", "DROP"]


def test_without_a_database_nothing_is_acknowledged(event, post, client, monkeypatch):
    def refuse(*_):
        raise DatabaseError("away")

    client.raise_request_exception = False
    monkeypatch.setattr(DeadLetter.objects, "keep_unreadable", refuse)
    assert post({"type": "unknown"}).status_code == 500


# --- Who may deliver -----------------------------------------------------------------------------------


@pytest.mark.parametrize("token", [None, "", "wrong", TOKEN + " ", TOKEN.upper()])
def test_a_delivery_without_the_token_is_refused(event, post, token):
    assert post(event, token=token).status_code == 403
    assert ConsumedEvent.objects.count() == 0


@pytest.mark.parametrize("token", [None, "", TOKEN])
def test_without_a_configured_token_every_delivery_is_refused(event, post, settings, token):
    settings.APP_API_TOKEN = ""
    assert post(event, token=token).status_code == 403


def test_a_delivery_needs_no_csrf_token(event, client):
    client.handler.enforce_csrf_checks = True
    answer = client.post(
        "/events/task-events",
        json.dumps(event),
        content_type="application/json",
        headers={"dapr-api-token": TOKEN},
    )
    assert answer.status_code == 200


def test_a_delivery_is_a_post(client):
    assert client.get("/events/task-events", headers={"dapr-api-token": TOKEN}).status_code == 405


def test_a_delivery_over_plain_http_is_not_redirected(event, post, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert post(event).status_code == 200


# --- Subscriptions -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/dapr/subscribe", "/dapr/subscribe/"])
def test_subscriptions_cover_every_topic(client, path):
    answer = client.get(path, headers={"dapr-api-token": TOKEN})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert {entry["topic"]: entry["routes"]["default"] for entry in answer.json()} == {
        "task-events": "/events/task-events",
        "user-events": "/events/user-events",
        "notification-events": "/events/notification-events",
    }
    assert all(entry["deadLetterTopic"] == entry["topic"] + "-dlq" for entry in answer.json())
    assert all(entry["bulkSubscribe"]["maxAwaitDurationMs"] <= 20 for entry in answer.json())


def test_subscriptions_with_a_topic_per_type(client, settings):
    settings.EVENT_TOPIC_LAYOUT = "by-type"
    answer = client.get("/dapr/subscribe", headers={"dapr-api-token": TOKEN}).json()
    assert len({entry["topic"] for entry in answer}) == len(EVENT_TYPES)
    routes = {entry["topic"]: entry["routes"]["default"] for entry in answer}
    assert (routes["task-completed"], routes["user-login"]) == ("/events/task-events", "/events/user-events")


def test_every_route_that_is_subscribed_exists(client, settings):
    for entry in client.get("/dapr/subscribe", headers={"dapr-api-token": TOKEN}).json():
        assert (
            client.post(entry["routes"]["default"]).status_code == 403
        )  # and not 404: that would acknowledge


def test_subscriptions_need_the_token_where_one_is_set(client, settings):
    assert client.get("/dapr/subscribe").status_code == 403
    settings.APP_API_TOKEN = ""
    assert client.get("/dapr/subscribe").status_code == 200


ASK = """
import django
django.setup()
from django.test import Client
client = Client(headers={"host": "localhost"})
paths = ["/dapr/subscribe", "/events/task-events", "/accounts/login/"]
print([client.get(path).status_code for path in paths])
"""


@pytest.mark.parametrize(
    ("role", "expected"), [("web", [404, 404, 200]), ("events", [200, 403, 404]), ("all", [200, 403, 200])]
)
def test_each_role_serves_its_own_paths(role, expected, tmp_path):
    variables = {"PATH": os.environ["PATH"], "ROLE": role, "VAR_DIR": str(tmp_path), "DEBUG": "true"}
    variables["DJANGO_SETTINGS_MODULE"] = "todo_project.settings"
    subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], cwd=ROOT, env=variables, check=True)
    answer = subprocess.run(
        [sys.executable, "-c", ASK], cwd=ROOT, env=variables, check=True, capture_output=True, text=True
    )
    assert json.loads(answer.stdout) == expected


# --- Schemas -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_schemas_are_served(client, name):
    answer = client.get(f"/schemas/{name}/1")
    assert answer.headers["Content-Type"] == "application/schema+json"
    assert answer.json()["$id"] == f"urn:todo:schema:{name}:1"


@pytest.mark.parametrize(
    "path", ["/schemas/task.created/2", "/schemas/task.exploded/1", "/schemas/..%2Ftypes/1"]
)
def test_other_schemas_are_not_found(client, db, path):
    assert client.get(path).status_code == 404
