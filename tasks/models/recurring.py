"""Recurring tasks: the rule, the pattern of the task, and the making of its occurrences."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.actor import SYSTEM, Actor
from accounts.lines import validate_line
from accounts.models import User, validate_time_zone
from tasks import clock
from tasks.changes import TaskChange
from tasks.models.project import Project
from tasks.models.recurring_queryset import RecurringTaskQuerySet
from tasks.models.task import DESCRIPTION_LENGTH, TITLE_LENGTH, Priority, Task
from tasks.recurrence import Rule, RuleError, Schedule

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


# What the next occurrences take over when somebody edits the one at hand.
TEMPLATE = {"title", "description", "priority", "tags", "project_id"}


class Anchor(models.TextChoices):
    SCHEDULE = "schedule", _("By the calendar")
    COMPLETION = "completion", _("After completion")


def validate_rule(text: str) -> None:
    """Refuse what is not a recurrence rule, with the parser's own sentence."""
    try:
        Rule.parse(text)
    except RuleError as error:
        raise ValidationError(str(error)) from error


class RecurringTask(models.Model):
    """A series. ``next_due_at`` is the occurrence to make next; the next one is computed from the last."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="recurring_tasks", editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="recurring_tasks")
    title = models.CharField(_("title"), max_length=TITLE_LENGTH, validators=[validate_line])
    description = models.TextField(_("description"), blank=True, max_length=DESCRIPTION_LENGTH)
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority, default=Priority.LOW)
    tags = models.JSONField(_("tags"), default=list, blank=True)
    reminders = models.JSONField(_("reminders"), default=list, blank=True)
    rrule = models.CharField(_("rule"), max_length=500, validators=[validate_rule])
    anchor = models.CharField(_("counts from"), max_length=10, choices=Anchor, default=Anchor.SCHEDULE)
    start_date = models.DateField(_("start"))
    start_time = models.TimeField(_("time"), null=True, blank=True, help_text=_("empty: the whole day"))
    time_zone = models.CharField(_("time zone"), max_length=64, validators=[validate_time_zone])
    end_date = models.DateField(_("end"), null=True, blank=True, help_text=_("the last possible date"))
    exceptions = models.JSONField(
        _("left out"), default=list, blank=True, help_text=_("local dates and times without an occurrence")
    )
    is_active = models.BooleanField(_("active"), default=True)
    occurrences_made = models.PositiveIntegerField(default=0, editable=False)
    next_due_at = models.DateTimeField(null=True, editable=False)
    create_at = models.DateTimeField(
        null=True, editable=False, help_text=_("when the next occurrence is made: in time for its reminders")
    )
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

    @property
    def rule(self) -> Rule:
        return Rule.parse(self.rrule)

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def schedule(self) -> Schedule:
        start = datetime.combine(self.start_date, self.start_time or time())
        left_out = frozenset(datetime.fromisoformat(text) for text in self.exceptions)
        return Schedule(self.rule, start, self.zone, left_out)

    @property
    def is_all_day(self) -> bool:
        return self.start_time is None

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

    def _limit(self, instant: datetime | None) -> datetime | None:
        """The instant, or None when it lies behind the last possible date."""
        if instant is None or self.end_date is None:
            return instant
        return instant if instant.astimezone(self.zone).date() <= self.end_date else None

    def _plan(self, next_due_at: datetime | None) -> None:
        self.next_due_at = self._limit(next_due_at)
        by_calendar = self.next_due_at is not None and self.anchor == Anchor.SCHEDULE
        self.create_at = self.next_due_at - self._lead() if by_calendar and self.next_due_at else None

    def _lead(self) -> timedelta:
        """How long before it is due an occurrence must exist for its reminders to fire on time."""
        before = [wish["minutes_before"] for wish in self.reminders if "minutes_before" in wish]
        return timedelta(minutes=max(before, default=0))

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

    def _first(self) -> datetime | None:
        midnight = datetime.combine(clock.now().astimezone(self.zone).date(), time(), self.zone)
        just_before = midnight.astimezone(UTC) - timedelta(seconds=1)
        first = self.schedule.first()
        if first is None or first > just_before:
            return first
        return self.schedule.after(just_before)

    def _adopt(self, task: Task, by: Actor) -> None:
        due_at = self.next_due_at
        self._made(due_at)
        task.change(by, recurring_task=self, occurrence_at=due_at, **self.due_fields(due_at))

    def due_fields(self, due_at: datetime | None) -> dict[str, Any]:
        """The due date of the occurrence at an instant, in the form in which a task keeps it."""
        if due_at is None or not self.is_all_day:
            return {"due_date": due_at, "due_all_day": False}
        day = due_at.astimezone(self.zone).date()
        return {"due_date": datetime.combine(day, time(), UTC), "due_all_day": True}

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
            done = Task.objects.filter(pk=task_id, recurring_task__isnull=False).first()
            if done is None or done.occurrence_at is None or done.recurring_task_id is None:
                return None
            series = cls.objects.locked().select_related("project").get(pk=done.recurring_task_id)
            if not series.is_active or series._has_later_than(done.occurrence_at):
                return None
            if series.anchor == Anchor.COMPLETION and done.completed_at is not None:
                series._plan(series._after_completion(done.completed_at, done.occurrence_at))
            return series.make_next()

    def _after_completion(self, completed_at: datetime, occurrence: datetime) -> datetime | None:
        return self.schedule.after_completion(completed_at, made=self.occurrences_made, occurrence=occurrence)

    def _latest(self) -> datetime | None:
        """The last occurrence that exists."""
        latest: datetime | None = self.occurrences.aggregate(at=models.Max("occurrence_at"))["at"]
        return latest

    def lacks_successor_of(self, done: Task) -> bool:
        """Whether the series goes on after a completed occurrence whose successor was never made."""
        if (
            done.occurrence_at is None
            or done.completed_at is None
            or self._has_later_than(done.occurrence_at)
        ):
            return False
        if self.anchor == Anchor.COMPLETION:
            return self._limit(self._after_completion(done.completed_at, done.occurrence_at)) is not None
        following = self.schedule.after(done.occurrence_at, made=self.occurrences_made)
        return following is not None and self.next_due_at is not None and self.next_due_at <= following

    def _has_later_than(self, occurrence: datetime) -> bool:
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
            with self._locked():
                self.is_active = True
                if self.next_due_at is not None and self.next_due_at < timezone.now():
                    self._plan(self._first_unmade())
            self._take_up()

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
            with self._locked():
                for name, value in fields.items():
                    setattr(self, name, value)
                self.full_clean()
                moved = {"rrule", "start_date", "start_time", "time_zone", "end_date", "anchor"} & set(fields)
                self._plan(self._first_unmade() if moved else self.next_due_at)
            self._take_up()

    def _take_up(self) -> None:
        """Make the next occurrence where the last was completed while the series was paused or over."""
        latest = self.occurrences.order_by("-occurrence_at").first()
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
        self.owner_id = task.owner_id
        self.save(update_fields=[*(name.removesuffix("_id") for name in edited), "owner", "updated_at"])


def local_start(due: datetime, all_day: bool, zone: zoneinfo.ZoneInfo) -> tuple[date, time | None]:
    """Where a series begins that grows out of a task with this due date."""
    if all_day:
        return due.date(), None
    local = due.astimezone(zone)
    return local.date(), local.time().replace(tzinfo=None)
