"""The workers' queues of a stack, as Redis has them."""

from __future__ import annotations

import redis

from deploy.local.ports import LOOPBACK
from deploy.local.stack import Stack

FAST = ("audit", "recurrence", "notification", "statistics")  # where nothing waits for long
CONSUMERS = (*FAST, "email")


def waiting(stack: Stack) -> dict[str, int]:
    """How many messages each consumer has yet to handle, those that wait for another attempt included."""
    with redis.Redis(host=LOOPBACK, port=stack.ports.redis) as client:
        return {
            name: sum(int(client.hlen(f"dramatiq:{queue}.msgs")) for queue in (name, f"{name}.DQ"))  # type: ignore[arg-type]
            for name in CONSUMERS
        }
