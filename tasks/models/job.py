"""A change of so many tasks that it takes longer than a request: what is to do, and how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.actor import Actor
from accounts.models import User
from tasks.models.batch import KEPT

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

NAMED: Final = 50  # tasks that could not be changed and are named; the others are counted


class JobState(models.TextChoices):
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    STOPPED = "stopped", _("Stopped")


class JobQuerySet(models.QuerySet["Job"]):
    def of(self, user: User) -> JobQuerySet:
        return self.filter(user=user)

    def running(self) -> JobQuerySet:
        return self.filter(state=JobState.RUNNING)

    def silent_since(self, instant: datetime) -> JobQuerySet:
        """Those that should go on and do not: their message was lost, or nobody was there for it."""
        return self.running().filter(heard_at__lt=instant)

    def begin(self, user: User, **fields: Any) -> Job:
        """Note what is to do, and forget what a person did long ago.

        Raises IntegrityError where another one of theirs is running.
        """
        self.of(user).filter(began_at__lt=timezone.now() - KEPT).exclude(state=JobState.RUNNING).delete()
        return self.create(user=user, **fields)

    def take(self, pk: UUID) -> Job | None:
        """A running one under its lock; None where it is over, or somebody is at it."""
        locked = self.running().select_for_update(skip_locked=True, of=("self",))
        return locked.select_related("user").filter(pk=pk).first()


class Job(models.Model):
    """``items`` are the ids of tasks, or of batches where it takes back another job; ``done`` of them are behind it.

    It goes on in portions. Each is one transaction with ``done``, so whoever takes it up goes on where it is.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    via = models.CharField(max_length=8)
    change = models.CharField(max_length=16, blank=True)
    value = models.JSONField(null=True)
    takes_back = models.OneToOneField(
        "self", on_delete=models.CASCADE, null=True, related_name="taken_back_by"
    )
    items = models.JSONField(default=list)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    failures = models.JSONField(default=list)  # of the first ones, the title and why
    batches = models.JSONField(default=list)  # what takes it back
    state = models.CharField(max_length=8, choices=JobState, default=JobState.RUNNING)
    error = models.CharField(max_length=500, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)  # of the present portion that failed as a whole
    began_at = models.DateTimeField(default=timezone.now)
    heard_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    objects: ClassVar[JobQuerySet] = JobQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "user", condition=models.Q(state="running"), name="one_running_job_of_a_person"
            )
        ]
        indexes = [
            models.Index("user", "began_at", name="job_of_user"),
            # Reconciliation looks for those that are silent again and again.
            models.Index("heard_at", condition=models.Q(state="running"), name="running_jobs"),
        ]

    def __str__(self) -> str:
        return f"{self.change or 'undo'}: {self.done} of {self.total}"

    @property
    def is_running(self) -> bool:
        return self.state == JobState.RUNNING

    @property
    def actor(self) -> Actor:
        return Actor(str(self.user_id), self.user.get_full_name(), self.via)  # type: ignore[arg-type]  # a Door

    @property
    def unnamed(self) -> int:
        """How many could not be changed and are not named."""
        return max(0, self.failed - len(self.failures))

    @property
    def can_be_taken_back(self) -> bool:
        if self.is_running or not self.batches or hasattr(self, "taken_back_by"):
            return False
        return self.takes_back_id is None and self.began_at > timezone.now() - KEPT

    def stop(self, reason: str) -> None:
        """Leave the rest as it is, and say why."""
        self.state, self.error, self.ended_at = JobState.STOPPED, reason[:500], timezone.now()

    def step(self, number: int) -> None:
        """Note that so many items are behind it, and whether that was all."""
        self.done += number
        self.attempts, self.heard_at = 0, timezone.now()
        if self.done >= self.total:
            self.state, self.ended_at = JobState.DONE, self.heard_at
