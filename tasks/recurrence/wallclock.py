"""Between a wall clock and the world's time: what a local time means on the two odd days of the year."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def to_utc(local: datetime, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which clocks in ``zone`` show the naive time ``local``.

    A time that clocks jump over counts with the offset before the gap, so it moves forward by the gap; of a
    time that comes twice the first is meant (RFC 5545 section 3.3.5). Both is what ``fold=0`` stands for in
    PEP 495.
    """
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def to_local(instant: datetime, zone: ZoneInfo) -> datetime:
    """What clocks in ``zone`` show at ``instant``, as a naive time. A naive ``instant`` raises ValueError."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant} has no time zone, so it is no instant.")
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)
