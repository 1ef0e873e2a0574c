"""The embedded transport: what is published is delivered at once, in this process."""

from __future__ import annotations

from collections.abc import Sequence

from events import deliveries
from events.outbox import OutboxRow


def publish(rows: Sequence[OutboxRow]) -> set[int]:
    """Deliver a batch, in order. Returns the ids of the rows that must be sent again."""
    statuses = deliveries.accept([row.envelope for row in rows])
    return {row.id for row, status in zip(rows, statuses, strict=True) if status is deliveries.Status.RETRY}
