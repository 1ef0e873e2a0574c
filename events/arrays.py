"""Whole batches in one statement on PostgreSQL: arrays travel in binary, so nothing in them is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import psycopg
from django.db import connection
from django.db.models import AutoField, Field, Model


def execute(query: str, *params: Any) -> list[tuple[Any, ...]]:
    """Run a statement whose parameters (``%s``, in binary ``%b``) the server binds. Returns its rows, if it has any."""
    connection.ensure_connection()
    raw = psycopg.Cursor(cast("psycopg.Connection[Any]", connection.connection))
    wrap = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    with wrap(cast(Any, raw)) as cursor:
        cursor.execute(query, params)
        return list(cursor.fetchall()) if cursor.description else []


def insert(rows: Sequence[Model]) -> None:
    """Insert new rows of one model in their order; other databases do it in the way of Django's ``bulk_create``.

    A key that the database gives is not read back.
    """
    if not rows:
        return
    model = type(rows[0])
    if connection.vendor != "postgresql":
        model._default_manager.bulk_create(rows)
        return
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, AutoField)]
    columns = [[field.pre_save(row, True) for row in rows] for field in fields]
    execute(_insertion(model, fields), *columns)
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def _insertion(model: type[Model], fields: Sequence[Field[Any, Any]]) -> str:
    names = ", ".join(f'"{field.column}"' for field in fields)
    arrays = ", ".join(f"%b::{_type_of(field)}[]" for field in fields)
    return (
        f'INSERT INTO "{model._meta.db_table}" ({names}) SELECT {names} '  # noqa: S608
        f"FROM unnest({arrays}) WITH ORDINALITY AS given ({names}, number) ORDER BY number"
    )


def _type_of(field: Field[Any, Any]) -> str:
    """Without a length: a cast to ``varchar(64)`` would cut what the column refuses."""
    return (field.db_type(connection) or "text").partition("(")[0]
