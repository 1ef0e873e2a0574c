"""The audit trail: every event of every task, project and account, as it happened. Rows are only ever added."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class EventLogEntry(models.Model):
    """What all logs have: an event, who caused it and when it came here."""

    id = models.BigAutoField(primary_key=True)
    event_id = models.UUIDField(unique=True)
    type = models.CharField(max_length=64)
    actor_id = models.UUIDField(null=True, help_text=_("empty: the system"))
    actor_name = models.CharField(max_length=254)
    via = models.CharField(max_length=8, help_text=_("web, api, admin or system"))
    occurred_at = models.DateTimeField()
    data = models.JSONField()
    envelope = models.TextField(help_text=_("the CloudEvent, as JSON"))
    logged_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.type} at {self.occurred_at:%Y-%m-%d %H:%M:%S} UTC"


class TaskEventLogQuerySet(models.QuerySet["TaskEventLog"]):
    def history_of(self, task_id: UUID) -> TaskEventLogQuerySet:
        """A task's events, the newest first."""
        return self.filter(task_id=task_id).order_by("-version")

    def as_of(self, task_id: UUID, moment: datetime) -> TaskEventLog | None:
        """The version that a task was at, at an instant; None before there was one."""
        return self.history_of(task_id).filter(occurred_at__lte=moment).first()


class TaskEventLog(EventLogEntry):
    """One version of one task. It has no foreign key: the history outlives its task."""

    task_id = models.UUIDField()
    user_id = models.UUIDField(help_text=_("the owner"))
    version = models.PositiveIntegerField()
    changes = models.JSONField(default=dict)

    objects: ClassVar[TaskEventLogQuerySet] = TaskEventLogQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("task event")
        constraints = [models.UniqueConstraint("task_id", "version", name="one_entry_per_version")]
        indexes = [models.Index("user_id", "occurred_at", name="activity_of_a_person")]


class UserEventLog(EventLogEntry):
    """Something that happened to an account: it was made, changed, or signed in to."""

    user_id = models.UUIDField()

    class Meta:
        verbose_name = _("account event")
        indexes = [models.Index("user_id", "occurred_at", name="events_of_an_account")]


class ProjectEventLog(EventLogEntry):
    """Something that happened to a project itself: who shares it, and what became of it."""

    project_id = models.UUIDField()

    class Meta:
        verbose_name = _("project event")
        indexes = [models.Index("project_id", "id", name="events_of_a_project")]
