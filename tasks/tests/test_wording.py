"""Tasks in words, on the reader's clock."""

import zoneinfo
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.utils import timezone

from tasks.models import Anchor, Priority, RecurringTask
from tasks.wording import (
    day_words,
    delay_words,
    distance_words,
    due_words,
    moment_words,
    priority_rank,
    priority_words,
    reminder_words,
    repeat_words,
)

NOW = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)  # Friday, half past eleven at night in Berlin


@pytest.fixture(autouse=True)
def _berlin():
    with time_machine.travel(NOW, tick=False), timezone.override(zoneinfo.ZoneInfo("Europe/Berlin")):
        yield


def test_a_year_is_named_where_it_is_not_this_one():
    assert day_words(date(2026, 12, 1)) == "Tue 1 Dec"
    assert day_words(date(2027, 1, 1)) == "Fri 1 Jan 2027"


def test_instants_are_on_the_readers_clock():
    assert moment_words(NOW) == "Fri 20 Nov, 23:30"
    assert moment_words(NOW + timedelta(hours=1)) == "Sat 21 Nov, 00:30"


def test_a_date_without_a_time_is_the_same_in_every_zone():
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        with timezone.override(zoneinfo.ZoneInfo(zone)):
            assert due_words(datetime(2026, 11, 25, tzinfo=UTC), True) == "Wed 25 Nov"


@pytest.mark.parametrize(
    ("due", "all_day", "words"),
    [
        (datetime(2026, 11, 20, tzinfo=UTC), True, "today"),
        (datetime(2026, 11, 21, tzinfo=UTC), True, "tomorrow"),
        (datetime(2026, 11, 19, tzinfo=UTC), True, "yesterday"),
        (datetime(2026, 11, 25, tzinfo=UTC), True, "in 5 days"),
        (datetime(2026, 11, 10, tzinfo=UTC), True, "10 days ago"),
        (NOW + timedelta(hours=3, minutes=10), False, "in 3 hours"),
        (NOW - timedelta(days=2), False, "2 days ago"),
        (NOW + timedelta(hours=25), False, "in 2 days"),  # late in the evening: past two midnights
    ],
)
def test_how_far_away_a_due_date_is(due, all_day, words):
    assert distance_words(due, all_day) == words


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"minutes_before": 0}, "when due"),
        ({"minutes_before": 15}, "15 min before"),
        ({"minutes_before": 90}, "90 min before"),
        ({"minutes_before": 60}, "1 hour before"),
        ({"minutes_before": 2880}, "2 days before"),
        ({"minutes_before": 10080}, "1 week before"),
        ({"at": "2026-11-21T08:00:00+00:00"}, "Sat 21 Nov, 09:00"),
    ],
)
def test_reminders(wish, words):
    assert reminder_words(wish) == words


def test_delays_are_to_the_minute():
    assert delay_words(12 * 60) == "12 minutes"
    assert delay_words(65 * 60) == "1 hour, 5 minutes"


def test_priorities_have_the_rank_that_people_type():
    assert [priority_rank(each) for each in sorted(Priority.values)] == [4, 3, 2, 1]
    assert priority_words(Priority.URGENT) == "Priority 1, urgent"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"rrule": "FREQ=WEEKLY;BYDAY=FR"}, "Every Friday"),
        ({"rrule": "FREQ=WEEKLY;BYDAY=FR", "start_time": time(9)}, "Every Friday at 09:00"),
        ({"rrule": "FREQ=DAILY", "end_date": date(2027, 1, 5)}, "Every day, until 5 Jan 2027"),
        ({"rrule": "FREQ=DAILY;COUNT=5", "end_date": date(2027, 1, 5)}, "Every day, 5 times"),
        ({"rrule": "FREQ=DAILY;INTERVAL=3", "anchor": Anchor.COMPLETION}, "3 days after done"),
    ],
)
def test_repeats(fields, words):
    assert repeat_words(RecurringTask(time_zone="Europe/Berlin", **fields)) == words
