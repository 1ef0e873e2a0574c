"""Ticks by the loop and by daprd's cron binding."""

import threading
from datetime import timedelta

import pytest
from django.db import models
from django.utils import timezone
from prometheus_client import REGISTRY

from tasks import jobs, scheduler
from tasks.models import Task
from tasks.scheduler import Tick
from todo_project import ticks
from todo_project.blocks.state_database import DatabaseState
from todo_project.models import StoredValue
from todo_project.ticks import TICKER, Ticker

TOKEN = "app-token"


@pytest.fixture
def daprd(client, settings):
    settings.APP_API_TOKEN = TOKEN
    settings.ROLE = "scheduler"
    client.defaults["HTTP_DAPR_API_TOKEN"] = TOKEN
    return client


def test_the_binding_ticks(daprd, db, monkeypatch):
    monkeypatch.setattr(scheduler, "tick", lambda: Tick(reminders=2, purged=1))
    answer = daprd.post("/todo-tick")
    assert (answer.status_code, answer.json()) == (200, {"fired": 3})


def test_daprd_is_told_that_the_path_is_there(daprd):
    assert daprd.options("/todo-tick").status_code == 200
    assert daprd.get("/todo-tick").status_code == 405


@pytest.mark.parametrize("shown", ["", "wrong"])
def test_nobody_else_makes_it_tick(client, settings, shown, monkeypatch):
    settings.APP_API_TOKEN = TOKEN
    monkeypatch.setattr(scheduler, "tick", lambda: pytest.fail("it ticked"))
    assert client.post("/todo-tick", headers={"dapr-api-token": shown}).status_code == 403


def test_without_a_token_configured_nobody_does(client, settings):
    settings.APP_API_TOKEN = ""
    assert client.post("/todo-tick", headers={"dapr-api-token": ""}).status_code == 403


def test_a_tick_during_a_tick_is_skipped(daprd, db, monkeypatch):
    answers = []
    monkeypatch.setattr(scheduler, "tick", lambda: answers.append(daprd.post("/todo-tick").json()) or Tick())
    assert TICKER.tick() == Tick()
    assert answers == [{"skipped": True}]
    assert daprd.post("/todo-tick").json() == {"fired": 0}


def test_the_monitoring_sees_when_the_last_tick_ended(monkeypatch):
    monkeypatch.setattr(scheduler, "tick", Tick)
    monkeypatch.setattr(jobs, "take_up", lambda now: 0)
    monkeypatch.setattr(Ticker, "_tidy", lambda self: None)
    ticker = Ticker()
    ticker.tick()
    assert ticker.last_at is not None
    assert (
        REGISTRY.get_sample_value("todo_scheduler_last_tick_timestamp_seconds") == ticker.last_at.timestamp()
    )


def test_a_tick_that_fails_holds_up_no_later_one(monkeypatch):
    ticker, stop, ticks = Ticker(), threading.Event(), []

    def failing():
        ticks.append(1)
        if len(ticks) == 3:
            stop.set()
        raise RuntimeError("no database")

    monkeypatch.setattr(scheduler, "tick", failing)
    thread = threading.Thread(target=ticker.run, args=(stop,))  # one with database connections of its own
    thread.start()
    thread.join()
    assert len(ticks) == 3
    assert ticker.last_at is None


@pytest.mark.django_db
def test_expired_values_are_removed_now_and_then(monkeypatch):
    monkeypatch.setattr(scheduler, "tick", Tick)
    ticker, store = Ticker(), DatabaseState()
    store.save("old", b"", -1)
    store.save("new", b"", 60)
    ticker.tick()
    assert [row.key for row in StoredValue.objects.all()] == ["new"]
    store.save("older", b"", -1)
    ticker.tick()
    assert StoredValue.objects.filter(key="older").exists()  # once a minute is enough


@pytest.fixture(autouse=True)
def _quickly(settings):
    settings.SCHEDULER_INTERVAL_SECONDS = 0.001


def test_with_the_binding_there_is_no_loop(settings, monkeypatch):
    settings.SCHEDULER_TICK = "binding"
    monkeypatch.setattr(scheduler, "tick", lambda: pytest.fail("it ticked"))
    stop = threading.Event()
    threading.Timer(0.1, stop.set).start()
    Ticker().run(stop)
    assert stop.is_set()


# --- When the next tick comes --------------------------------------------------------------------------


@pytest.fixture
def _one_connection(monkeypatch):
    """The loop runs in this thread and keeps the connection of the test."""
    monkeypatch.setattr(ticks, "close_old_connections", lambda: None)


class Stop(threading.Event):
    """Ends a loop after so many pauses, and notes how long each was wished to be."""

    def __init__(self, after):
        super().__init__()
        self.after, self.pauses = after, []

    def wait(self, timeout=None):
        self.pauses.append(timeout)
        return len(self.pauses) > self.after


@pytest.mark.usefixtures("_one_connection")
def test_the_next_tick_follows_at_once_while_there_is_more_to_do(db, settings, monkeypatch):
    settings.SCHEDULER_INTERVAL_SECONDS = 60
    done, stop = iter([Tick(reminders=500), Tick(purged=1), Tick(), Tick()]), Stop(after=4)
    monkeypatch.setattr(scheduler, "tick", lambda: next(done))
    Ticker().run(stop)
    assert stop.pauses == [0, 0, 0, 60, 60]


@pytest.mark.usefixtures("_one_connection")
def test_what_is_due_before_the_interval_ends_is_not_kept_waiting(inbox, settings):
    settings.SCHEDULER_INTERVAL_SECONDS = 60
    wish = {"id": "a", "at": (timezone.now() + timedelta(seconds=30)).isoformat()}
    Task(project=inbox, title="Call", reminders=[wish]).save()
    stop = Stop(after=1)
    Ticker().run(stop)
    assert 0 < stop.pauses[1] <= 30


@pytest.mark.usefixtures("_one_connection")
def test_what_could_not_be_fired_waits_for_the_interval(inbox, settings):
    settings.SCHEDULER_INTERVAL_SECONDS = 60
    Task(project=inbox, title="Call", due_date=timezone.now() - timedelta(seconds=1)).save()
    models.QuerySet.update(Task.objects.all(), tags=[1])  # no event may carry that
    stop = Stop(after=2)
    Ticker().run(stop)
    assert stop.pauses == [0, 60, 60]
