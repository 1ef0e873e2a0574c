"""Redis of a stack: every write is in the append-only file, on disk within a second."""

from __future__ import annotations

from pathlib import Path

import redis

from deploy.local import installed
from deploy.local.ports import LOOPBACK
from deploy.local.service import Service


def service(folder: Path, port: int) -> Service:
    return Service(
        name="redis",
        folder=folder,
        port=port,
        command=[
            installed.redis_server(),
            *("--bind", LOOPBACK, "--port", str(port), "--dir", str(folder / "redis")),
            *("--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
        ],
        environment=dict,
        answers=lambda: _answers(port),
    )


def prepare(folder: Path) -> None:
    (folder / "redis").mkdir(parents=True, exist_ok=True)


def url(port: int) -> str:
    return f"redis://{LOOPBACK}:{port}/0"


def _answers(port: int) -> bool:
    """False while it still reads its file, too."""
    with redis.Redis(host=LOOPBACK, port=port, socket_timeout=2, socket_connect_timeout=2) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
