"""How a kept connection is checked before it is used again, and how statements reach PostgreSQL."""

from __future__ import annotations

import psycopg
import pytest
from django.db import connection

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def elsewhere():
    params = {**connection.get_connection_params(), "cursor_factory": psycopg.Cursor, "context": None}
    with psycopg.connect(**params, autocommit=True) as other:
        yield other


@pytest.fixture
def kept():
    """The process number of the connection that this thread keeps."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def test_a_connection_that_works_is_not_asked(kept, elsewhere):
    before = elsewhere.execute("SELECT query FROM pg_stat_activity WHERE pid = %s", [kept]).fetchone()
    assert connection.is_usable()
    after = elsewhere.execute("SELECT query FROM pg_stat_activity WHERE pid = %s", [kept]).fetchone()
    assert before == after == ("SELECT pg_backend_pid()",)


def test_a_connection_that_the_server_closed_is_opened_again(kept, elsewhere):
    elsewhere.execute("SELECT pg_terminate_backend(%s, 5000)", [kept])
    assert not connection.is_usable()
    assert not connection.is_usable()  # also once that is known
    connection.health_check_enabled, connection.health_check_done = True, False
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone()[0] != kept


def test_a_statement_is_planned_once_and_its_values_travel_apart(kept, elsewhere):
    for number in range(8):
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::int + 41", [number])
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements WHERE statement LIKE %s", ["%+ 41"])
        assert cursor.fetchall() == [("SELECT $1::int + 41",)]
