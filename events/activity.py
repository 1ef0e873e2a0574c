"""Activity: what happened to the tasks that a person sees now, the newest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Q

from accounts.models import User
from events.models import TaskEventLog
from events.models.event_log import TaskEventLogQuerySet
from tasks.models import Task
from tasks.models.task_queryset import WRITE_ROLES

SYSTEM: Final = "system"  # stands in for the actor who is nobody
# What a person chooses from; the words are those of ``events.types`` without their "task.".
TYPES: Final[Mapping[str, frozenset[str]]] = {
    "created": frozenset({"task.created", "task.recurring.triggered"}),
    "completed": frozenset({"task.completed"}),
    "reopened": frozenset({"task.reopened"}),
    "updated": frozenset({"task.updated", "task.assigned"}),
    "commented": frozenset({"task.commented", "task.comment.edited", "task.comment.deleted"}),
    "files": frozenset({"task.attachment.added", "task.attachment.removed"}),
    "deleted": frozenset({"task.deleted"}),
    "restored": frozenset({"task.restored"}),
    "reminded": frozenset({"task.reminder.due", "task.due_soon", "task.overdue"}),
}


@dataclass(frozen=True)
class Question:
    """Which events. ``actor`` is a person's id or ``SYSTEM``, ``types`` a key of ``TYPES``; empty means any."""

    actor: UUID | str | None = None
    types: str = ""
    task: UUID | None = None
    project: UUID | None = None
    since: datetime | None = None

    def rows(self, reader: User) -> TaskEventLogQuerySet:
        """The events, the newest first. Rights are those of now: of tasks that the reader sees or could restore."""
        tasks = Task.objects.filter(project__memberships__user=reader).filter(
            Q(deleted_at=None)
            | Q(project__memberships__user=reader, project__memberships__role__in=WRITE_ROLES)
        )
        if self.project:
            tasks = tasks.filter(project=self.project)
        rows = TaskEventLog.objects.filter(task_id__in=tasks.values("pk"))
        return rows.filter(self._which()).defer("envelope").order_by("-id")

    def _which(self) -> Q:
        which = Q()
        if self.actor:
            which &= Q(actor_id=None if self.actor == SYSTEM else self.actor)
        if self.types:
            which &= Q(type__in=TYPES[self.types])
        if self.task:
            which &= Q(task_id=self.task)
        return which & Q(occurred_at__gte=self.since) if self.since else which
