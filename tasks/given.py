"""Querysets that are compiled once and run many times, with places that are filled in each time.

To build and compile a queryset costs a list of twenty tasks more than everything else that it does.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Generic, TypeVar

from django.db import connections
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row", bound=Model)


class Given(Expression):
    """A value that is not known yet. In a queryset it stands where the value would: ``filter(owner=Given(…))``."""

    def __init__(self, name: str, output_field: Field) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:
        return "%s", [self]


class Statement:
    """A queryset's SQL, to be run with the values of its ``Given``."""

    def __init__(self, queryset: QuerySet[Any]) -> None:
        self._compiler = queryset.query.get_compiler(queryset.db)
        self._sql, self._params = self._compiler.as_sql()
        self._places = {param.name: param.output_field for param in self._params if isinstance(param, Given)}

    def rows(self, **given: Any) -> list[tuple[Any, ...]]:
        """What the statement finds, as the driver reads it."""
        connection = connections[self._compiler.using]
        values = {
            name: field.get_db_prep_value(given[name], connection) for name, field in self._places.items()
        }
        params = [values[param.name] if isinstance(param, Given) else param for param in self._params]
        with connection.cursor() as cursor:
            cursor.execute(self._sql, params)
            return list(cursor.fetchall())


class Lookup(Statement, Generic[Row]):
    """A queryset of a model's rows, without ``select_related``, of which the first one is wanted."""

    def __init__(self, queryset: QuerySet[Row]) -> None:
        super().__init__(queryset.order_by()[:1])
        self._model = queryset.model
        columns = [column for column, _sql, _alias in self._compiler.select]
        self._names = [column.target.attname for column in columns]
        self._converters = self._compiler.get_converters(columns)

    def find(self, **given: Any) -> Row | None:
        rows: Iterable[Any] = self.rows(**given)
        if self._converters:
            rows = self._compiler.apply_converters(rows, self._converters)
        found = next(iter(rows), None)
        return None if found is None else self._model.from_db(self._compiler.using, self._names, found)
