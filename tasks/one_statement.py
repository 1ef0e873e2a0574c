"""A transaction that is one statement where it can be.

A new task and its event are two INSERTs, which cost four round trips with BEGIN and COMMIT. PostgreSQL takes them as
one statement, which is a transaction by itself. Who writes them need not know: the INSERTs are held back until the
block ends, and whatever else is asked of the database sends them first and makes an ordinary transaction of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

READ: Final = re.compile(r"SELECT (?!.* FOR (UPDATE|NO KEY UPDATE|SHARE|KEY SHARE))", re.DOTALL)
INSERT: Final = re.compile(r"INSERT INTO (?!.* RETURNING )", re.DOTALL)
# The same few statements come again and again.
_is_read = lru_cache(256)(READ.match)
_is_insert = lru_cache(256)(INSERT.match)
Execute = Callable[[str, Any, bool, dict[str, Any]], Any]


@contextmanager
def one_statement() -> Iterator[None]:
    """``transaction.atomic()``, in one round trip where nothing but reads and then INSERTs happens in it.

    Reads before the first INSERT see what they would in a transaction, because each statement of one sees what is
    committed by then. What a constraint forbids is raised at the end of the block. A block inside another one is a
    part of it; inside any other transaction, and on SQLite, this is ``atomic()`` and nothing else.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if any(isinstance(wrapper, HeldInserts) for wrapper in connection.execute_wrappers):
        with transaction.atomic(savepoint=False):
            yield
    elif connection.vendor != "postgresql" or connection.in_atomic_block:
        with transaction.atomic():
            yield
    else:
        with transaction.atomic():
            held = HeldInserts(connection)
            with connection.execute_wrapper(held):
                yield
            held.finish()


class HeldInserts:
    """What sees every statement of the block before the database does."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection = connection
        self._inserts: list[tuple[str, Any]] = []
        self._ordinary = False
        connection.connection.autocommit = True

    def __call__(self, execute: Execute, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if not self._ordinary:
            if _is_insert(sql) and not many:
                self._inserts.append((sql, params))
                return None
            if self._inserts or not _is_read(sql):
                self._become_ordinary()
        return execute(sql, params, many, context)

    def _become_ordinary(self) -> None:
        self._ordinary = True
        self._connection.connection.autocommit = False
        self._send()

    def finish(self) -> None:
        """Send what was held. Raises what the database has against it; then nothing was written."""
        if not self._ordinary:
            self._send()
            self._connection.connection.autocommit = False

    def _send(self) -> None:
        if not self._inserts:
            return
        *others, (last, last_params) = self._inserts
        parts = ", ".join(f"held_{number} AS ({sql})" for number, (sql, _params) in enumerate(others))
        params = [value for _sql, given in others for value in given]
        self._inserts = []
        with self._connection.cursor() as cursor:
            cursor.execute(f"WITH {parts} {last}" if parts else last, [*params, *last_params])
