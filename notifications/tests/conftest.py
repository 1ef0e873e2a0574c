"""What the tests of notifications may use besides: tasks that fire on a clock that stands where it is put."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.actor import SYSTEM
from accounts.models import User
from events.models import OutboxEvent
from notifications.models import Notification
from tasks import scheduler
from tasks.models import Project, Task

# A Friday. In Berlin it is 14:00, in New York 08:00.
NOW = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
Fire = Callable[..., Task]


@pytest.fixture
def clock(time_machine: Any) -> Callable[[timedelta], None]:
    """``clock(timedelta(minutes=5))`` sets the clock to five minutes after NOW, where it stands still."""

    def put(after: timedelta = timedelta()) -> None:
        time_machine.move_to(NOW + after, tick=False)

    put()
    return put


@pytest.fixture
def owner(owner: User) -> User:
    owner.time_zone = "Europe/Berlin"
    owner.save()
    return owner


@pytest.fixture
def fire(inbox: Project, clock: Callable[..., None], drain: Callable[[], int]) -> Fire:
    """Make a task at NOW and let the scheduler tick ``after`` that; returns the task once all effects are there."""

    def make(after: timedelta, **fields: Any) -> Task:
        clock()
        task = Task(**{"project": inbox, "title": "Call Elsa’s school", **fields})
        task.save(by=SYSTEM)
        clock(after)
        scheduler.tick()
        drain()
        return task

    return make


@pytest.fixture
def remind(fire: Fire) -> Callable[..., Notification]:
    """A notification of a reminder at 14:15 for a task that is due at 14:30, ``late`` if wanted."""

    def make(late: timedelta = timedelta(), **fields: Any) -> Notification:
        wish = {"id": "a", "minutes_before": 15}
        task = fire(
            timedelta(minutes=15) + late,
            **{"due_date": NOW + timedelta(minutes=30), "reminders": [wish], **fields},
        )
        return Notification.objects.get(task_id=task.pk, kind="reminder")

    return make


@pytest.fixture
def told(fire: Fire) -> Callable[..., list[tuple[str, str]]]:
    """What the people of a task were told: (kind, body), the oldest first."""

    def make(after: timedelta, **fields: Any) -> list[tuple[str, str]]:
        task = fire(after, **fields)
        rows = Notification.objects.filter(task_id=task.pk).order_by("created_at", "id")
        return list(rows.values_list("kind", "body"))

    return make


def recorded(notification: Notification) -> list[str]:
    """The types of the events that were recorded of a notification."""
    rows = OutboxEvent.objects.filter(key=notification.pk).order_by("id")
    return list(rows.values_list("type", flat=True))
