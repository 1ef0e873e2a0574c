"""Text that contains other text in any case, also beyond ASCII: "ÄPFEL" finds "äpfel", "STRASSE" finds "Straße".

Each database has a function for it that takes the cases away as Python's ``str.casefold`` does. SQLite gets its
own on each connection; PostgreSQL's is made by ``tasks/migrations/0002_finding.py``, with the index that uses it.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models import CharField, F, Func, Lookup, TextField
from django.db.models.lookups import IContains
from django.db.models.sql.compiler import SQLCompiler
from django.dispatch import receiver

# The collation "C" sorts as SQLite does, by code points, whatever the database's own locale.
FOLDED = 'todo_casefold({text}) COLLATE "C"'


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
    """``title__has_text="milk"``: like ``icontains``, with every alphabet's cases on every database."""

    lookup_name = "has_text"

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        column, params = self.process_lhs(compiler, connection)
        return f"instr(casefold({column}), %s) > 0", [*params, str(self.rhs).casefold()]

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        column, params = self.process_lhs(compiler, connection)
        column = FOLDED.format(text=column)
        if not has_trigram(str(self.rhs)):
            return f"strpos({column}, todo_casefold(%s)) > 0", [*params, self.rhs]
        words = f"%{connection.ops.prep_for_like_query(self.rhs)}%"
        return f"{column} LIKE todo_casefold(%s)", [*params, words]


@CharField.register_lookup
class SameText(Lookup):
    """``name__same_text="work"``: the whole text, in any case."""

    lookup_name = "same_text"

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        column, params = self.process_lhs(compiler, connection)
        return f"casefold({column}) = %s", [*params, str(self.rhs).casefold()]

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        column, params = self.process_lhs(compiler, connection)
        return f"{FOLDED.format(text=column)} = todo_casefold(%s)", [*params, str(self.rhs)]


def has_trigram(words: str) -> bool:
    """Whether an index of three letters in a row can find the words.

    Asked for words that have none, it would read itself from end to end.
    """
    known = [letter.isalpha() or (letter.isascii() and letter.isdigit()) for letter in words]
    return any(map(all, zip(known, known[1:], known[2:], strict=False)))


class Casefold(Func):
    """A text without its cases, to sort by."""

    function = "casefold"

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, list[Any]]:
        sql, params = self.as_sql(
            compiler, connection, template=FOLDED.format(text="%(expressions)s"), **context
        )
        return sql, list(params)


class WordsOfTask(Func):
    """What a search looks at: the title of a task and, on the next lines, its description."""

    # No parameter between the two: the index serves what reads like its own expression.
    template, arg_joiner = "(%(expressions)s)", " || chr(10) || "

    def __init__(self, **context: Any) -> None:
        super().__init__(F("title"), F("description"), output_field=TextField(), **context)

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, list[Any]]:
        sql, params = self.as_sql(compiler, connection, arg_joiner=" || char(10) || ", **context)
        return sql, list(params)
