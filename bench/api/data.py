"""Fills the database: 500 people with a token, an inbox and a project each, and 100,000 tasks among them."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import django
from django.db import connection

PEOPLE = 500
TASKS = 100_000
READERS = CREATORS = (
    20  # who list tasks, and others who create some, so that the lists stay as long as they are
)

# Every project gets the same number. About half of a person's tasks are open and of high priority or above.
INSERT_TASKS = """
INSERT INTO tasks_task (
    id, title, description, status, priority, tags, due_date, due_all_day, reminders, position, completed_at,
    created_at, updated_at, version, deadline_at, due_soon_told, overdue_told, owner_id, project_id
)
SELECT gen_random_uuid(), 'Task ' || n || ' of the ' || project.name,
       repeat('A sentence about what there is to do. ', n %% 5),
       CASE WHEN n %% 10 < 7 THEN 'pending' WHEN n %% 10 < 8 THEN 'in_progress' ELSE 'completed' END,
       1 + (n / 10) %% 4,
       CASE n %% 4 WHEN 0 THEN '[]' WHEN 1 THEN '["home"]' ELSE '["home", "phone"]' END::jsonb,
       due, false,
       CASE n %% 8 WHEN 0 THEN '[{"id": "0198c0de-0000-7000-8000-000000000001", "minutes_before": 30}]'
                   ELSE '[]' END::jsonb,
       'k' || n, CASE WHEN n %% 10 >= 8 THEN now() END, made, made, 1, due, true, true,
       project.owner_id, project.id
FROM tasks_project AS project, generate_series(1, %s) AS n,
     LATERAL (SELECT now() + (n %% 200 - 60) * interval '7 hours', now() - n * interval '3 hours') AS times (due, made)
"""


def fill() -> list[str]:
    """Returns the people's tokens."""
    from accounts.models import ApiToken, User
    from tasks.models import Project

    tokens = []
    for number in range(PEOPLE):
        person = User(email=f"person{number}@example.com", display_name=f"Person {number}")
        person.set_unusable_password()
        person.save()
        Project.objects.create(owner=person, name="Website")
        tokens.append(ApiToken.objects.issue(person, "bench", ["tasks:write"])[1])
    with connection.cursor() as cursor:
        cursor.execute("SET work_mem = '64MB'")
        cursor.execute(INSERT_TASKS, [TASKS // Project.objects.count()])
    connection.set_autocommit(True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return tokens


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_project.settings")
    django.setup()
    Path(sys.argv[1]).write_text(json.dumps(fill()))
