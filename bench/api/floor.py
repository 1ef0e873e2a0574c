"""The floor: a bare WSGI function and psycopg. PostgreSQL checks the token and writes the JSON in one statement.

There is no framework, no validation beyond what the statement does, no middleware and no log.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

import msgspec
import psycopg
from uuid_utils.compat import uuid7

INSTANT = "replace(to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), '.000000Z', 'Z')"


def instant(column: str) -> str:
    return INSTANT.format(column)


# A task as the API shows it. (The data has dates with a time only and no series; so there is no case for them.)
DOCUMENT = f"""json_build_object(
    'id', t.id, 'title', t.title, 'description', t.description, 'status', t.status,
    'priority', (ARRAY['low', 'medium', 'high', 'urgent'])[t.priority], 'tags', t.tags,
    'due_date', {instant("t.due_date")}, 'due_all_day', t.due_all_day,
    'is_due_soon', t.status <> 'completed' AND t.deadline_at IS NOT NULL
        AND t.deadline_at > now() AND t.deadline_at <= now() + interval '1 day',
    'is_overdue', t.status <> 'completed' AND t.deadline_at IS NOT NULL AND t.deadline_at <= now(),
    'is_recurring', false, 'recurrence_rule', null, 'recurring_task', t.recurring_task_id,
    'reminders', t.reminders, 'project', t.project_id, 'assignee', t.assignee_id, 'parent', t.parent_id,
    'position', t.position, 'completed_at', {instant("t.completed_at")}, 'created_at', {instant("t.created_at")},
    'updated_at', {instant("t.updated_at")}, 'version', t.version)"""

BY_TOKEN = """SELECT token.user_id, person.display_name FROM accounts_apitoken AS token
    JOIN accounts_user AS person ON person.id = token.user_id AND person.is_active
    WHERE token.secret_hash = %s AND token.revoked_at IS NULL
    AND (token.expires_at IS NULL OR token.expires_at > now())"""  # noqa: S105

LIST = f"""
WITH me AS ({BY_TOKEN}),
found AS MATERIALIZED (
    SELECT t.* FROM me
    JOIN tasks_membership AS member ON member.user_id = me.user_id
    JOIN tasks_task AS t ON t.project_id = member.project_id
    WHERE t.deleted_at IS NULL AND t.status = ANY(%s) AND t.priority = ANY(%s)
),
t AS (SELECT * FROM found ORDER BY created_at DESC, id DESC LIMIT %s OFFSET %s)
SELECT json_build_object(
    'items', (SELECT coalesce(json_agg({DOCUMENT}), '[]') FROM t),
    'total', (SELECT count(*) FROM found), 'page', %s::int, 'page_size', %s::int)::text
WHERE EXISTS (SELECT FROM me)"""

CREATE = f"""
WITH me AS ({BY_TOKEN}),
p AS (
    SELECT project.id, project.owner_id, project.name, me.user_id, me.display_name FROM me
    JOIN tasks_membership AS member ON member.user_id = me.user_id AND member.role IN ('editor', 'owner')
    JOIN tasks_project AS project ON project.id = member.project_id
    WHERE project.id = %s AND project.deleted_at IS NULL
),
t AS (
    INSERT INTO tasks_task (id, title, description, status, priority, tags, due_date, due_all_day, reminders,
        position, created_at, updated_at, version, deadline_at, due_soon_told, overdue_told, owner_id, project_id)
    SELECT %s, %s, %s, 'pending', %s, %s::jsonb, %s::timestamptz, false, '[]', %s, now(), now(), 1, %s::timestamptz,
        false, false,
        p.owner_id, p.id FROM p
    RETURNING *
),
event AS (
    INSERT INTO events_outboxevent (event_id, type, key, sequence, envelope, created_at)
    SELECT %s::uuid, 'task.created', t.id, 1, json_build_object(
        'id', %s::text, 'source', '/todo/tasks', 'type', 'task.created', 'subject', t.id,
        'time', {instant("t.created_at")},
        'dataschema', 'urn:todo:schema:task.created:1', 'data', json_build_object(
            'actor', json_build_object('id', p.user_id, 'name', p.display_name, 'via', 'api'),
            'occurred_at', {instant("t.created_at")}, 'task_id', t.id, 'user_id', t.owner_id, 'version', 1,
            'changes', json_build_object(), 'task', json_build_object(
                'id', t.id, 'title', t.title, 'description', t.description, 'status', t.status,
                'priority', (ARRAY['low', 'medium', 'high', 'urgent'])[t.priority], 'tags', t.tags,
                'due_date', {instant("t.due_date")}, 'due_all_day', t.due_all_day, 'reminders', t.reminders,
                'project', t.project_id, 'project_name', p.name, 'assignee', t.assignee_id, 'parent', t.parent_id,
                'position', t.position, 'recurring_task', t.recurring_task_id, 'occurrence_at', null,
                'completed_at', null, 'deleted_at', null, 'created_at', {instant("t.created_at")},
                'updated_at', {instant("t.updated_at")}, 'version', t.version)),
        'sequence', '1', 'partitionkey', t.id, 'traceparent', %s::text, 'traceid', %s::text, 'specversion', '1.0',
        'datacontenttype', 'application/json')::text, now()
    FROM t, p
)
SELECT {DOCUMENT}::text FROM t"""

RANKS = {"low": 1, "medium": 2, "high": 3, "urgent": 4}
_local = threading.local()


def query(sql: str, params: list[Any]) -> bytes | None:
    """The one value that a statement answers, over this thread's own connection."""
    if not hasattr(_local, "connection"):
        _local.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    row = _local.connection.execute(sql, params, prepare=True).fetchone()
    return row[0].encode() if row else None


def token_hash(environ: dict[str, Any]) -> str:
    return hashlib.sha256(environ["HTTP_AUTHORIZATION"].removeprefix("Bearer ").encode()).hexdigest()


def list_tasks(environ: dict[str, Any]) -> bytes | None:
    given = {name: values[0] for name, values in parse_qs(environ["QUERY_STRING"]).items()}
    size, page = int(given["page_size"]), int(given.get("page", 1))
    ranks = [RANKS[word] for word in given["priority"].split(",")]
    words = given["status"].split(",")
    return query(LIST, [token_hash(environ), words, ranks, size, (page - 1) * size, page, size])


def create_task(environ: dict[str, Any]) -> bytes | None:
    body = msgspec.json.decode(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    trace, event_id, tags = secrets.token_hex(16), str(uuid7()), msgspec.json.encode(body["tags"]).decode()
    task = [uuid7(), body["title"], body["description"], RANKS[body["priority"]], tags]
    due, position = body["due_date"], uuid7().hex
    parent = f"00-{trace}-{secrets.token_hex(8)}-00"
    params = [body["project"], *task, due, position, due, event_id, event_id, parent, trace]
    return query(CREATE, [token_hash(environ), *params])


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    is_new = environ["REQUEST_METHOD"] == "POST"
    answer = create_task(environ) if is_new else list_tasks(environ)
    if answer is None:
        start_response("401 Unauthorized", [("Content-Length", "0")])
        return []
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))]
    start_response("201 Created" if is_new else "200 OK", headers)
    return [answer]
