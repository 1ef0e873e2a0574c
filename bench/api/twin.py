"""The twin: the same two requests in FastAPI, written plainly and with what is quick there.

psycopg's asynchronous pool (its connections prepare statements by themselves), pydantic models for parameters, bodies
and answers, uvicorn with uvloop and httptools. Both parts of a create are one transaction.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, FastAPI, Header, HTTPException, Query, Response
from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints
from uuid_utils.compat import uuid7

Status = Literal["pending", "in_progress", "completed"]
Priority = Literal["low", "medium", "high", "urgent"]
WORDS: list[Priority] = ["low", "medium", "high", "urgent"]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Tag = Annotated[str, StringConstraints(min_length=1, max_length=50, pattern=r"^[^\s,]+$")]


class TaskIn(BaseModel, extra="forbid"):
    title: Title
    description: Annotated[str, Field(max_length=10_000)] = ""
    priority: Priority = "low"
    tags: Annotated[list[Tag], Field(max_length=30)] = []
    due_date: AwareDatetime | None = None
    project: UUID


class Task(BaseModel):
    id: UUID
    title: str
    description: str
    status: Status
    priority: Priority
    tags: list[str]
    due_date: datetime | None
    due_all_day: bool
    is_due_soon: bool
    is_overdue: bool
    is_recurring: bool
    recurrence_rule: str | None
    recurring_task: UUID | None
    reminders: list[dict[str, Any]]
    project: UUID
    assignee: UUID | None
    parent: UUID | None
    position: str
    completed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int


class Page(BaseModel):
    items: list[Task]
    total: int
    page: int
    page_size: int


COLUMNS = """t.id, t.title, t.description, t.status, t.priority, t.tags, t.due_date, t.due_all_day, t.deadline_at,
    t.recurring_task_id, t.reminders, t.project_id, t.assignee_id, t.parent_id, t.position, t.completed_at,
    t.created_at, t.updated_at, t.version"""
FOUND = """FROM tasks_task AS t JOIN tasks_membership AS member ON member.project_id = t.project_id
    WHERE member.user_id = %(user)s AND t.deleted_at IS NULL
    AND t.status = ANY(%(status)s) AND t.priority = ANY(%(priority)s)"""
LIST = f"SELECT {COLUMNS} {FOUND} ORDER BY t.created_at DESC, t.id DESC LIMIT %(limit)s OFFSET %(offset)s"
COUNT = f"SELECT count(*) AS total {FOUND}"
BY_TOKEN = """SELECT person.id, person.display_name FROM accounts_apitoken AS token
    JOIN accounts_user AS person ON person.id = token.user_id
    WHERE token.secret_hash = %s AND token.revoked_at IS NULL AND person.is_active
    AND (token.expires_at IS NULL OR token.expires_at > now())"""  # noqa: S105
PROJECT = """SELECT project.id, project.owner_id, project.name FROM tasks_project AS project
    JOIN tasks_membership AS member ON member.project_id = project.id
    WHERE project.id = %s AND member.user_id = %s AND member.role IN ('editor', 'owner')
    AND project.deleted_at IS NULL"""
INSERT_TASK = f"""INSERT INTO tasks_task AS t (id, title, description, status, priority, tags, due_date, due_all_day,
    reminders, position, created_at, updated_at, version, deadline_at, due_soon_told, overdue_told, owner_id,
    project_id) VALUES (%s, %s, %s, 'pending', %s, %s, %s, false, '[]', %s, %s, %s, 1, %s, false, false, %s, %s)
    RETURNING {COLUMNS}"""
INSERT_EVENT = """INSERT INTO events_outboxevent (event_id, type, key, sequence, envelope, created_at)
    VALUES (%s, 'task.created', %s, 1, %s, %s)"""

pool = AsyncConnectionPool(
    os.environ["DATABASE_URL"],
    min_size=8,
    max_size=8,
    open=False,
    kwargs={"row_factory": dict_row, "autocommit": True},
)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with pool:
        yield


app = FastAPI(lifespan=lifespan)


async def connection() -> AsyncIterator[AsyncConnection[Any]]:
    async with pool.connection() as made:
        yield made


Db = Annotated[AsyncConnection[Any], Depends(connection)]


async def person(db: Db, authorization: Annotated[str, Header()] = "") -> dict[str, Any]:
    scheme, _, secret = authorization.partition(" ")
    hashed = hashlib.sha256(secret.encode()).hexdigest()
    found = await (await db.execute(BY_TOKEN, [hashed])).fetchone()
    if scheme.lower() != "bearer" or found is None:
        raise HTTPException(401, "This API token is not known.")
    return found


Person = Annotated[dict[str, Any], Depends(person)]


def shown(row: dict[str, Any], now: datetime) -> Task:
    deadline = row.pop("deadline_at") if row["status"] != "completed" else None
    return Task(
        id=row["id"],
        title=row["title"],
        description=row["description"],
        status=row["status"],
        priority=WORDS[row["priority"] - 1],
        tags=row["tags"],
        due_date=row["due_date"],
        due_all_day=row["due_all_day"],
        is_due_soon=deadline is not None and now < deadline <= now + timedelta(days=1),
        is_overdue=deadline is not None and deadline <= now,
        is_recurring=row["recurring_task_id"] is not None,
        recurrence_rule=None,
        recurring_task=row["recurring_task_id"],
        reminders=row["reminders"],
        project=row["project_id"],
        assignee=row["assignee_id"],
        parent=row["parent_id"],
        position=row["position"],
        completed_at=row["completed_at"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        version=row["version"],
    )


def words(text: str, known: tuple[str, ...] | list[Any]) -> list[str]:
    given = text.split(",")
    if any(word not in known for word in given):
        raise HTTPException(422, f"Give one of: {', '.join(known)}.")
    return given


@app.get("/api/tasks")
async def list_tasks(
    db: Db,
    me: Person,
    status: str = "pending,in_progress,completed",
    priority: str = "low,medium,high,urgent",
    page: Annotated[int, Query(ge=1)] = 1,
    page_size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page:
    given = {
        "user": me["id"],
        "status": words(status, ("pending", "in_progress", "completed")),
        "priority": [WORDS.index(word) + 1 for word in words(priority, WORDS)],  # type: ignore[arg-type]
    }
    total = await (await db.execute(COUNT, given)).fetchone()
    part = {"limit": page_size, "offset": (page - 1) * page_size}
    rows = await (await db.execute(LIST, given | part)).fetchall()
    now = datetime.now(UTC)
    items = [shown(row, now) for row in rows]
    return Page(items=items, total=total["total"], page=page, page_size=page_size)


@app.post("/api/tasks", status_code=201)
async def create_task(body: TaskIn, db: Db, me: Person, response: Response) -> Task:
    async with db.transaction():
        project = await (await db.execute(PROJECT, [body.project, me["id"]])).fetchone()
        if project is None:
            raise HTTPException(422, "There is no project with this id that you may add tasks to.")
        now, task_id = datetime.now(UTC), uuid7()
        task = [task_id, body.title, body.description, WORDS.index(body.priority) + 1, Jsonb(body.tags)]
        rest = [body.due_date, uuid7().hex, now, now, body.due_date, project["owner_id"], project["id"]]
        row = await (await db.execute(INSERT_TASK, [*task, *rest])).fetchone()
        event_id, answer = uuid7(), shown(row, now)
        event = json.dumps(envelope(event_id, answer, project, me, now))
        await db.execute(INSERT_EVENT, [event_id, task_id, event, now])
    response.headers["Location"] = f"/api/tasks/{task_id}"
    response.headers["ETag"] = '"1"'
    return answer


def envelope(
    event_id: UUID, task: Task, project: dict[str, Any], me: dict[str, Any], now: datetime
) -> dict[str, Any]:
    trace, moment = secrets.token_hex(16), now.isoformat().replace("+00:00", "Z")
    state = {
        "id": str(task.id),
        "title": task.title,
        "description": task.description,
        "status": task.status,
        "priority": task.priority,
        "tags": task.tags,
        "due_date": task.due_date and task.due_date.isoformat().replace("+00:00", "Z"),
        "due_all_day": task.due_all_day,
        "reminders": task.reminders,
        "project": str(task.project),
        "project_name": project["name"],
        "assignee": None,
        "parent": task.parent and str(task.parent),
        "position": task.position,
        "recurring_task": None,
        "occurrence_at": None,
        "completed_at": None,
        "deleted_at": None,
        "created_at": moment,
        "updated_at": moment,
        "version": task.version,
    }
    return {
        "id": str(event_id),
        "source": "/todo/tasks",
        "type": "task.created",
        "subject": str(task.id),
        "time": moment,
        "dataschema": "urn:todo:schema:task.created:1",
        "data": {
            "actor": {"id": str(me["id"]), "name": me["display_name"], "via": "api"},
            "occurred_at": moment,
            "task_id": str(task.id),
            "user_id": str(project["owner_id"]),
            "version": task.version,
            "changes": {},
            "task": state,
        },
        "sequence": str(task.version),
        "partitionkey": str(task.id),
        "traceparent": f"00-{trace}-{secrets.token_hex(8)}-00",
        "traceid": trace,
        "specversion": "1.0",
        "datacontenttype": "application/json",
    }
