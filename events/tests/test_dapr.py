"""Publishing through daprd: what is sent together, and what is made of each answer. The real daprd is in ``tests``."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import LazySettings

from events import dapr
from events.outbox import OutboxRow

Answer = tuple[int, bytes]
OK: Answer = (204, b"")


class Sidecar(http.server.ThreadingHTTPServer):
    """Notes what is published and answers as it is told to, at first with what is in ``answers``, then with OK."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[Answer | None] = []
        self.bulks: list[tuple[str, list[dict[str, Any]]]] = []
        self.tokens: list[str | None] = []
        self.connections: set[tuple[str, int]] = set()

    def entry_ids(self) -> list[list[int]]:
        return [[int(entry["entryId"]) for entry in entries] for _, entries in self.bulks]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Sidecar

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.bulks.append((self.path, json.loads(body)))
        self.server.tokens.append(self.headers["dapr-api-token"])
        self.server.connections.add(self.client_address)
        answer = self.server.answers.pop(0) if self.server.answers else OK
        if answer is None:  # it ends before it answers
            self.close_connection = True
            return
        self.send_response(answer[0])
        self.send_header("Content-Length", str(len(answer[1])))
        self.end_headers()
        self.wfile.write(answer[1])

    def log_message(self, *_: Any) -> None:
        """Nobody reads it."""


@pytest.fixture
def sidecar(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sidecar]:
    monkeypatch.setattr(dapr, "_local", threading.local())
    with Sidecar() as server:
        settings.DAPR_HTTP_PORT = server.server_address[1]
        settings.DAPR_API_TOKEN = "the sidecar's token"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        dapr._connection().close()
        server.shutdown()


def row(number: int, key: UUID, type_: str = "task.updated") -> OutboxRow:
    return OutboxRow(number, type_, str(key), f'{{"id": "{uuid4()}", "number": {number}}}')


def failed(*numbers: int) -> Answer:
    entries = [{"entryId": str(number), "error": "it is too long"} for number in numbers]
    return 500, json.dumps({"failedEntries": entries, "errorCode": "ERR_PUBSUB_PUBLISH_MESSAGE"}).encode()


def test_an_event_is_sent_as_it_is_with_its_key_on_the_entry(sidecar: Sidecar):
    one = row(1, uuid4())
    assert dapr.publish([one]) == set()
    ((path, (entry,)),) = sidecar.bulks
    assert path == "/v1.0/publish/bulk/todo-pubsub/task-events?metadata.rawPayload=true"
    assert entry == {
        "entryId": "1",
        "event": json.loads(one.envelope),
        "contentType": "application/cloudevents+json",
        "metadata": {"partitionKey": str(one.key)},
    }
    assert sidecar.tokens == ["the sidecar's token"]


def test_no_two_events_of_one_key_are_in_flight_at_once(sidecar: Sidecar):
    a, b, c = uuid4(), uuid4(), uuid4()
    rows = [row(number, key) for number, key in enumerate([a, a, b, a, c, b], 1)]
    assert dapr.publish(rows) == set()
    assert sidecar.entry_ids() == [[1, 3, 5], [2, 6], [4]]
    assert len(sidecar.connections) == 1


def test_each_topic_gets_a_bulk_of_its_own(sidecar: Sidecar):
    assert dapr.publish([row(1, uuid4()), row(2, uuid4(), "user.login"), row(3, uuid4())]) == set()
    assert sorted(path.split("/")[-1].split("?")[0] for path, _ in sidecar.bulks) == [
        "task-events",
        "user-events",
    ]
    assert sorted(sidecar.entry_ids()) == [[1, 3], [2]]


def test_many_keys_go_as_several_bulks_and_the_next_of_each_key_waits_for_all_of_them(sidecar: Sidecar):
    keys = [uuid4() for _ in range(2 * dapr.BULK_ROWS + 1)]
    rows = [row(number, key) for number, key in enumerate(keys + keys[:1], 1)]
    assert dapr.publish(rows) == set()
    *first, last = sidecar.entry_ids()
    assert sorted(map(len, first)) == [1, dapr.BULK_ROWS, dapr.BULK_ROWS]
    assert last == [len(rows)]


def test_after_a_refusal_the_later_events_of_that_key_are_held_back(sidecar: Sidecar):
    a, b = uuid4(), uuid4()
    sidecar.answers = [OK, failed(3)]
    rows = [row(1, a), row(2, b), row(3, a), row(4, b), row(5, a), row(6, b)]
    assert dapr.publish(rows) == {3, 5}
    assert sidecar.entry_ids() == [[1, 2], [3, 4], [6]]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            (500, b'{"errorCode": "ERR", "message": "the broker is away"}'),
            "daprd answered 500: the broker is away",
        ),
        ((502, b"<html>Bad gateway</html>"), "daprd answered 502: b'<html>Bad gateway</html>'"),
        ((200, b""), "daprd answered 200: b''"),
        (None, "does not answer"),
    ],
)
def test_an_answer_that_names_no_entries_refuses_all_and_is_logged(
    sidecar: Sidecar, caplog: pytest.LogCaptureFixture, answer: Answer | None, said: str
):
    sidecar.answers = [answer]
    rows = [row(1, uuid4()), row(2, uuid4())]
    assert dapr.publish(rows) == {1, 2}
    assert "task-events took none of 2 events" in caplog.text
    assert said in caplog.text
    assert dapr.publish(rows) == set()
