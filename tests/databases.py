"""Databases for installations: a file each, or one on the server that this test run uses (``DATABASE_URL``)."""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
from psycopg import sql

SERVER = os.environ.get("DATABASE_URL", "")
# Where databases are made: that of the settings need not exist.
SERVER_URL = urlsplit(SERVER)._replace(path="/postgres").geturl()


class Database(Protocol):
    """``rows`` reads and ``execute`` writes past everything that the application does; parameters are ``?``."""

    settings: dict[str, str]

    def copy(self, pattern: Path) -> None:
        """Become what the database of another folder is."""

    def rows(self, statement: str, *params: Any) -> list[tuple[Any, ...]]: ...

    def execute(self, *statements: str) -> None: ...

    def remove(self) -> None: ...


def database_of(folder: Path) -> Database:
    """The database of an installation in a folder."""
    return DatabaseOnServer(folder) if SERVER.startswith("postgres") else DatabaseFile(folder)


class DatabaseFile:
    def __init__(self, folder: Path) -> None:
        self.file = folder / "todo.sqlite3"
        self.settings: dict[str, str] = {}

    def copy(self, pattern: Path) -> None:
        shutil.copy(DatabaseFile(pattern).file, self.file)

    def rows(self, statement: str, *params: Any) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.file, timeout=30)) as connection:
            return connection.execute(statement, params).fetchall()

    def execute(self, *statements: str) -> None:
        with closing(sqlite3.connect(self.file, timeout=30)) as connection, connection:
            for statement in statements:
                connection.execute(statement)

    def remove(self) -> None:
        """It goes with its folder."""


class DatabaseOnServer:
    def __init__(self, folder: Path) -> None:
        self.name = f"todo_test_{hashlib.sha256(str(folder).encode()).hexdigest()[:16]}"
        self.url = urlsplit(SERVER)._replace(path=f"/{self.name}").geturl()
        self.settings = {
            "DATABASE_URL": self.url,
            "SECRET_KEY": hashlib.sha512(self.name.encode()).hexdigest(),
            "FIRST_ACCOUNT_IS_STAFF": "true",
        }
        if not self._exists():
            self._on_server("CREATE DATABASE {}", self.name)
            atexit.register(self.remove)

    def copy(self, pattern: Path) -> None:
        self.remove()
        self._on_server("CREATE DATABASE {} TEMPLATE {}", self.name, DatabaseOnServer(pattern).name)

    def rows(self, statement: str, *params: Any) -> list[tuple[Any, ...]]:
        """UUIDs come as 32 hexadecimal digits, as a file keeps them."""
        with psycopg.connect(self.url) as connection:
            found = connection.execute(statement.replace("%", "%%").replace("?", "%s").encode(), params)
            return [tuple(value.hex if isinstance(value, UUID) else value for value in row) for row in found]

    def execute(self, *statements: str) -> None:
        with psycopg.connect(self.url) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def remove(self) -> None:
        self._on_server("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)

    def _exists(self) -> bool:
        with psycopg.connect(SERVER_URL) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self.name])
            return found.fetchone() is not None

    def _on_server(self, statement: str, *names: str) -> None:
        with psycopg.connect(SERVER_URL, autocommit=True) as connection:
            # The statements are this module's own.
            text: Any = statement
            connection.execute(sql.SQL(text).format(*map(sql.Identifier, names)))
