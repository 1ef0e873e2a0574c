"""A task as it was after one of its events, and field by field beside what it is now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _

from accounts.models import User
from events.entries import columns_of
from events.envelope import Unreadable, decode
from events.history import Changes, Names, due_in_words, label, value_words
from events.models import OutboxEvent, TaskEventLog
from events.recording import task_state
from tasks.models import Priority, Task

# In the order in which they are compared; the due date stands for its two columns.
FIELDS: Final = (
    "title",
    "description",
    "status",
    "priority",
    "due_date",
    "reminders",
    "tags",
    "project",
    "parent",
    "assignee",
    "recurring_task",
    "deleted_at",
)
State = Mapping[str, Any]  # a task as events carry it, in JSON's types


def find(task_id: UUID, number: int) -> TaskEventLog | None:
    """The event that made a version. One that the log does not have yet is taken from the outbox."""
    logged = TaskEventLog.objects.history_of(task_id).filter(version=number).first()
    if logged is not None:
        return logged
    row = OutboxEvent.objects.filter(key=task_id, sequence=number).first()
    try:
        return TaskEventLog(**columns_of(TaskEventLog, decode(row.envelope))) if row else None
    except Unreadable:
        return None


def state_of(row: TaskEventLog) -> State:
    """The task after an event. Events that were recorded before there were assignees have none."""
    return {"assignee": None, **row.data["task"]}


def state_now(task: Task) -> State:
    state: State = msgspec.to_builtins(task_state(task))
    return state


def columns(state: State) -> dict[str, Any]:
    """What a task's row had in a state."""
    keys = ("project", "parent", "assignee", "recurring_task")
    return {
        **{name: state[name] for name in ("title", "description", "status", "due_all_day")},
        **{name: list(state[name]) for name in ("tags", "reminders")},
        **{name: _instant(state[name]) for name in ("due_date", "deleted_at")},
        **{f"{name}_id": UUID(state[name]) if state[name] else None for name in keys},
        "priority": Priority[state["priority"].upper()].value,
    }


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


@dataclass(frozen=True)
class Beside:
    """A field as it was then and as it is now, in words."""

    name: str
    label: str
    then: str
    now: str
    differs: bool


def differences(then: State, now: State) -> dict[str, tuple[Any, Any]]:
    """The fields that are not now what they were then, with both values."""
    differ = {name for name in FIELDS if then[name] != now[name]}
    if then["due_all_day"] != now["due_all_day"]:
        differ.add("due_date")
    if bool(then["deleted_at"]) == bool(now["deleted_at"]):
        differ.discard("deleted_at")
    return {name: (then[name], now[name]) for name in FIELDS if name in differ}


def side_by_side(then: State, now: State, reader: User) -> list[Beside]:
    """Every field, for a reader: what they may not see has no name."""
    changes: Changes = {name: {"from": then[name], "to": now[name]} for name in FIELDS}
    names = Names.known_to(reader, [changes])
    return list(_rows(then, now, names))


def _rows(then: State, now: State, names: Names) -> Iterator[Beside]:
    differ = differences(then, now)
    for name in FIELDS:
        before, after = _words(name, then, names), _words(name, now, names)
        yield Beside(name, _label(name), before, after, name in differ)


def _label(name: str) -> str:
    return {"due_date": _("Due"), "deleted_at": _("In the trash")}.get(name) or label(name)


def _words(name: str, state: State, names: Names) -> str:
    if name == "due_date":
        return due_in_words(state["due_date"], state["due_all_day"])
    if name == "deleted_at":
        return _("yes") if state[name] else _("no")
    return value_words(name, state[name], names)
