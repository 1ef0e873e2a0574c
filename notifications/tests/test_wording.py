"""What people read: on their clock, true at any later time, and plain about being late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from notifications.kinds import Channel, Kind
from notifications.models import Notification, Preference
from notifications.tests.conftest import NOW
from notifications.wording import span
from tasks import scheduler
from tasks.models import Priority, Task

MINUTES = timedelta(minutes=1)
HOURS = timedelta(hours=1)
DAYS = timedelta(days=1)


@pytest.fixture
def everything(owner):
    Preference.objects.choose(owner.pk, {(kind, channel): True for kind in Kind for channel in Channel})


def test_a_reminder_says_when_the_task_is_due(remind):
    assert remind().body == "The task is due at 14:30 (in 15 minutes)."


@pytest.mark.parametrize(
    ("late", "body"),
    [
        (timedelta(seconds=40), "The task is due at 14:30 (in 14 minutes)."),
        (5 * MINUTES, "5 minutes late: it was due at 14:15. The task is due at 14:30 (in 10 minutes)."),
        (25 * MINUTES, "25 minutes late: it was due at 14:15. The task was due at 14:30."),
        (
            2 * DAYS + HOURS,
            "2 days, 1 hour late: it was due on Fri 20 Nov at 14:15. The task was due on Fri 20 Nov at 14:30.",
        ),
    ],
    ids=str,
)
def test_a_late_reminder_says_so(remind, late, body):
    assert remind(late).body == body


def test_lateness_on_the_way_to_the_reader_counts(inbox, by, clock, drain):
    """The scheduler was in time, what carries events was not."""
    task = Task(project=inbox, title="Later", reminders=[{"id": "b", "at": (NOW + MINUTES).isoformat()}])
    task.save(by=by)
    clock(MINUTES)
    scheduler.tick()
    clock(31 * MINUTES)
    drain()
    assert Notification.objects.get(task_id=task.pk).body == "30 minutes late: it was due at 14:01."


@pytest.mark.parametrize(
    ("due", "body"),
    [
        (NOW + 26 * HOURS, "The task is due on Sat 21 Nov at 16:00 (in 1 day, 1 hour)."),
        (NOW + 60 * DAYS, "The task is due on Tue 19 Jan 2027 at 14:00 (in 1 month, 4 weeks)."),
        (NOW + 45 * MINUTES, "The task is due now."),
        (None, "You wanted to be reminded at 14:45."),
    ],
    ids=str,
)
def test_other_days_are_named(told, due, body):
    reminders = [{"id": "a", "at": (NOW + 45 * MINUTES).isoformat()}]
    assert told(45 * MINUTES, due_date=due, reminders=reminders)[0] == ("reminder", body)


def test_a_date_without_a_time_is_the_same_for_every_reader(told, shared, member, owner):
    member.time_zone = "America/New_York"
    member.save()
    day = datetime(2026, 11, 20, tzinfo=UTC)
    fields = {"project": shared, "due_date": day, "due_all_day": True}
    reminders = [{"id": "a", "at": (NOW + MINUTES).isoformat()}]
    for reader in (owner, member):
        body = told(MINUTES, assignee=reader, reminders=reminders, **fields)[0]
        assert body == ("reminder", "The task is due on Fri 20 Nov.")


def test_an_assignee_reads_their_own_clock(told, shared, member):
    member.time_zone = "America/New_York"
    member.save()
    assert told(31 * MINUTES, project=shared, assignee=member, due_date=NOW + 30 * MINUTES) == [
        ("overdue", "It was due at 08:30.")
    ]


def test_overdue_says_since_when(told):
    assert told(30 * MINUTES, due_date=NOW + 30 * MINUTES) == [("overdue", "It was due at 14:30.")]


def test_overdue_told_late_says_so(told):
    assert told(3 * HOURS, due_date=NOW + 30 * MINUTES) == [
        ("overdue", "This comes 2 hours, 30 minutes late: it was due at 14:30.")
    ]


def test_a_day_is_overdue_when_it_is_over(told):
    day = datetime(2026, 11, 20, tzinfo=UTC)
    assert told(10 * HOURS - MINUTES, due_date=day, due_all_day=True) == []
    assert told(10 * HOURS, due_date=day, due_all_day=True) == [("overdue", "It was due on Fri 20 Nov.")]


def test_due_soon_says_how_long_is_left(told, everything):
    assert told(timedelta(), due_date=NOW + 3 * HOURS) == [
        ("due_soon", "The task is due at 17:00 (in 3 hours).")
    ]
    assert told(4 * HOURS, due_date=NOW + 26 * HOURS)[0] == (
        "due_soon",
        "The task is due on Sat 21 Nov at 16:00 (in 22 hours). This comes 2 hours late.",
    )


def test_the_detail_says_where_the_task_is(fire, shared):
    fields = {"project": shared, "priority": Priority.URGENT, "tags": ["deep-work", "web"]}
    task = fire(2 * MINUTES, due_date=NOW + MINUTES, **fields)
    assert Notification.objects.get(task_id=task.pk).detail == "Website · Urgent · @deep-work · @web"


def test_low_priority_is_not_worth_a_word(fire):
    task = fire(2 * MINUTES, due_date=NOW + MINUTES)
    assert Notification.objects.get(task_id=task.pk).detail == "Inbox"


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=50), "1 minute"),
        (timedelta(minutes=14, seconds=59), "15 minutes"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(minutes=90), "1 hour, 30 minutes"),
        (timedelta(days=2, hours=3, minutes=4), "2 days, 3 hours"),
    ],
    ids=str,
)
def test_lengths_of_time_in_words(length, words):
    assert span(length) == words
