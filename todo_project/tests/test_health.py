"""/health and the two probes."""

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder


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


def test_a_missing_migration_is_named(client, db):
    MigrationRecorder(connection).record_unapplied("tasks", "0001_initial")
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert any("tasks.0001_initial" in sentence for sentence in answer.json()["missing"])


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
