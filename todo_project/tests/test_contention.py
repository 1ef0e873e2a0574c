"""What the database could not do at this moment is answered so that it is sent again, not as a failure of ours."""

from __future__ import annotations

import socket
import sqlite3
from contextlib import closing, contextmanager

import psycopg
import pytest
from django.db import OperationalError, connection
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import ApiToken
from tasks.models import Task
from todo_project.contention import is_away, is_contention

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def task(inbox):
    return Task.objects.create(project=inbox, title="Pay rent")


@contextmanager
def held(task):
    """The task under somebody else's lock, and nobody patient enough to wait for it."""
    impatience = {"sqlite": "PRAGMA busy_timeout = 20", "postgresql": "SET lock_timeout = '20ms'"}
    with connection.cursor() as cursor:
        cursor.execute(impatience[connection.vendor])
    with closing(another_session()) as other:
        other.execute("BEGIN IMMEDIATE" if connection.vendor == "sqlite" else "BEGIN")
        other.execute("UPDATE tasks_task SET title = 'mine'")
        yield
    connection.close()  # the next test waits again


def another_session():
    settings = connection.get_connection_params()
    if connection.vendor == "sqlite":
        return sqlite3.connect(settings["database"], isolation_level=None)
    names = {"dbname", "user", "password", "host", "port"}
    return psycopg.connect(**{name: value for name, value in settings.items() if name in names})


def test_the_api_says_when_to_send_it_again(task, owner):
    client = APIClient(raise_request_exception=False)
    client.force_login(owner)
    with held(task):
        answer = client.patch(f"/api/tasks/{task.pk}", {"title": "Pay the rent"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"].endswith("Nothing was saved; send it again.")
    task.refresh_from_db()
    assert (task.title, task.version) == ("Pay rent", 1)


def test_a_page_asks_to_try_again(task, owner):
    client = Client(raise_request_exception=False)
    client.force_login(owner)
    with held(task):
        answer = client.post(f"/tasks/{task.pk}/complete")
    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
    assert "Please try that again" in answer.content.decode()


@pytest.fixture
def nobody_listens():
    """The database's port, as long as the test runs, is one where nobody is."""
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        connection.close()
        right = connection.settings_dict["PORT"]
        connection.settings_dict["PORT"] = str(taken.getsockname()[1])
        yield
        connection.settings_dict["PORT"] = right


@pytest.mark.postgresql
@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "first"}])
def test_the_api_says_that_the_database_is_away(owner, request, headers):
    _, secret = ApiToken.objects.issue(owner, "program", ["tasks:write"])
    request.getfixturevalue("nobody_listens")
    client = APIClient(raise_request_exception=False)
    answer = client.post(
        "/api/tasks", {"title": "Pay rent"}, headers={"Authorization": f"Bearer {secret}", **headers}
    )
    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"].startswith("The database does not answer at this moment.")


@pytest.mark.postgresql
def test_a_page_says_that_the_database_is_away(owner, request):
    client = Client(raise_request_exception=False)
    client.force_login(owner)
    request.getfixturevalue("nobody_listens")
    answer = client.get("/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
    assert "Our database is not answering" in answer.content.decode()


@pytest.mark.postgresql
def test_a_session_that_the_server_ends_is_the_database_being_away():
    with connection.cursor() as cursor, closing(another_session()) as other:
        cursor.execute("SELECT pg_backend_pid()")
        other.execute("SELECT pg_terminate_backend(%s)", cursor.fetchone())
        other.commit()
        with pytest.raises(OperationalError) as caught:
            cursor.execute("SELECT 1")
    connection.close()
    assert is_away(caught.value)


def test_other_failures_are_failures():
    assert not is_contention(ValueError("40P01"))
    with pytest.raises(Exception, match="syntax error") as caught, connection.cursor() as cursor:
        cursor.execute("SELECT FROM FROM")
    assert not is_contention(caught.value)
    assert not is_away(caught.value)
