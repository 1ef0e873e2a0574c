"""INSERTs of one row whose SQL is worked out once for each model."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import connections, models
from django.db.models.sql import InsertQuery


def insert(row: models.Model, using: str = "default") -> None:
    """Insert a row that has its key, or whose key the database makes and nobody needs to know.

    Like ``bulk_create`` it sends no signals. Raises IntegrityError.
    """
    connection = connections[using]
    params = [
        field.get_db_prep_save(field.pre_save(row, add=True), connection)
        for field in inserted_fields(type(row))
    ]
    with connection.cursor() as cursor:
        cursor.execute(insert_sql(type(row), using), params)


@cache
def inserted_fields(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    return [field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]


@cache
def insert_sql(model: type[models.Model], using: str) -> str:
    """What Django itself makes of an INSERT of these fields."""
    query = InsertQuery(model)
    query.insert_values(inserted_fields(model), [model()])
    [(sql, _params)] = query.get_compiler(using).as_sql()
    return str(sql)
