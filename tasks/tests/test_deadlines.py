"""When something is due today, due soon and overdue: by the clock on its owner's wall."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from accounts.models import User
from tasks.models import Project, Task

ZONES = ("UTC", "Pacific/Auckland", "Pacific/Honolulu", "Asia/Kathmandu", "America/New_York", "Europe/Berlin")
DAY = date(2030, 3, 14)


def person(zone):
    return User.objects.create_user(f"{zone.lower().replace('/', '.')}@example.com", time_zone=zone)


def task_of(user, title, due=None, all_day=False):
    if isinstance(due, date) and not isinstance(due, datetime):
        due, all_day = datetime(due.year, due.month, due.day, tzinfo=UTC), True
    task = Task(project=Project.objects.inbox_of(user), title=title, due_date=due, due_all_day=all_day)
    task.save()
    return task


def local(zone, day, hour, minute=0, second=0):
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def titles(tasks):
    return sorted(task.title for task in tasks)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("hour", [0, 12, 23])
def test_today_is_the_date_on_its_readers_calendar(db, zone, hour):
    user, one = person(zone), timedelta(days=1)
    task_of(user, "Last week", DAY - 7 * one)
    task_of(user, "Yesterday", DAY - one)
    task_of(user, "Today", DAY)
    task_of(user, "Tomorrow", DAY + one)
    task_of(user, "Last minute of yesterday", local(zone, DAY - one, 23, 59))
    task_of(user, "First minute of today", local(zone, DAY, 0, 0))
    task_of(user, "Last minute of today", local(zone, DAY, 23, 59))
    task_of(user, "First minute of tomorrow", local(zone, DAY + one, 0, 0))
    task_of(user, "Some day")
    now = local(zone, DAY, hour, 30)
    tasks = Task.objects.visible_to(user)
    assert titles(tasks.due_until_end_of(user, now)) == [
        "First minute of today", "Last minute of today", "Last minute of yesterday", "Last week", "Today", "Yesterday",
    ]  # fmt: skip
    assert titles(tasks.due_after_today_of(user, now)) == ["First minute of tomorrow", "Tomorrow"]


@pytest.mark.parametrize("zone", ZONES)
def test_a_date_without_a_time_is_overdue_when_it_ends_where_its_owner_is(db, zone):
    user = person(zone)
    task = task_of(user, "Taxes", DAY)
    end = local(zone, DAY + timedelta(days=1), 0)
    assert task.deadline_at == end
    with time_machine.travel(end - timedelta(seconds=1), tick=False):
        assert (task.is_overdue, task.is_due_soon) == (False, True)
    with time_machine.travel(end, tick=False):
        assert (task.is_overdue, task.is_due_soon) == (True, False)


@pytest.mark.parametrize(
    ("zone", "day", "end"),
    [
        ("Europe/Berlin", date(2030, 3, 31), "2030-03-31T22:00"),
        ("Europe/Berlin", date(2030, 10, 27), "2030-10-27T23:00"),
        ("America/New_York", date(2030, 3, 10), "2030-03-11T04:00"),
        ("America/New_York", date(2030, 11, 3), "2030-11-04T05:00"),
        ("Australia/Lord_Howe", date(2030, 4, 7), "2030-04-07T13:30"),
        ("America/Santiago", date(2030, 9, 7), "2030-09-08T04:00"),  # at a midnight that its clocks skip
    ],
)
def test_a_day_on_which_the_clock_changes_ends_at_midnight_all_the_same(db, zone, day, end):
    assert task_of(person(zone), "Taxes", day).deadline_at == datetime.fromisoformat(f"{end}+00:00")


@pytest.mark.parametrize(("before", "soon"), [(24.01, False), (24, True), (0.01, True), (0, False)])
def test_due_soon_is_within_24_hours(db, before, soon):
    now = datetime(2030, 3, 14, 12, tzinfo=UTC)
    user = person("UTC")
    task = task_of(user, "Call", now + timedelta(hours=before))
    assert Task.objects.due_soon(now).exists() is soon
    assert Task.objects.overdue(now).exists() is (before == 0)
    with time_machine.travel(now, tick=False):
        assert (task.is_due_soon, task.is_overdue) == (soon, before == 0)


def test_what_is_done_or_deleted_is_neither_overdue_nor_due_soon(db, by):
    user = person("UTC")
    late = task_of(user, "Late", datetime(2020, 1, 1, 12, tzinfo=UTC))
    assert late.is_overdue
    late.complete(by)
    assert (late.is_overdue, late.is_due_soon) == (False, False)
    late.reopen(by)
    late.trash(by)
    assert (late.is_overdue, late.is_due_soon) == (False, False)


def test_a_time_on_a_date_without_one_is_dropped(db):
    task = task_of(
        person("Pacific/Auckland"), "Taxes", datetime(2030, 3, 14, 15, 45, tzinfo=UTC), all_day=True
    )
    assert task.due_date == datetime(2030, 3, 14, tzinfo=UTC)


def test_without_a_due_date_there_is_no_deadline(db, by):
    task = task_of(person("UTC"), "Taxes", DAY)
    task.change(by, due_date=None)
    assert (task.deadline_at, task.due_all_day) == (None, False)
