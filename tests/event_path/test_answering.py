"""How soon the real role ``events`` answers: from its first moment on, and never an acknowledgement's delay later.

Without TCP_NODELAY the second part of an answer waits for the acknowledgement of the first, which comes 40 ms later:
no more than 25 batches a second on one connection.
"""

from __future__ import annotations

import http.client
import http.server
import json
import re
import socket
import statistics
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
import yaml

from deploy.local.ports import LOOPBACK
from deploy.local.sidecars import SOURCE
from deploy.local.stack import Stack
from tests.event_path.database import envelopes, logged
from tests.event_path.deliverer import Deliverer, bulk
from tests.event_path.kafka_tail import PATIENCE_SECONDS
from tests.event_path.person import Person
from tests.waiting import wait_until

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack"), pytest.mark.timeout(300)]

BATCHES = 40
WARM_UP = 20  # batches: on a new connection Linux acknowledges at once
BEHIND_DAPRD = 60
TRAP = 0.040  # seconds that an acknowledgement is put off
# What daprd has measured of its calls of the application, in milliseconds.
CALLS = re.compile(
    r'^dapr_http_client_roundtrip_latency_bucket{.*method="POST".*le="([^"]+)"} (\d+)$', re.MULTILINE
)


class Nagled(http.server.BaseHTTPRequestHandler):
    """Answers in two parts and leaves Nagle's algorithm on."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = False

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b'{"statuses": [{"entryId": "e0", "status": "SUCCESS"}]}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nobody reads it."""


@contextmanager
def nagled() -> Iterator[int]:
    """The port of such a server."""
    with http.server.ThreadingHTTPServer((LOOPBACK, 0), Nagled) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def seconds_of(deliverer: Deliverer, body: str) -> float:
    """How long a batch takes for a client that acknowledges as late as it may."""
    connection = deliverer.connection
    if connection.sock is None:
        connection.connect()
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)
    began = time.monotonic()
    status, said = deliverer.post(body)
    assert (status, said["statuses"][0]["status"]) == (200, "SUCCESS")
    return time.monotonic() - began


def test_it_answers_more_batches_than_a_server_without_nodelay(
    stack: Stack, person: Person, capsys: pytest.CaptureFixture[str]
):
    body = bulk(envelopes(stack, person.new_task()))
    with nagled() as port:
        ours, slow = Deliverer(stack), Deliverer(stack, port=port)
        times = [(seconds_of(ours, body), seconds_of(slow, body)) for _ in range(WARM_UP + BATCHES)][WARM_UP:]
    # In the trap every answer is late. That a busy machine is late with some is nothing.
    our_time, slow_time = (statistics.quantiles(column)[0] for column in zip(*times, strict=True))
    with capsys.disabled():
        print(
            f"\nBatches a second on one connection: {1 / our_time:.0f}; without NODELAY {1 / slow_time:.0f}."
        )
    assert slow_time > 0.9 * TRAP, "this client does not show the trap"
    assert our_time < TRAP


def test_daprd_does_not_wait_for_an_answer_either(
    stack: Stack, person: Person, capsys: pytest.CaptureFixture[str]
):
    before, quick_before = calls(stack)
    tasks = []
    began = time.monotonic()
    for number in range(BEHIND_DAPRD):  # each is published and delivered by itself: its history is waited for
        tasks.append(person.new_task(f"Task {number}"))
        ids = [json.loads(envelope)["id"] for envelope in envelopes(stack, tasks[-1])]
        wait_until(lambda ids=ids: logged(stack, ids) == 1, "it is logged", PATIENCE_SECONDS)
    seconds = time.monotonic() - began
    after, quick_after = calls(stack)
    made, quick = after - before, quick_after - quick_before
    with capsys.disabled():
        print(
            f"\n{made} deliveries in {seconds:.1f} s, {quick} of them answered within {TRAP * 1000:.0f} ms."
        )
    assert made >= BEHIND_DAPRD
    assert quick > made / 4, "the answers are as late as an acknowledgement that is put off"


def calls(stack: Stack) -> tuple[int, int]:
    """How many deliveries the sidecar has made, and how many of them were answered sooner than the trap allows."""
    port = stack.ports.roles["events"].dapr_metrics
    with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/metrics", timeout=30) as answer:
        counts = dict(CALLS.findall(answer.read().decode()))
    return int(counts.get("+Inf", 0)), int(counts.get(f"{TRAP * 1000:.0f}", 0))


def test_it_names_its_topics_from_the_first_moment_on(stack: Stack):
    stack.stop("events")
    try:
        stack.start("events")
        status, said = first_answer(stack)
    finally:
        stack.start("events")
        stack.wait_ready("events")
    assert status == 200
    declared = yaml.safe_load_all((SOURCE / "subscriptions.yaml").read_text())
    assert json.loads(said) == [document["spec"] for document in declared]


def first_answer(stack: Stack) -> tuple[int, bytes]:
    """What is said to who asks for the topics over and over from before the port is open."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        with closing(
            http.client.HTTPConnection(LOOPBACK, stack.ports.roles["events"].app, timeout=60)
        ) as asking:
            try:
                asking.request("GET", "/dapr/subscribe", headers={"dapr-api-token": stack.keys["app"]})
                answer = asking.getresponse()
                return answer.status, answer.read()
            except ConnectionRefusedError:
                assert time.monotonic() < deadline, "its port did not open in time"
                time.sleep(0.002)
