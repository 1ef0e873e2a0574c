"""What people did with tasks, day by day: a read model that follows from the events and can be built from them anew."""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Source(models.TextChoices):
    """Where a build reads next. In this order: what leaves the outbox is in the log by then."""

    OUTBOX = "outbox", _("Outbox")
    LOG = "log", _("Event log")


class ProjectionQuerySet(models.QuerySet["Projection"]):
    def building(self) -> ProjectionQuerySet:
        return self.filter(finished_at=None).order_by("id")

    def shown(self) -> ProjectionQuerySet:
        """The one that pages read first: the finished one, and while there is none the one that is being built."""
        return self.order_by(F("finished_at").desc(nulls_last=True))


class Projection(models.Model):
    """One build of the statistics. New deeds go into every one there is, so none is lost while another is built."""

    id = models.BigAutoField(primary_key=True)
    source = models.CharField(max_length=6, choices=Source, default=Source.OUTBOX)
    position = models.BigIntegerField(default=0, help_text=_("up to which id the source was read"))
    read = models.BigIntegerField(default=0, help_text=_("events that were read"))
    total = models.BigIntegerField(default=0, help_text=_("events to read when it began"))
    begun_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects: ClassVar[ProjectionQuerySet] = ProjectionQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return f"statistics {self.pk}, {self.percent} %"

    @property
    def percent(self) -> int:
        """How far its building is."""
        return 100 if self.finished_at is not None else percent_built(self.read, self.total)


def percent_built(read: int, total: int) -> int:
    """How far a build is that has read so many of the events that it has to read."""
    return min(99, 100 * read // max(1, total))


class DeedKind(models.TextChoices):
    CREATED = "created", _("Created")
    COMPLETED = "completed", _("Completed")
    REOPENED = "reopened", _("Reopened")


class DeedQuerySet(models.QuerySet["Deed"]):
    def shown(self) -> DeedQuerySet:
        """Those of the build that pages read."""
        return self.filter(projection=Subquery(Projection.objects.shown().values("pk")[:1]))

    def of(self, user_id: UUID) -> DeedQuerySet:
        return self.filter(user_id=user_id)

    def between(self, first: date, last: date) -> DeedQuerySet:
        """Both days included."""
        return self.filter(day__range=(first, last))

    def lasting(self) -> DeedQuerySet:
        """What was created, and what was completed and not reopened since, in whatever order the events came."""
        taken_back = Deed.objects.filter(
            projection=OuterRef("projection"),
            task_id=OuterRef("task_id"),
            version__gt=OuterRef("version"),
            kind=DeedKind.REOPENED,
        )
        return self.filter(Q(kind=DeedKind.CREATED) | Q(Q(kind=DeedKind.COMPLETED), ~Exists(taken_back)))


class Deed(models.Model):
    """Somebody created, completed or reopened a task, on a day of their own calendar at that time.

    ``user_id`` is who did it, the owner where it was the system. There are no foreign keys: what was done stays done.
    """

    id = models.BigAutoField(primary_key=True)
    projection = models.BigIntegerField()
    user_id = models.UUIDField()
    kind = models.CharField(max_length=9, choices=DeedKind)
    day = models.DateField()
    task_id = models.UUIDField()
    version = models.PositiveIntegerField(help_text=_("of the task"))
    project_id = models.UUIDField()
    tags = models.JSONField(default=list)
    on_time = models.BooleanField(null=True, help_text=_("of a completed task that had a due date"))

    objects: ClassVar[DeedQuerySet] = DeedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint("projection", "task_id", "version", "kind", name="one_deed_per_event")
        ]
        indexes = [models.Index("projection", "user_id", "day", name="deeds_of_a_person")]

    def __str__(self) -> str:
        return f"{self.kind} on {self.day}"
