"""A date without a time begins and ends by its owner's clock, so it moves when they change their zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tasks.models import Reminder, Task

DAY = datetime(2031, 5, 14, tzinfo=UTC)
NEXT_DAY = DAY + timedelta(days=1)


@pytest.fixture
def all_day(inbox, by) -> Task:
    task = Task(
        project=inbox,
        title="Pay rent",
        due_date=DAY,
        due_all_day=True,
        reminders=[{"id": "a", "minutes_before": 0}],
    )
    task.save(by=by)
    return task


def to_tokyo(client, owner) -> None:
    client.force_login(owner)
    client.post("/settings/time", {"time_zone": "Asia/Tokyo", "locale": "en", "week_start": "0"})


def test_deadline_and_reminder_of_a_date_move_with_the_zone(all_day, owner, client):
    assert all_day.deadline_at == NEXT_DAY
    assert Reminder.objects.get().fire_at == DAY + timedelta(hours=9)

    to_tokyo(client, owner)
    all_day.refresh_from_db()
    assert all_day.deadline_at == NEXT_DAY - timedelta(hours=9)
    assert Reminder.objects.get().fire_at == DAY
    assert (all_day.due_date, all_day.version) == (DAY, 1)  # the date stays, so the task has not changed


def test_instant_stays_where_it_is(inbox, by, owner, client):
    at = DAY + timedelta(hours=17)
    task = Task(project=inbox, title="Call", due_date=at)
    task.save(by=by)
    to_tokyo(client, owner)
    task.refresh_from_db()
    assert task.deadline_at == at


def test_tasks_of_others_stay_where_they_are(all_day, outsider, client):
    to_tokyo(client, outsider)
    all_day.refresh_from_db()
    assert all_day.deadline_at == NEXT_DAY
