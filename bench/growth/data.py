"""Fills a database with people who all have the same: a project beside their Inbox and 200 tasks in the two."""

from __future__ import annotations

from django.db import connection

from accounts.models import ApiToken, User
from tasks.models import Membership, Project, Role

TASKS_OF_ONE = 200
READER = "person0@example.com"
OVERDUE = 20  # of the reader's tasks whose reminder is due: what a tick fires

# One in ten is completed and one in ten was overdue and told so; the others are due in 3 to 400 days. A tenth has the
# word that is searched for. Numbers and words are those of the task's place, so every person has the same ones.
TASKS = f"""
INSERT INTO tasks_task (
    id, title, description, status, priority, tags, due_date, due_all_day, reminders, position, completed_at,
    created_at, updated_at, version, deadline_at, due_soon_told, overdue_told, owner_id, project_id
)
SELECT ('0198c0de' || lpad(to_hex((row_number() OVER ())), 24, '0'))::uuid,
       CASE WHEN n % 10 = 3 THEN 'Write the minutes ' ELSE 'Call the office ' END || n || ' about ' || md5(n::text),
       repeat('A sentence about what there is to do. ', n % 4),
       CASE WHEN n % 10 = 9 THEN 'completed' ELSE 'pending' END, 1 + n % 4,
       CASE n % 4 WHEN 0 THEN '[]' WHEN 1 THEN '["home"]' ELSE '["home", "phone"]' END::jsonb,
       due, false, '[]'::jsonb, 'k' || lpad(n::text, 6, '0'), CASE WHEN n % 10 = 9 THEN made END,
       made, made, 1, due, n % 10 = 8, n % 10 = 8, project.owner_id, project.id
FROM tasks_project AS project, generate_series(1, {TASKS_OF_ONE // 2}) AS n,
     LATERAL (SELECT now() + CASE WHEN n % 10 = 8 THEN n * interval '-1 hour' ELSE (3 + n * 4) * interval '1 day' END,
                     now() - n * interval '3 hours') AS times (due, made)
ORDER BY project.owner_id, project.id, n
"""
REMINDERS = """
INSERT INTO tasks_reminder (id, task_id, wish, fire_at, planned_at)
SELECT id, id, 'a', greatest(due_date, now() + interval '3 days') - interval '1 hour', created_at FROM tasks_task
"""
INDEXES = """
SELECT indexname, indexdef FROM pg_indexes
WHERE tablename IN ('tasks_task', 'tasks_reminder')
  AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = indexname)
"""


def fill(tasks: int) -> str:
    """Returns the token of the reader, one of ``tasks / 200`` people."""
    numbers = range(tasks // TASKS_OF_ONE)
    people = User.objects.bulk_create(
        [User(email=f"person{n}@example.com", display_name=f"Person {n}") for n in numbers]
    )
    projects = [
        Project(owner=person, name=name, is_inbox=name == "Inbox")
        for person in people
        for name in ("Inbox", "Website")
    ]
    Project.objects.bulk_create(projects)
    Membership.objects.bulk_create(
        Membership(project=each, user=each.owner, role=Role.OWNER) for each in projects
    )
    _load()
    return ApiToken.objects.issue(people[0], "bench", ["tasks:read"])[1]


def _load() -> None:
    """Rows first, then their indexes, which is quicker."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica; SET maintenance_work_mem = '512MB'")
        cursor.execute(INDEXES)
        indexes = dict(cursor.fetchall())
        for name in indexes:
            cursor.execute(f"DROP INDEX {name}")
        cursor.execute(TASKS)
        cursor.execute(REMINDERS)
        for definition in indexes.values():
            cursor.execute(definition)
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CHECKPOINT")


def arm() -> None:
    """Let some of the reader's reminders be due again, as if none of them had fired."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tasks_reminder SET fired_at = NULL, fire_at = now() WHERE id IN "
            "(SELECT task.id FROM tasks_task AS task JOIN accounts_user AS person ON person.id = owner_id "
            "WHERE email = %s AND status = 'pending' AND NOT overdue_told ORDER BY task.id LIMIT %s)",
            [READER, OVERDUE],
        )
