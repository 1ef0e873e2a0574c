"""Fills the stack: people, a hundred thousand reminders that stay pending, and tasks whose turn comes in the rounds."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.utils import timezone

from accounts.models import User
from events.models import OutboxEvent, TaskEventLog
from tasks.models import Project, Reminder, Task

PEOPLE = 500
SETTLE_SECONDS = 120.0

# They are here to be in the way: they get no events, and so have version 0.
PENDING = """
WITH made AS (
    INSERT INTO tasks_task (
        id, title, description, status, priority, tags, due_date, due_all_day, reminders, position, created_at,
        updated_at, version, deadline_at, due_soon_told, overdue_told, owner_id, project_id
    )
    SELECT gen_random_uuid(), 'Pending ' || n, '', 'pending', 1, '[]', due, false, '[]', 'k' || n, now(), now(), 0, due,
           false, false, project.owner_id, project.id
    FROM tasks_project AS project, generate_series(1, %s) AS n,
         LATERAL (SELECT now() + (3 + n %% 300) * interval '1 day' AS due) AS dates
    RETURNING id, due_date
)
INSERT INTO tasks_reminder (id, task_id, wish, fire_at, planned_at)
SELECT id, id, 'a', due_date - interval '1 day', now() FROM made
"""


def fill(pending: int, due: int, rounds: int) -> list[list[UUID]]:
    """Returns the tasks of each round: ``due`` of them, each with a reminder on another day."""
    for number in range(PEOPLE):
        User.objects.create_user(f"person{number}@example.com", display_name=f"Person {number}")
    projects = list(Project.objects.select_related("owner"))
    with connection.cursor() as cursor:
        cursor.execute(PENDING, [pending // len(projects)])
    tasks = [_make(projects, due, number) for number in range(rounds)]
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return tasks


def _make(projects: Sequence[Project], number: int, turn: int) -> list[UUID]:
    wish = {"id": "a", "at": (timezone.now() + timedelta(days=30)).isoformat()}
    tasks = [
        Task(project=projects[n % len(projects)], title=f"Call {turn}-{n}", reminders=[wish])
        for n in range(number)
    ]
    Task.objects.bulk_create(tasks)
    return [task.pk for task in tasks]


def settle() -> None:
    """Wait until every event of a task is in the history. Raises SystemExit when that takes too long."""
    end = time.monotonic() + SETTLE_SECONDS
    while (missing := _recorded() - TaskEventLog.objects.count()) and time.monotonic() < end:
        time.sleep(0.2)
    if missing:
        raise SystemExit(f"After {SETTLE_SECONDS:g} s, {missing} events are not in the history.")


def _recorded() -> int:
    return OutboxEvent.objects.filter(type__startswith="task.").count()


def let_be_due(tasks: Sequence[UUID], instant: datetime) -> None:
    """Put off the reminders of these tasks, or bring them forward, all to one instant."""
    moved = Reminder.objects.filter(task__in=tasks).update(fire_at=instant, planned_at=timezone.now())
    assert moved == len(tasks)
