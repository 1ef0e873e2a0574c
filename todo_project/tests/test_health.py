"""/health and the two probes. ``tests/test_role_health.py`` stops what a role needs for real."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from todo_project import health
from todo_project.settings import ROLES
from todo_project.ticks import TICKER


@pytest.mark.parametrize(
    ("path", "status"), [("/health", "healthy"), ("/health/live", "live"), ("/health/ready", "ready")]
)
def test_all_is_well(client, db, path, status):
    for url in (path, f"{path}/"):
        answer = client.get(url)
        assert (answer.status_code, answer.json()) == (200, {"status": status})
        assert "no-store" in answer["Cache-Control"]
    assert client.head(path).status_code == 200
    assert client.post(path).status_code == 405


@pytest.mark.parametrize("path", sorted(health.PATHS))
def test_an_orchestrator_may_ask_by_an_address_and_without_tls(client, db, settings, path):
    settings.SECURE_SSL_REDIRECT = True
    asked = {"headers": {"host": "10.244.1.7:8000"}}
    assert client.get(path, **asked).status_code == 200
    assert client.get("/state", **asked).status_code == 400


@pytest.mark.parametrize("path", ["/health/other", "/healthy", "/health//", "/x/health"])
def test_other_paths_are_none_of_its_business(client, db, path):
    assert client.get(path).status_code == 404
    assert client.get(path, headers={"host": "10.244.1.7"}).status_code == 400


def test_a_missing_migration_is_named(client, db):
    name = MigrationLoader(connection).graph.leaf_nodes("tasks")[0][1]
    MigrationRecorder(connection).record_unapplied("tasks", name)
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert any(f"tasks.{name}" in sentence for sentence in answer.json()["missing"])


def test_a_database_that_is_down(client, db, monkeypatch):
    def refuse():
        raise OperationalError("connection refused to db.internal")

    with monkeypatch.context() as without_database:
        without_database.setattr(connection, "cursor", refuse)
        answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["missing"]) == (503, ["The database does not answer."])
    assert b"db.internal" not in answer.content


def test_the_others_do_not_ask_the_database(client):
    """There is no database in this test, so a query would fail it."""
    assert client.get("/health").status_code == 200
    assert client.get("/health/live").status_code == 200


def test_every_role_knows_what_it_needs():
    assert set(health.NEEDED) == set(ROLES)
    assert set(health.USED) <= set(ROLES)


@pytest.fixture
def ticked(monkeypatch):
    """``ticked(90)``: the last tick was so many seconds ago."""

    def ago(seconds):
        monkeypatch.setattr(TICKER, "last_at", timezone.now() - timedelta(seconds=seconds))

    return ago


@pytest.mark.parametrize(
    ("seconds", "interval", "status"), [(50, 1, 200), (70, 1, 503), (250, 30, 200), (350, 30, 503)]
)
def test_a_scheduler_that_does_not_tick_is_not_ready(client, db, settings, ticked, seconds, interval, status):
    settings.ROLE, settings.SCHEDULER_INTERVAL_SECONDS = "scheduler", interval
    ticked(seconds)
    answer = client.get("/health/ready")
    assert answer.status_code == status
    if status == 503:
        assert answer.json()["missing"] == [
            f"The last tick that went well, or the start, was {seconds} s ago."
        ]


def test_a_scheduler_that_has_just_started_is_ready(client, db, settings, monkeypatch):
    settings.ROLE = "scheduler"
    monkeypatch.setattr(TICKER, "last_at", None)
    monkeypatch.setattr(health, "STARTED_AT", timezone.now())
    assert client.get("/health/ready").status_code == 200
    monkeypatch.setattr(health, "STARTED_AT", timezone.now() - timedelta(seconds=90))
    assert client.get("/health/ready").status_code == 503


def test_what_a_role_can_do_without_is_named_and_does_not_count(client, db, settings):
    settings.ROLE, settings.REDIS_URL = "web", "redis://127.0.0.1:1/0"
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "ready", "missing": ["Redis does not answer."]},
    )
    settings.ROLE = "events"
    assert client.get("/health/ready").status_code == 503
