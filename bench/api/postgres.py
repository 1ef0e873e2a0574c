"""A PostgreSQL of the benchmark's own."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
ACCOUNT = "postgres"  # PostgreSQL does not run as root


@contextmanager
def running(folder: Path) -> Iterator[tuple[str, int]]:
    """Start a server with Debian's settings in a folder. Yields the URL of its database and its process id."""
    home = folder / "postgres"
    home.mkdir()
    shutil.chown(home, ACCOUNT)
    folder.chmod(0o755)
    port = free_port()
    as_account(
        "initdb", "--pgdata", f"{home}/data", "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8"
    )
    control = ["pg_ctl", "--pgdata", f"{home}/data", "--wait", "--log", f"{home}/log"]
    as_account(*control, "--options", f"-p {port} -k {home} -c listen_addresses=127.0.0.1", "start")
    try:
        url = f"postgres://{ACCOUNT}@127.0.0.1:{port}"
        with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE todo")
        yield f"{url}/todo", int((home / "data" / "postmaster.pid").read_text().split()[0])
    finally:
        as_account(*control, "--mode", "immediate", "stop")


def as_account(program: str, *arguments: str) -> None:
    command = ["runuser", "-u", ACCOUNT, "--", str(PROGRAMS / program), *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
