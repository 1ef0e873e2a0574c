"""The measure itself: when all is well again, and when it is not yet."""

from __future__ import annotations

import math

from tests.faults.books import Sample
from tests.faults.recovery import recovery

STEADY = [second / 10 for second in range(1, 200)]  # ten a second, for twenty seconds


def events(late_until: float = 0.0, seconds: float = 3.0) -> list[Sample]:
    return [Sample(at, seconds if at < late_until else 0.02) for at in STEADY]


def measured(
    samples: list[Sample], answers: list[float] = STEADY, reminders: tuple[Sample, ...] = ()
) -> float:
    return recovery(0.0, 20.0, samples, reminders, answers).seconds


def test_nothing_happened():
    assert measured(events()) == 0.0


def test_events_are_late_for_a_while():
    assert 4.5 <= measured(events(late_until=5.0)) <= 5.0
    assert recovery(0.0, 20.0, events(late_until=5.0), [], STEADY).slowest == 3.0


def test_one_straggler_in_a_hundred_is_no_disturbance():
    samples = events()
    samples[150] = Sample(samples[150].at, 30.0)
    assert measured(samples) == 0.0


def test_events_that_are_not_there_yet():
    assert measured(events(late_until=20.0, seconds=math.inf)) == math.inf


def test_a_silence():
    assert measured([sample for sample in events() if not 2.0 < sample.at < 6.0]) == 6.0
    assert measured(events(), [at for at in STEADY if not 3.0 < at < 8.0]) == 8.0


def test_a_silence_that_lasts():
    assert measured([sample for sample in events() if sample.at < 9.0]) == math.inf
    assert measured(events(), []) == math.inf


def test_reminders_count_for_themselves():
    reminders = (Sample(1.0, 0.5), Sample(2.0, 4.0), Sample(7.0, 2.5), Sample(9.0, 0.1))
    assert measured(events(), reminders=reminders) == 9.0
