"""What happened to a task, as the ``tasks_changed`` signal tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from accounts.actor import Actor
    from tasks.models import Task

Kind = Literal[
    "created",
    "updated",
    "completed",
    "reopened",
    "deleted",
    "restored",
    "due_soon",
    "overdue",
    "reminder.due",
    "recurring.triggered",
    "assigned",
    "commented",
    "comment.edited",
    "comment.deleted",
    "attachment.added",
    "attachment.removed",
]


def kind_of(fields: Mapping[str, tuple[Any, Any]]) -> Kind:
    """What a change of these fields is called: what happened to the task before what was edited of it."""
    if "deleted_at" in fields:
        return "restored" if fields["deleted_at"][1] is None else "deleted"
    before, after = fields.get("status", (None, None))
    if after == "completed":
        return "completed"
    if before == "completed":
        return "reopened"
    return "assigned" if fields.get("assignee_id", (None, None))[1] is not None else "updated"


@dataclass(frozen=True)
class TaskChange:
    """One step of a task's ``version``.

    ``fields`` maps each changed field to its values before and after; ``details`` holds what only this kind
    of change has (the reminder that is due, the series that was triggered). ``task`` is the task after it.
    """

    task: Task
    kind: Kind
    actor: Actor
    occurred_at: datetime
    fields: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)


class StaleTask(Exception):
    """Somebody changed the task after it was read; nothing was written."""

    def __init__(self, task: Task) -> None:
        super().__init__(
            "This task was changed elsewhere in the meantime. Load it again and repeat your change."
        )
        self.task = task
