"""Recurring tasks: the rule, the pattern of the task, and the making of its occurrences."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.actor import SYSTEM, Actor
from accounts.lines import validate_line
from accounts.models import User
from tasks import clock
from tasks.changes import TaskChange
from tasks.markdown import all_open
from tasks.models import succession
from tasks.models.dated import Anchor, Dated
from tasks.models.project import Project
from tasks.models.recurring_queryset import RecurringTaskQuerySet
from tasks.models.task import DESCRIPTION_LENGTH, TITLE_LENGTH, Priority, Task

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


# What the next occurrences take over when somebody edits the one at hand.
TEMPLATE = {"title", "description", "priority", "tags", "project_id"}


class RecurringTask(Dated):
    """A series. ``next_due_at`` is the occurrence to make next; the next one is computed from the last."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="recurring_tasks", editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="recurring_tasks")
    title = models.CharField(_("title"), max_length=TITLE_LENGTH, validators=[validate_line])
    description = models.TextField(_("description"), blank=True, max_length=DESCRIPTION_LENGTH)
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority, default=Priority.LOW)
    tags = models.JSONField(_("tags"), default=list, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    last_created_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, editable=False)

    occurrences: RelatedManager[Task]
    objects: ClassVar[RecurringTaskQuerySet] = RecurringTaskQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("next_due_at", "pk")
        constraints = [
            models.CheckConstraint(condition=~models.Q(title=""), name="recurring_task_has_a_title")
        ]
        indexes = [models.Index("create_at", condition=models.Q(is_active=True), name="pending_occurrences")]

    def __str__(self) -> str:
        return self.title

    # --- Its dates -------------------------------------------------------------------------------------

    def preview(self, number: int = 10) -> list[datetime]:
        """The instants of the next occurrences that do not exist yet, at most ``number``."""
        dates: list[datetime] = []
        following = self._following(dates)
        while following is not None and len(dates) < number:
            dates.append(following)
            following = self._following(dates)
        return dates

    def outlook(self, number: int = 10) -> list[datetime]:
        """As ``preview``, for a series that is not saved yet."""
        self._plan(self._first())
        return self.preview(number)

    def _following(self, dates: list[datetime]) -> datetime | None:
        made = self.occurrences_made + len(dates)
        if self.anchor == Anchor.COMPLETION:  # as if the open one were completed now, and each when it is due
            latest = dates[-1] if dates else self._latest()
            return self._limit(
                self.schedule.after_completion(
                    dates[-1] if dates else timezone.now(), made=made, occurrence=latest
                )
            )
        return self._limit(self.schedule.after(dates[-1], made=made)) if dates else self.next_due_at

    # --- Its life --------------------------------------------------------------------------------------

    def begin(self, by: Actor, task: Task | None = None) -> Task | None:
        """Save a new series and make its first occurrence, on or after today.

        ``task`` becomes that occurrence where the series grows out of one. Returns the occurrence.
        Raises ValidationError naming the field.
        """
        self.owner = self.project.owner
        self.full_clean()
        with transaction.atomic():
            self._plan(self._first())
            if self.next_due_at is None:
                raise ValidationError({"rrule": _("This rule has no date left from today on.")})
            self.save()
            if task is None:
                return self.make_next(by)
            self._adopt(task, by)
            return task

    @classmethod
    def grow_from(
        cls, task: Task, rrule: str, by: Actor, zone: zoneinfo.ZoneInfo, anchor: str = Anchor.SCHEDULE
    ) -> RecurringTask:
        """Make a saved task the first occurrence of a new series; one without a due date starts today.

        ``zone`` is where its dates and times are kept. Raises ValidationError naming the series' field.
        """
        all_day = task.due_all_day or task.due_date is None
        due = task.due_date or datetime.combine(timezone.now().astimezone(zone).date(), time(), UTC)
        start_date, start_time = local_start(due, all_day, zone)
        series = cls(
            **{name: getattr(task, name) for name in ("project", "title", "description", "priority", "tags")},
            reminders=[wish for wish in task.reminders if "minutes_before" in wish],
            rrule=rrule,
            anchor=anchor,
            start_date=start_date,
            start_time=start_time,
            time_zone=zone.key,
        )
        series.begin(by, task)
        return series

    def _adopt(self, task: Task, by: Actor) -> None:
        due_at = self.next_due_at
        self._made(due_at)
        task.change(by, recurring_task=self, occurrence_at=due_at, **self.due_fields(due_at))

    def make_next(self, by: Actor = SYSTEM) -> Task | None:
        """Make the occurrence at ``next_due_at``; None when the series is over.

        The caller holds the row's lock; the unique occurrence is the second line of defence.
        """
        due_at = self.next_due_at
        if due_at is None:
            return None
        with transaction.atomic():
            self._made(due_at)
            task = Task(
                project=self.project,
                recurring_task=self,
                occurrence_at=due_at,
                title=self.title,
                description=self.description,
                priority=self.priority,
                tags=list(self.tags),
                reminders=[{**wish, "id": str(uuid7())} for wish in self.reminders],
                **self.due_fields(due_at),
            )
            task.save(by=by)
            task.announce("recurring.triggered", {"recurring_task_id": str(self.pk), "occurrence_at": due_at})
        return task

    def _made(self, due_at: datetime | None) -> None:
        self.occurrences_made += 1
        self.last_created_at = clock.now()
        by_calendar = due_at is not None and self.anchor == Anchor.SCHEDULE
        self._plan(
            self.schedule.after(due_at, made=self.occurrences_made) if by_calendar and due_at else None
        )
        self.save()

    @classmethod
    def follow_completion(cls, task_id: UUID) -> Task | None:
        """Make the occurrence after a completed one, unless there is a later one already.

        However often the task is completed and reopened, and however many do this at once, it makes one:
        the series' row is locked while it looks. Returns what it made.
        """
        with transaction.atomic():
            done = Task.objects.completed().filter(pk=task_id, recurring_task__isnull=False).locked().first()
            if done is None or done.occurrence_at is None or done.recurring_task is None:
                return None
            series = done.recurring_task.under_lock()
            if not series.goes_on or series.has_later_than(done.occurrence_at):
                return None
            if series.counts_from_completion and done.completed_at is not None:
                series.plan_after(done.completed_at, done.occurrence_at)
            return series.make_next()

    def follow(self, change: TaskChange) -> None:
        """Bring the series in line with a change of one of its occurrences."""
        if change.task.is_open:
            self.take_over(change)
        succession.follow(self, change)

    def under_lock(self) -> RecurringTask:
        """The row as it is, locked until the transaction ends."""
        return RecurringTask.objects.locked().select_related("project").get(pk=self.pk)

    @property
    def goes_on(self) -> bool:
        return self.is_active and self.deleted_at is None and self.project.deleted_at is None

    def made_by_now(self, task: Task) -> bool:
        """Whether an occurrence would exist even if none before it were completed: its time has come."""
        due_at = task.occurrence_at
        return not self.counts_from_completion and due_at is not None and due_at - self._lead() <= clock.now()

    def unmake(self, due_at: datetime | None) -> None:
        """Go back to before the last occurrence, at ``due_at``, was made."""
        self.occurrences_made -= 1
        self._plan(None if self.counts_from_completion else due_at)
        self.save()

    def _latest(self) -> datetime | None:
        """The last occurrence that exists."""
        latest: datetime | None = self.occurrences.aggregate(at=models.Max("occurrence_at"))["at"]
        return latest

    def lacks_successor_of(self, done: Task) -> bool:
        """Whether the series goes on after a completed occurrence whose successor was never made."""
        if done.occurrence_at is None or done.completed_at is None or self.has_later_than(done.occurrence_at):
            return False
        if self.anchor == Anchor.COMPLETION:
            return self._limit(self._after_completion(done.completed_at, done.occurrence_at)) is not None
        following = self.schedule.after(done.occurrence_at, made=self.occurrences_made)
        return following is not None and self.next_due_at is not None and self.next_due_at <= following

    def has_later_than(self, occurrence: datetime) -> bool:
        """Whether a later occurrence was made."""
        return Task.objects.filter(recurring_task=self, occurrence_at__gt=occurrence).exists()

    @classmethod
    def make_due(cls, pk: UUID, now: datetime) -> int:
        """Make every occurrence of a series whose time has come. Returns how many that were."""
        made = 0
        with transaction.atomic():
            series = cls.objects.locked().select_related("project").filter(pk=pk, is_active=True).first()
            while series is not None and series.create_at is not None and series.create_at <= now:
                made += series.make_next() is not None
        return made

    def skip_next(self) -> datetime | None:
        """Leave out the next occurrence. Returns the one after it."""
        with self._locked():
            if self.next_due_at is not None:
                skipped = self.next_due_at
                local = skipped.astimezone(self.zone).replace(tzinfo=None)
                self.exceptions = [*self.exceptions, local.isoformat()]
                self._plan(self.schedule.after(skipped, made=self.occurrences_made))
        return self.next_due_at

    def pause(self) -> None:
        with self._locked():
            self.is_active = False

    def resume(self) -> None:
        """Go on from today: what would have come during the pause is not made up for."""
        with transaction.atomic():
            latest = self._lock_latest()
            with self._locked():
                self.is_active = True
                self._go_on_from_today()
            self._take_up(latest)

    def _go_on_from_today(self) -> None:
        is_past = self.next_due_at is not None and self.next_due_at < timezone.now()
        self._plan(self._first_unmade() if is_past else self.next_due_at)

    def end(self, by: Actor) -> None:
        """Make no more occurrences; those that exist stay, as tasks that do not repeat.

        Tasks are locked before their series, as by whoever edits one: two that wait for each other would fail.
        """
        going_on = Task.objects.alive().open().filter(recurring_task=self)
        with transaction.atomic():
            going_on.lock()
            with self._locked():
                self.is_active, self.deleted_at = False, timezone.now()
                self._plan(None)
                going_on.change(by, recurring_task=None, occurrence_at=None)

    def revise(self, **fields: Any) -> None:
        """Change the series; occurrences that exist stay as they are. Raises ValidationError."""
        with transaction.atomic():
            latest = self._lock_latest()
            with self._locked():
                for name, value in fields.items():
                    setattr(self, name, value)
                self.full_clean()
                moved = {"rrule", "start_date", "start_time", "time_zone", "end_date", "anchor"} & set(fields)
                self._plan(self._first_unmade() if moved else self.next_due_at)
            self._take_up(latest)

    def _lock_latest(self) -> Task | None:
        """The last occurrence, locked before the series is, as by whoever edits it."""
        return Task.objects.filter(recurring_task=self).order_by("-occurrence_at").locked().first()

    def _take_up(self, latest: Task | None) -> None:
        """Make the next occurrence where the last was completed while the series was paused or over."""
        if latest is not None and latest.is_completed:
            RecurringTask.follow_completion(latest.pk)
            self.refresh_from_db()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Read the row again under its lock, and save it at the end of the block."""
        with transaction.atomic():
            self.refresh_from_db(from_queryset=RecurringTask.objects.locked())
            yield
            self.save()

    def _first_unmade(self) -> datetime | None:
        """The first occurrence on a later day than the last one made, which may have had another time."""
        first = self._first()
        latest = self._latest()
        if latest is None or first is None:
            return first
        day = datetime.combine(latest.astimezone(self.zone).date(), time.max, self.zone).astimezone(UTC)
        return first if first > day else self.schedule.after(day, made=self.occurrences_made)

    def take_over(self, change: TaskChange) -> None:
        """Let the next occurrences have what somebody edited on one.

        Not where that was in another project: who may change it there need not even see the series.
        """
        task, edited = change.task, TEMPLATE & set(change.fields)
        project_before = change.fields.get("project_id", (task.project_id,))[0]
        if not edited or project_before != self.project_id:
            return
        for name in edited:
            setattr(self, name, getattr(task, name))
        self.description = all_open(self.description)  # what is ticked is done of this one, not of the next
        self.owner_id = task.owner_id
        self.save(update_fields=[*(name.removesuffix("_id") for name in edited), "owner", "updated_at"])
        if "deleted_at" in change.fields and self.next_due_at is not None and self.create_at is None:
            self._wake_up()

    def _wake_up(self) -> None:
        """Go on from today, after the series rested with a project that was deleted."""
        with self._locked():
            self._go_on_from_today()


def local_start(due: datetime, all_day: bool, zone: zoneinfo.ZoneInfo) -> tuple[date, time | None]:
    """Where a series begins that grows out of a task with this due date."""
    if all_day:
        return due.date(), None
    local = due.astimezone(zone)
    return local.date(), local.time().replace(tzinfo=None)
