"""Text that contains other text in any case, also beyond ASCII: "ÄPFEL" finds "äpfel".

PostgreSQL does that by itself. SQLite's LIKE knows the cases of a-z only, so each of its connections gets a
function of ours.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models import CharField, Func, TextField
from django.db.models.lookups import IContains
from django.db.models.sql.compiler import SQLCompiler
from django.dispatch import receiver


def _casefold(text: str | None) -> str | None:
    return None if text is None else text.casefold()


@receiver(connection_created, dispatch_uid="tasks.casefold")
def add_casefold(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Give a new SQLite connection the function that the expressions below call."""
    if connection.vendor == "sqlite":
        connection.connection.create_function("casefold", 1, _casefold, deterministic=True)


@CharField.register_lookup
@TextField.register_lookup
class HasText(IContains):
    """``title__has_text="milk"``: like ``icontains``, with every alphabet's cases on SQLite, too."""

    lookup_name = "has_text"

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        column, params = self.process_lhs(compiler, connection)
        return f"instr(casefold({column}), %s) > 0", [*params, str(self.rhs).casefold()]


class Casefold(Func):
    """A text without its cases, to sort by."""

    function = "lower"

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, list[Any]]:
        sql, params = self.as_sql(compiler, connection, function="casefold", **context)
        return sql, list(params)
