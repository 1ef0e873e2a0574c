"""What is counted of notifications. ``docs/monitoring.md`` says what each figure means."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable
from functools import partial

from django.db import transaction
from prometheus_client import Counter

NOTIFICATIONS = Counter(
    "todo_notifications_total", "Attempts to notify, by how they ended.", ["channel", "outcome"]
)


def count(channel: str, outcome: str, number: int = 1) -> None:
    """Count attempts once what they noted is committed. ``outcome``: sent, failed or skipped."""
    transaction.on_commit(partial(NOTIFICATIONS.labels(channel, outcome).inc, number))


def count_sent(channels: Iterable[str]) -> None:
    for channel, number in Tally(channels).items():
        count(channel, "sent", number)
