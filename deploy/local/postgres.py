"""PostgreSQL of a stack: durable as in production, set for a machine of two cores."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from deploy.local import installed
from deploy.local.failure import StackError
from deploy.local.ports import LOOPBACK
from deploy.local.service import Service, environment

USER = DATABASE = "todo"
SYSTEM_USER = "postgres"  # who runs it where we are root: it refuses to run as root
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "wal_compression": "lz4",
    "random_page_cost": "1.1",
    "jit": "off",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
}


@dataclass(frozen=True)
class Databases:
    """The databases of one server."""

    port: int
    password: str

    def url(self, name: str = DATABASE) -> str:
        """What DATABASE_URL is for one of them."""
        return f"postgres://{USER}:{self.password}@{LOOPBACK}:{self.port}/{name}"

    def create(self, name: str) -> str:
        """Make an empty one, in place of one of that name. Returns its URL."""
        self.drop(name)
        self._run(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    def drop(self, name: str) -> None:
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def exists(self, name: str) -> bool:
        with psycopg.connect(self.url("postgres")) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            return found.fetchone() is not None

    def answer(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.Error:
            return False
        return True

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)


def service(folder: Path, port: int, password: str) -> Service:
    data = folder / "postgres"
    settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
    return Service(
        name="postgres",
        folder=folder,
        port=port,
        command=[installed.postgres("postgres"), "-D", str(data.resolve()), "-p", str(port), *settings],
        environment=dict,
        answers=Databases(port, password).answer,
        user=system_user(),
        stop_signal=signal.SIGINT,  # ends sessions, then writes everything down
    )


def system_user() -> str | None:
    """Whom PostgreSQL runs as, where that is somebody else."""
    return SYSTEM_USER if os.geteuid() == 0 else None


def prepare(folder: Path, password: str) -> None:
    """Make the data folder where there is none. Raises StackError when that fails."""
    data = folder / "postgres"
    if (data / "PG_VERSION").exists():
        return
    _make_room(data)
    with _password_file(password) as file:
        result = subprocess.run(
            [
                installed.postgres("initdb"),
                *("-D", str(data.resolve()), "-U", USER, "--auth=scram-sha-256", f"--pwfile={file.name}"),
                *("--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"),
            ],
            cwd="/",
            env=environment({}),
            user=system_user(),
            group=system_user(),
            extra_groups=[] if system_user() else None,
            capture_output=True,
            text=True,
            check=False,
        )
    if result.returncode:
        shutil.rmtree(data.resolve(), ignore_errors=True)
        raise StackError(f"PostgreSQL's data folder could not be made:\n{result.stderr}")


def remove(folder: Path) -> None:
    """Remove the data, wherever it is."""
    data = folder / "postgres"
    shutil.rmtree(data.resolve(), ignore_errors=True)
    if data.is_symlink():
        data.unlink()


def _make_room(data: Path) -> None:
    """An empty folder that PostgreSQL's user owns; elsewhere where that user cannot get to this one."""
    remove(data.parent)
    if _can_be_reached(data.parent):
        data.mkdir(mode=0o700)
    else:
        data.symlink_to(tempfile.mkdtemp(prefix="todo-postgres-", dir="/var/tmp"))
    if user := system_user():
        shutil.chown(data.resolve(), user, user)


def _can_be_reached(folder: Path) -> bool:
    resolved = folder.resolve()
    return system_user() is None or all(path.stat().st_mode & 0o001 for path in (resolved, *resolved.parents))


def _password_file(password: str) -> tempfile._TemporaryFileWrapper[str]:
    file = tempfile.NamedTemporaryFile("w", prefix="todo-", suffix=".password")  # noqa: SIM115
    file.write(password + "\n")
    file.flush()
    if user := system_user():
        os.chown(file.name, pwd.getpwnam(user).pw_uid, -1)
    return file
