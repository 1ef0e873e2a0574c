"""The history of a task in people's words: who did what, when, through which door, and what was before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from events.models import TaskEventLog
from events.models.event_log import EventLogEntry
from tasks.models import Priority, Project, Status, Task
from tasks.wording import delay_words, due_words, moment_words, priority_words, reminder_words

TEXT_LENGTH = 280  # characters of a long text that a difference shows
# Columns that follow from others or mean nothing to people.
IN_ORDER = [name.removesuffix("_id") for name in Task.TRACKED]
Changes = Mapping[str, Mapping[str, Any]]  # of each field what it was ("from") and what it is ("to")
UNSPOKEN = {"due_all_day", "completed_at", "deleted_at", "occurrence_at", "position"}


@dataclass(frozen=True)
class Difference:
    """One changed field, before and after, in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Told:
    """One event of a log. ``sentence`` follows the actor's name."""

    row: EventLogEntry
    sentence: str
    icon: str
    tone: str

    @property
    def at(self) -> str:
        return moment_words(self.row.occurred_at)

    @property
    def door(self) -> str:
        return door_words(self.row.via)


@dataclass(frozen=True)
class Entry(Told):
    """One event of a task. ``late`` says how late the system acted, "" when it was on time."""

    row: TaskEventLog
    late: str
    differences: tuple[Difference, ...]


def door_words(via: str) -> str:
    """Through what something was done; "" where the actor says it already."""
    return {"web": _("web"), "api": _("API"), "admin": _("admin")}.get(via, "")


@dataclass(frozen=True)
class Names:
    """What the things are called that events refer to by key, as far as the reader may know."""

    projects: Mapping[str, str]
    tasks: Mapping[str, str]
    people: Mapping[str, str]

    @classmethod
    def known_to(cls, reader: User, changes: Sequence[Changes]) -> Names:
        """The names in these changes: one query for each kind of thing that they refer to."""
        projects = Project.objects.filter(pk__in=_keys(changes, "project"), memberships__user=reader)
        tasks = Task.objects.filter(pk__in=_keys(changes, "parent"), project__memberships__user=reader)
        people = User.objects.filter(pk__in=_keys(changes, "assignee"))
        return cls(
            projects={str(project.pk): project.name for project in projects},
            tasks={str(task.pk): task.title for task in tasks},
            people={str(person.pk): person.get_full_name() for person in people},
        )


def _keys(changes: Iterable[Changes], field: str) -> set[UUID]:
    found = (each[field] for each in changes if field in each)
    return {UUID(key) for change in found for key in (change["from"], change["to"]) if key}


def tell(rows: Sequence[TaskEventLog], reader: User) -> list[Entry]:
    """The entries for these rows, in their order, on the reader's clock (the current time zone)."""
    names = Names.known_to(reader, [row.changes for row in rows])
    return [_entry(row, names) for row in rows]


def _entry(row: TaskEventLog, names: Names) -> Entry:
    return replace(headline(row), differences=tuple(_differences(row, names)))


def headline(row: TaskEventLog) -> Entry:
    """What happened, without the values before and after, so that it takes no names."""
    icon, tone = _look(row)
    return Entry(row, _sentence(row), icon, tone, _late(row), ())


# --- What happened -------------------------------------------------------------------------------------


def _sentence(row: TaskEventLog) -> str:
    """What follows the actor's name."""
    if row.type == "task.updated":
        return _update(row)
    plain = {
        "task.created": _("added the task"),
        "task.completed": _("completed it"),
        "task.reopened": _("reopened it"),
        "task.deleted": _("moved it to the trash"),
        "task.restored": _("took it out of the trash"),
        "task.due_soon": _("saw that it is due within a day"),
        "task.overdue": _("saw that it is overdue"),
        "task.assigned": _("gave it to somebody"),
        "task.commented": _("commented on it"),
        "task.comment.edited": _("changed a comment"),
        "task.comment.deleted": _("deleted a comment"),
    }
    return plain.get(row.type) or _happening(row)


def _happening(row: TaskEventLog) -> str:
    if row.type == "task.reminder.due":
        when = moment_words(_instant(row.data["fire_at"]))
        return _("sent the reminder of %(when)s") % {"when": when}
    if row.type == "task.attachment.added":
        return _("added the file %(name)s") % {"name": row.data["name"]}
    if row.type == "task.attachment.removed":
        return _("removed the file %(name)s") % {"name": row.data["name"]}
    if row.type == "task.recurring.triggered":
        task = row.data["task"]
        due = _instant(task["due_date"] or row.data["occurrence_at"])
        return _("made it as the occurrence of %(when)s") % {"when": due_words(due, task["due_all_day"])}
    return row.type


def _update(row: TaskEventLog) -> str:
    fields = [name for name in row.changes if name not in UNSPOKEN]
    if set(row.changes) & {"due_date", "due_all_day"} and "due_date" not in fields:
        fields.append("due_date")
    if not fields:
        return _("moved it in the list") if "position" in row.changes else _("changed it")
    if "recurring_task" in fields:  # the due date moves along to the first date of the series
        return _single(row, "recurring_task")
    if len(fields) > 1:
        return ngettext("changed %(n)d field", "changed %(n)d fields", len(fields)) % {"n": len(fields)}
    return _single(row, fields[0])


