"""How long after a fault everything is back at full speed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tests.faults.books import Sample

LATE_SECONDS = 1.0  # from commit to the audit log
LATE_REMINDER_SECONDS = 2.0  # from its time to its event: the scheduler looks once a second
LATE_SHARE = 0.01  # of the events that may be late: the 99th percentile is not
SILENCE_SECONDS = 1.0  # without any event, or any answer of the API, under a steady load


@dataclass(frozen=True)
class Recovery:
    """``seconds``: from then on after the fault, 99 % of the events were in the log in time, nothing stood still and
    the API answered. ``slowest`` is the latency of the slowest event. Both infinite where that has not come about.
    """

    seconds: float
    slowest: float


def recovery(
    fault_at: float,
    until: float,
    events: Sequence[Sample],
    reminders: Sequence[Sample],
    answers: Iterable[float],
) -> Recovery:
    """``answers``: when the API answered a change. Everything by the clock of the wall."""
    moments = [
        fault_at,
        _in_time_from(events, LATE_SECONDS),
        _in_time_from(reminders, LATE_REMINDER_SECONDS) if reminders else fault_at,
        _goes_on_from([fault_at, *(event.at for event in events), until]),
        _goes_on_from([fault_at, *(at for at in answers if fault_at < at < until), until]),
    ]
    return Recovery(max(moments) - fault_at, max((event.seconds for event in events), default=math.inf))


def _in_time_from(samples: Sequence[Sample], limit: float) -> float:
    """The earliest moment from which on no more than the tolerated share is late."""
    late = sum(sample.seconds > limit for sample in samples)
    for number, sample in enumerate(samples):
        if late <= LATE_SHARE * (len(samples) - number):
            return sample.at if number else -math.inf
        late -= sample.seconds > limit
    return math.inf


def _goes_on_from(moments: Sequence[float]) -> float:
    """The end of the last silence, infinite where it has not ended."""
    silences = [after for before, after in pairwise(moments) if after - before > SILENCE_SECONDS]
    if not silences:
        return -math.inf
    return math.inf if silences[-1] == moments[-1] else silences[-1]
