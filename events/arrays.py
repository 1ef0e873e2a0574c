"""Whole batches in one statement on PostgreSQL: arrays travel in binary, so nothing in them is escaped."""

from __future__ import annotations

from typing import Any, cast

import psycopg
from django.db import connection


def execute(query: str, *params: Any) -> list[tuple[Any, ...]]:
    """Run a statement whose parameters (``%s``, in binary ``%b``) the server binds. Returns its rows, if it has any."""
    connection.ensure_connection()
    raw = psycopg.Cursor(cast("psycopg.Connection[Any]", connection.connection))
    wrap = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    with wrap(cast(Any, raw)) as cursor:
        cursor.execute(query, params)
        return list(cursor.fetchall()) if cursor.description else []