def _single(row: TaskEventLog, field: str) -> str:
    """An update of one field."""
    change = row.changes.get(field, {})
    if field == "status":
        return _("started it") if change["to"] == Status.IN_PROGRESS else _("put it back")
    if field == "recurring_task":
        return _("made it repeat") if change["to"] else _("stopped its repetition")
    return {
        "title": _("renamed it"),
        "description": _("changed the description"),
        "priority": _("changed the priority"),
        "tags": _("changed the tags"),
        "due_date": _("changed the due date"),
        "reminders": _("changed the reminders"),
        "project": _("moved it to another project"),
        "parent": _("made it a subtask") if change.get("to") else _("made it a task of its own"),
        "assignee": _("changed who does it"),
    }.get(field, _("changed it"))


def _late(row: TaskEventLog) -> str:
    seconds = row.data.get("late_seconds") or 0
    return _("%(delay)s late") % {"delay": delay_words(seconds)} if seconds else ""


_LOOKS = {
    "task.created": ("plus", "accent"),
    "task.completed": ("check", "ok"),
    "task.reopened": ("undo-2", "info"),
    "task.deleted": ("trash-2", "danger"),
    "task.restored": ("rotate-ccw", "info"),
    "task.due_soon": ("calendar-clock", "warn"),
    "task.overdue": ("circle-alert", "danger"),
    "task.reminder.due": ("bell", "info"),
    "task.recurring.triggered": ("repeat", "neutral"),
    "task.assigned": ("user", "info"),
    "task.commented": ("message-square", "neutral"),
    "task.comment.edited": ("message-square", "neutral"),
    "task.comment.deleted": ("message-square", "neutral"),
    "task.attachment.added": ("paperclip", "neutral"),
    "task.attachment.removed": ("paperclip", "neutral"),
}
_FIELD_ICONS = {
    "recurring_task": "repeat",
    "title": "type",
    "description": "file-text",
    "status": "circle-dot",
    "priority": "flag",
    "tags": "tag",
    "due_date": "calendar",
    "due_all_day": "calendar",
    "reminders": "bell",
    "project": "folder",
    "parent": "list-checks",
    "assignee": "user",
    "position": "arrow-up-down",
}


def _look(row: TaskEventLog) -> tuple[str, str]:
    """Icon and tone of the mark beside an entry."""
    if row.type in _LOOKS:
        return _LOOKS[row.type]
    return next((icon for name, icon in _FIELD_ICONS.items() if name in row.changes), "pencil"), "neutral"


# --- What it was before --------------------------------------------------------------------------------


def _differences(row: TaskEventLog, names: Names) -> Iterable[Difference]:
    unspoken = {*UNSPOKEN, "due_date"}
    if row.type in {"task.completed", "task.reopened"}:
        unspoken.add("status")
    for name in IN_ORDER:  # a JSON column of PostgreSQL has an order of its own
        if name in row.changes and name not in unspoken:
            change = row.changes[name]
            yield Difference(
                label(name),
                _shortened(value_words(name, change["from"], names)),
                _shortened(value_words(name, change["to"], names)),
            )
    if {"due_date", "due_all_day"} & set(row.changes):
        yield Difference(_("Due"), _due(row, "from"), _due(row, "to"))


def label(field: str) -> str:
    """What people call a field of an event."""
    return {
        "title": _("Title"),
        "description": _("Description"),
        "status": _("Status"),
        "priority": _("Priority"),
        "tags": _("Tags"),
        "reminders": _("Reminders"),
        "project": _("Project"),
        "parent": _("Subtask of"),
        "assignee": _("Assignee"),
        "recurring_task": _("Repeats"),
    }.get(field, field)


def value_words(field: str, value: Any, names: Names) -> str:
    """What a field says, in words; a due date takes ``due_words``."""
    if field in {"project", "parent", "assignee"}:
        return _named(field, value, names)
    if field == "recurring_task":
        return _("yes") if value else _("no")
    if not value:
        return _("none")
    if field == "status":
        return str(Status(value).label)
    if field == "priority":
        return priority_words(Priority[value.upper()])
    if field == "tags":
        return " ".join(f"@{tag}" for tag in value)
    if field == "reminders":
        return "; ".join(map(reminder_words, value))
    return str(value)


def _shortened(text: str) -> str:
    return text if len(text) <= TEXT_LENGTH else f"{text[:TEXT_LENGTH].rstrip()}…"


def _named(field: str, key: str | None, names: Names) -> str:
    if not key:
        return _("nobody") if field == "assignee" else _("none")
    known = {"project": names.projects, "parent": names.tasks, "assignee": names.people}[field]
    unknown = {"project": _("another project"), "parent": _("another task"), "assignee": _("somebody")}
    return known.get(key, unknown[field])


def _due(row: TaskEventLog, side: str) -> str:
    """The due date before or after; the half of it that did not change is in the task after the event."""
    task = row.data["task"]
    due = row.changes.get("due_date", {}).get(side, task["due_date"])
    return due_in_words(due, row.changes.get("due_all_day", {}).get(side, task["due_all_day"]))


def due_in_words(due: str | None, all_day: bool) -> str:
    """A due date as an event has it."""
    return due_words(_instant(due), all_day) if due else _("none")


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
