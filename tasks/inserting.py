"""INSERTs of one row whose SQL is worked out once for each model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from django.db import connections, models
from django.db.models.sql import InsertQuery

# What psycopg takes as it is: to have each value prepared would cost more than the rest of the INSERT.
PLAIN: Final = {
    "BooleanField": bool,
    "CharField": str,
    "DateTimeField": datetime,
    "PositiveIntegerField": int,
    "PositiveSmallIntegerField": int,
    "TextField": str,
    "UUIDField": UUID,
}


def insert(row: models.Model, using: str = "default") -> None:
    """Insert a row that has its key, or whose key the database makes and nobody needs to know.

    Like ``bulk_create`` it sends no signals. Raises IntegrityError.
    """
    prepared = insertion(type(row), using)
    with connections[using].cursor() as cursor:
        cursor.execute(prepared.sql, prepared.values(row))


@dataclass(frozen=True)
class Insertion:
    """How a row of a model is inserted."""

    sql: str
    columns: list[Callable[[models.Model], Any]]

    def values(self, row: models.Model) -> list[Any]:
        return [value_of(row) for value_of in self.columns]


@cache
def insertion(model: type[models.Model], using: str) -> Insertion:
    """The SQL is what Django itself makes of an INSERT of these fields."""
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]
    query = InsertQuery(model)
    query.insert_values(fields, [model()])
    [(sql, _params)] = query.get_compiler(using).as_sql()
    return Insertion(str(sql), [_column(field, using) for field in fields])


def _column(field: models.Field[Any, Any], using: str) -> Callable[[models.Model], Any]:
    connection, name = connections[using], field.attname

    def prepared(row: models.Model) -> Any:
        return field.get_db_prep_save(field.pre_save(row, add=True), connection)

    target = field.target_field if isinstance(field, models.ForeignKey) else field
    plain = PLAIN.get(target.get_internal_type()) if connection.vendor == "postgresql" else None
    if plain is None or getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        return prepared

    def as_it_is(row: models.Model) -> Any:
        value = row.__dict__[name]
        return value if value is None or type(value) is plain else prepared(row)

    return as_it_is
