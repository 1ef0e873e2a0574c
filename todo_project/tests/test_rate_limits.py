"""How many requests a program may make."""

from __future__ import annotations

import threading
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from accounts.models import ApiToken
from todo_project import rate_limits
from todo_project.blocks.sidecar import SIDECAR
from todo_project.blocks.state import state_store
from todo_project.rate_limits import COUNTERS, Counters, Sharing
from todo_project.tests.daprd import free_port

LIMIT = 3
START = 1_772_366_405  # five seconds into a minute


class Clock:
    """Of the limits alone: calls through daprd need the real time for their own limits."""

    now = START

    def shift(self, seconds: int) -> None:
        self.now += seconds


@pytest.fixture(autouse=True)
def clock(settings, monkeypatch):
    """A limit and a clock that stands; tests share when they want to."""
    settings.API_RATE_LIMIT = LIMIT
    monkeypatch.setattr(COUNTERS, "tallies", {})
    made = Clock()
    monkeypatch.setattr(rate_limits, "_now", lambda: made.now)
    return made


@pytest.fixture
def client(owner):
    _token, secret = ApiToken.objects.issue(owner, "test", ["tasks:read"])
    return APIClient(headers={"Authorization": f"Bearer {secret}"})


def statuses(client, number, path="/api/tasks"):
    return [client.get(path).status_code for _ in range(number)]


def test_beyond_the_limit_requests_are_refused(client, clock):
    assert statuses(client, LIMIT) == [200] * LIMIT
    refused = client.get("/api/tasks")
    assert (refused.status_code, refused["Retry-After"]) == (429, "55")
    assert refused["Content-Type"] == "application/problem+json"
    assert refused.json()["request_id"] == refused["X-Request-ID"]
    assert refused["RateLimit"] == '"minute";r=0;t=55'
    clock.shift(55)
    assert client.get("/api/tasks").status_code == 200


def test_every_answer_tells_how_many_are_left(client):
    left = [client.get("/api/tasks")["RateLimit"] for _ in range(2)]
    assert left == ['"minute";r=2;t=55', '"minute";r=1;t=55']
    assert client.get("/api/tasks")["RateLimit-Policy"] == '"minute";q=3;w=60'


def test_each_token_has_its_own_limit(client, owner):
    _token, secret = ApiToken.objects.issue(owner, "other", ["tasks:read"])
    statuses(client, LIMIT)
    assert APIClient(headers={"Authorization": f"Bearer {secret}"}).get("/api/tasks").status_code == 200


def test_a_session_has_one(owner):
    client = APIClient()
    client.force_login(owner)
    assert statuses(client, LIMIT + 1) == [200] * LIMIT + [429]


def test_without_signing_in_the_address_counts(db):
    assert statuses(APIClient(), LIMIT, "/api/schema") == [200] * LIMIT
    assert APIClient().get("/api/schema").status_code == 429
    assert APIClient(REMOTE_ADDR="192.0.2.7").get("/api/schema").status_code == 200


def test_guessing_tokens_is_limited_although_each_guess_is_another(client):
    guesses = [APIClient(headers={"Authorization": f"Bearer guess-{n}"}) for n in range(LIMIT + 2)]
    assert [guess.get("/api/tasks").status_code for guess in guesses] == [401] * LIMIT + [429] * 2


def test_whoever_was_let_in_is_not_kept_out_by_a_neighbour_who_guesses(client):
    client.get("/api/tasks")
    for number in range(LIMIT):
        APIClient(headers={"Authorization": f"Bearer guess-{number}"}).get("/api/tasks")
    assert client.get("/api/tasks").status_code == 200


def test_pages_are_not_limited(client):
    assert statuses(client, LIMIT + 1, "/health") == [200] * (LIMIT + 1)


def test_no_limit(client, settings):
    settings.API_RATE_LIMIT = 0
    assert statuses(client, LIMIT + 2) == [200] * (LIMIT + 2)
    assert "RateLimit" not in client.get("/api/tasks")


@pytest.fixture
def caller():
    return str(uuid4())


@pytest.fixture
def counted(caller):
    """``counted(counters, n)`` counts n requests of the caller, and returns their sum."""

    def count(counters: Counters, number: int) -> int:
        for _ in range(number):
            counters.add(counters.of(caller))
        return counters.of(caller).total

    return count


def test_processes_agree_once_they_shared(transport, counted, caller):
    one, other = Counters(), Counters()
    counted(one, 5)
    one.share()
    assert counted(other, 2) == 2
    other.share()
    assert other.of(caller).total == 7
    assert counted(one, 1) == 6
    one.share()
    assert one.of(caller).total == 8


def test_a_new_minute_begins_at_nothing(transport, clock, counted, caller):
    one, other = Counters(), Counters()
    counted(one, 5)
    one.share()
    clock.shift(60)
    counted(other, 1)
    other.share()
    assert other.of(caller).total == 1


def test_what_is_counted_while_sharing_is_not_lost(transport, monkeypatch, counted, caller):
    counters = Counters()
    counted(counters, 2)
    add = rate_limits._added

    def meanwhile(key, delta):
        counted(counters, 3)
        return add(key, delta)

    monkeypatch.setattr(rate_limits, "_added", meanwhile)
    counters.share()
    assert counters.of(caller).total == 5


def test_another_process_that_was_quicker_is_not_overwritten(transport, monkeypatch, counted, caller):
    one, other = Counters(), Counters()
    counted(one, 5)
    counted(other, 2)
    store = state_store()
    save, quicker = store.save, []

    def late(*arguments):
        if not quicker:
            quicker.append(True)
            other.share()
        save(*arguments)

    monkeypatch.setattr(store, "save", late)
    one.share()
    assert one.of(caller).total == 7


def test_while_the_store_is_away_each_process_counts_alone(blocks, settings, caplog, counted, caller):
    counters, back = Counters(), settings.DAPR_HTTP_PORT
    settings.DAPR_HTTP_PORT = free_port()
    SIDECAR.forget()
    counted(counters, 4)
    counters.share()
    counters.share()
    assert counters.of(caller).total == 4
    assert caplog.text.count("counted by each process alone") == 1
    settings.DAPR_HTTP_PORT = back
    counters.share()
    assert (counters.of(caller).shared, counters.of(caller).unsent) == (4, 0)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_one_thread_shares_again_and_again_whatever_fails(monkeypatch):
    rounds, done = [], threading.Event()

    def share(counters: Counters) -> None:
        rounds.append(threading.current_thread().name)
        if len(rounds) < 3:
            raise RuntimeError("something unexpected")
        done.set()
        raise SystemExit  # ends the thread

    monkeypatch.setattr(rate_limits, "SHARE_SECONDS", 0.001)
    monkeypatch.setattr(Counters, "share", share)
    sharing = Sharing(Counters())
    sharing.ensure()
    sharing.ensure()
    assert done.wait(10)
    for thread in [thread for thread in threading.enumerate() if thread.name == "rate-limits"]:
        thread.join()
    assert rounds == ["rate-limits"] * 3
