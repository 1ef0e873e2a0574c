"""A series whose last occurrence was completed while it was paused or over goes on when it can again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tasks.models import RecurringTask


@pytest.fixture(params=["schedule", "completion"])
def series(request, inbox, by):
    series = RecurringTask(
        project=inbox,
        title="Water",
        rrule="FREQ=WEEKLY",
        anchor=request.param,
        start_date=timezone.now().date(),
        time_zone="UTC",
    )
    series.begin(by)
    return series


def complete_last(series, by):
    series.occurrences.order_by("-occurrence_at").first().complete(by)


def test_resuming_brings_the_successor_of_what_was_completed_in_the_meantime(series, by, drain):
    series.pause()
    complete_last(series, by)
    drain()
    assert series.occurrences.count() == 1
    series.resume()
    drain()
    first, second = series.occurrences.order_by("occurrence_at")
    assert second.occurrence_at - first.occurrence_at == timedelta(weeks=1)
    assert not second.is_completed
    series.refresh_from_db()
    assert series.occurrences_made == 2


def test_resuming_with_an_open_occurrence_makes_none(series):
    series.pause()
    series.resume()
    assert series.occurrences.count() == 1


def test_a_later_end_lets_a_series_that_was_over_go_on(series, by, drain):
    series.revise(end_date=timezone.now().date() + timedelta(days=3))
    complete_last(series, by)
    drain()
    assert series.occurrences.count() == 1
    series.revise(end_date=timezone.now().date() + timedelta(days=30))
    assert series.occurrences.count() == 2
    series.revise(title="Water the plants")
    assert series.occurrences.count() == 2


def test_revising_a_paused_series_makes_nothing(series, by, drain):
    series.pause()
    complete_last(series, by)
    drain()
    series.revise(title="Water the plants")
    assert series.occurrences.count() == 1
