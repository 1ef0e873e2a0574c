"""The ports of a stack. All lie below the range that the system gives to outgoing connections.

Within that range a client that keeps trying to reach a stopped service can be given the service's own port.
"""

from __future__ import annotations

import random
import socket
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

ROLES = ("web", "events", "relay", "scheduler", "worker")
FREE_FROM, FREE_TO = 20_000, 32_000
BLOCK = 50  # ports that one stack has room for
LOOPBACK = "127.0.0.1"

# A block belongs to the process that holds its first port; the others are taken when the services start.
_held: list[socket.socket] = []


@dataclass(frozen=True)
class RolePorts:
    """``app`` is the role's own; the others belong to its daprd, and ``metrics`` to the role again."""

    app: int
    metrics: int
    dapr_http: int
    dapr_grpc: int
    dapr_internal: int
    dapr_metrics: int


@dataclass(frozen=True)
class Ports:
    postgres: int
    redis: int
    kafka: int
    kafka_controller: int
    roles: dict[str, RolePorts]

    @classmethod
    def fixed(cls) -> Ports:
        """Those of ``make stack``; docs/local-stack.md lists them."""
        roles = {
            role: RolePorts(8000 + n, 9100 + n, 3500 + n, 13500 + n, 13510 + n, 13520 + n)
            for n, role in enumerate(ROLES)
        }
        return cls(15432, 16379, 19092, 19093, roles)

    @classmethod
    def free(cls) -> Ports:
        """Ports that nobody uses and no other call gives away while this process lives."""
        numbers = iter(free_block())
        return cls(
            postgres=next(numbers),
            redis=next(numbers),
            kafka=next(numbers),
            kafka_controller=next(numbers),
            roles={role: RolePorts(*(next(numbers) for _ in range(6))) for role in ROLES},
        )

    @classmethod
    def read(cls, saved: dict[str, Any]) -> Ports:
        """The ports that ``saved()`` gave."""
        roles = {role: RolePorts(**ports) for role, ports in saved["roles"].items()}
        return cls(**{**saved, "roles": roles})

    def saved(self) -> dict[str, Any]:
        return asdict(self)


def taken(port: int) -> bool:
    """Whether something listens on a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0


def free_block() -> list[int]:
    """Ports in a row that nobody uses and no other call gives away while this process lives. Raises OSError."""
    blocks = list(range(FREE_FROM, FREE_TO, BLOCK))
    random.shuffle(blocks)
    for first in blocks:
        with suppress(OSError):
            return _hold(first)
    raise OSError(f"no {BLOCK} free ports in a row between {FREE_FROM} and {FREE_TO}")


def _hold(first: int) -> list[int]:
    """Take a block. Raises OSError when any of its ports is in use."""
    guard = socket.socket()
    try:
        guard.bind((LOOPBACK, first))
        guard.listen()
        block = list(range(first + 1, first + BLOCK))
        for port in block:
            with socket.socket() as probe:
                probe.bind((LOOPBACK, port))
    except OSError:
        guard.close()
        raise
    _held.append(guard)
    return block
