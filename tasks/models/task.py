"""The task: what it is and can do. ``Recorded`` saves it and tells each change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.actor import SYSTEM, Actor
from accounts.lines import validate_line
from accounts.models import User
from tasks import clock
from tasks.changes import Kind, TaskChange, kind_of
from tasks.fields import TagsField
from tasks.models.conditions import DUE_SOON
from tasks.models.project import Project
from tasks.models.recorded import Recorded
from tasks.models.reminder import Reminder, clean_wishes, fire_time
from tasks.models.tags import clean_tags
from tasks.models.task_queryset import TaskQuerySet
from tasks.ordering import position_at_end

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from tasks.models.recurring import RecurringTask

TITLE_LENGTH = 200  # characters
DESCRIPTION_LENGTH = 10_000  # characters
MORNING = time(9)  # when reminders "before" a date without a time count from


class Status(models.TextChoices):
    PENDING = "pending", _("Pending")
    IN_PROGRESS = "in_progress", _("In progress")
    COMPLETED = "completed", _("Completed")


class Priority(models.IntegerChoices):
    """Stored as a rank so that the database can sort; ``name.lower()`` is the word that the API uses."""

    LOW = 1, _("Low")
    MEDIUM = 2, _("Medium")
    HIGH = 3, _("High")
    URGENT = 4, _("Urgent")

    @property
    def word(self) -> str:
        return self.name.lower()


# What an event's ``changes`` and ``task`` are about; the other columns follow from these.
TRACKED = (
    "title",
    "description",
    "status",
    "priority",
    "tags",
    "due_date",
    "due_all_day",
    "reminders",
    "project_id",
    "assignee_id",
    "parent_id",
    "position",
    "recurring_task_id",
    "occurrence_at",
    "completed_at",
    "deleted_at",
)
FOLLOWING = ("owner", "completed_at", "deadline_at", "due_soon_told", "overdue_told", "updated_at", "version")
PLANNING = {"status", "due_date", "due_all_day", "reminders", "deleted_at"}
COPIED = ("title", "description", "priority", "due_date", "due_all_day", "assignee_id")


class Task(Recorded):
    """Something to do. ``version`` grows by one with each event, so ``(id, version)`` has no gaps."""

    TRACKED = TRACKED
    FOLLOWING = FOLLOWING

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="tasks", editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="tasks")
    assignee = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="assigned_tasks", null=True, blank=True
    )
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, related_name="subtasks", null=True, blank=True
    )
    title = models.CharField(_("title"), max_length=TITLE_LENGTH, validators=[validate_line])
    description = models.TextField(
        _("description"), blank=True, validators=[MaxLengthValidator(DESCRIPTION_LENGTH)]
    )
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.PENDING)
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority, default=Priority.LOW)
    tags = TagsField(_("tags"), default=list, blank=True)
    due_date = models.DateTimeField(
        _("due"), null=True, blank=True, help_text=_("for a date without a time: midnight UTC of that date")
    )
    due_all_day = models.BooleanField(_("all day"), default=False)
    reminders = models.JSONField(_("reminders"), default=list, blank=True)
    position = models.CharField(max_length=64, blank=True)
    recurring_task = models.ForeignKey(
        "tasks.RecurringTask", on_delete=models.PROTECT, related_name="occurrences", null=True, blank=True
    )
    occurrence_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    deadline_at = models.DateTimeField(
        null=True,
        editable=False,
        help_text=_("the instant after which the task is overdue, on its owner's clock"),
    )
    due_soon_told = models.BooleanField(default=False, editable=False)
    overdue_told = models.BooleanField(default=False, editable=False)

    subtasks: RelatedManager[Task]
    reminder_rows: RelatedManager[Reminder]
    objects: ClassVar[TaskQuerySet] = TaskQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        # Django's own machinery, too, must go through a manager that cannot go round the events.
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint("recurring_task", "occurrence_at", name="one_task_per_occurrence"),
            models.CheckConstraint(condition=~models.Q(title=""), name="task_has_a_title"),
            models.CheckConstraint(condition=models.Q(status__in=Status.values), name="task_status_is_known"),
            models.CheckConstraint(
                condition=models.Q(priority__in=Priority.values), name="task_priority_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(status=Status.COMPLETED, completed_at__isnull=False)
                | models.Q(~models.Q(status=Status.COMPLETED), completed_at=None),
                name="completed_tasks_have_a_time",
            ),
        ]
        indexes = [
            models.Index(
                "project", "status", "due_date", condition=models.Q(deleted_at=None), name="task_lists"
            ),
            models.Index("project", "completed_at", name="task_completed"),
            # The scheduler reads what is due and stops, however many tasks are pending. ``completed_at``
            # and not ``status``: databases use a partial index only where the query repeats its condition.
            models.Index(
                "deadline_at",
                condition=models.Q(overdue_told=False, deleted_at=None, completed_at=None),
                name="pending_overdue",
            ),
            models.Index(
                "deadline_at",
                condition=models.Q(due_soon_told=False, deleted_at=None, completed_at=None),
                name="pending_due_soon",
            ),
            models.Index("deleted_at", condition=models.Q(deleted_at__isnull=False), name="task_trash"),
        ]

    def __str__(self) -> str:
        return self.title

    # --- What a task can do ---------------------------------------------------------------------------

    def change(self, by: Actor, **fields: Any) -> None:
        """Set fields and save; nothing happens when they have these values already."""
        for name, value in fields.items():
            setattr(self, name, value)
        self.save(by=by)

    def complete(self, by: Actor) -> None:
        """Complete the task; a completed one stays as it is. Its next occurrence follows from the event."""
        self.change(by, status=Status.COMPLETED)

    def reopen(self, by: Actor) -> None:
        if self.is_completed:
            self.change(by, status=Status.PENDING)

    def toggle(self, by: Actor) -> None:
        """Complete the task, or reopen it."""
        if self.is_completed:
            self.reopen(by)
        else:
            self.complete(by)

    def trash(self, by: Actor, at: datetime | None = None) -> None:
        """Move the task and all below it to the trash, with the same ``deleted_at`` (now)."""
        if self.deleted_at is not None:
            return
        with transaction.atomic():
            moment = at or clock.now()
            self.change(by, deleted_at=moment)
            # Read only now: what was set beside it, such as another project, has changed them, too.
            for task in self.descendants(deleted_at=None):
                task.change(by, deleted_at=moment)

    def restore(self, by: Actor) -> None:
        """Take the task out of the trash, with all below it that went there with it."""
        if self.deleted_at is None:
            return
        with transaction.atomic():
            together = self.descendants(deleted_at=self.deleted_at)
            if self.parent is not None and self.parent.deleted_at is not None:
                self.parent = None
            project = self._home()
            for task in (self, *together):
                task.change(by, deleted_at=None, project=project)

    def _home(self) -> Project:
        """Where a restored task belongs: with its parent, else where it was, else in its owner's Inbox."""
        project = self.parent.project if self.parent is not None else self.project
        return project if project.deleted_at is None else Project.objects.inbox_of(self.owner)

    def duplicate(self, by: Actor, parent: Task | None = None) -> Task:
        """Save an open copy outside any series, with copies of the living subtasks, under the same parent."""
        with transaction.atomic():
            copy = Task(project=self.project, parent=parent or self.parent)
            for name in COPIED:
                setattr(copy, name, getattr(self, name))
            copy.tags = list(self.tags)
            copy.reminders = [{**wish, "id": str(uuid7())} for wish in self.reminders]
            copy.save(by=by)
            for subtask in self.living_subtasks().select_related("project", "owner"):
                subtask.duplicate(by, copy)
        return copy

    def announce(self, kind: Kind, details: Mapping[str, Any], by: Actor = SYSTEM, **columns: Any) -> None:
        """Record an event that changes nothing of the task itself, such as a comment on it.

        ``columns`` are bookkeeping columns to store with it. Raises StaleTask like ``save``.
        """
        with transaction.atomic():
            for name, value in columns.items():
                setattr(self, name, value)
            self._change = TaskChange(self, kind, by, clock.now(), details=details)
            self.version += 1
            self._write(update_fields=["version", *columns])

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Move the task to the trash. ``Task.objects.purge`` is what removes the row, 30 days later."""
        self.trash(by=SYSTEM)
        return 1, {self._meta.label: 1}

    # --- What a task is -------------------------------------------------------------------------------

    @property
    def is_completed(self) -> bool:
        return self.status == Status.COMPLETED

    @property
    def is_open(self) -> bool:
        return not self.is_completed and self.deleted_at is None

    @property
    def is_recurring(self) -> bool:
        return self.recurring_task_id is not None

    @property
    def series(self) -> RecurringTask | None:
        """The series that it is an occurrence of, unless that has ended."""
        series = self.recurring_task
        return series if series is not None and series.deleted_at is None else None

    @property
    def is_overdue(self) -> bool:
        return self.is_open and self.deadline_at is not None and self.deadline_at <= timezone.now()

    @property
    def is_due_soon(self) -> bool:
        now = timezone.now()
        return self.is_open and self.deadline_at is not None and now < self.deadline_at <= now + DUE_SOON

    def is_before_deadline(self, now: datetime) -> bool:
        return self.deadline_at is not None and now < self.deadline_at

    def living_subtasks(self) -> TaskQuerySet:
        return Task.objects.filter(parent=self, deleted_at=None)

    def descendants(self, **state: Any) -> list[Task]:
        """The subtasks in a state, theirs in that state, and so on; the nearer ones first."""
        found: dict[UUID, Task] = {self.pk: self}
        level = [self.pk]
        while level:
            below = Task.objects.filter(parent__in=level, **state).exclude(pk__in=found)
            fresh = {task.pk: task for task in below.select_related("project", "owner")}
            found |= fresh
            level = list(fresh)
        return list(found.values())[1:]

    def reminder_times(self) -> dict[str, datetime]:
        """When each reminder of an open task fires, by the id of its entry; empty for any other task."""
        if not self.is_open:
            return {}
        times = {wish["id"]: fire_time(wish, self.start_of_due()) for wish in self.reminders}
        return {wish: at for wish, at in times.items() if at is not None}

    def start_of_due(self) -> datetime | None:
        """The instant from which reminders count back; on a date without a time that is its morning."""
        if self.due_date is None or not self.due_all_day:
            return self.due_date
        return datetime.combine(self.due_date.date(), MORNING, self.owner.zone).astimezone(UTC)

    def deadline(self) -> datetime | None:
        """The instant after which the task is overdue, worked out from its due date and its owner's zone."""
        if self.due_date is None or not self.due_all_day:
            return self.due_date
        return datetime.combine(self.due_date + timedelta(days=1), time(), self.owner.zone).astimezone(UTC)

    def clean(self) -> None:
        """Check what concerns several fields at once. Raises ValidationError naming the field."""
        self.tags = clean_tags(self.tags)
        self.reminders = clean_wishes(self.reminders)
        if self.due_all_day and self.due_date is None:
            raise ValidationError({"due_all_day": _("Give a due date, or leave this out.")})
        if self.parent is not None:
            self._check_parent(self.parent)
        if not self._is_assignee_a_member():
            raise ValidationError({"assignee": _("This person is not a member of the project.")})

    def _is_assignee_a_member(self) -> bool:
        """Whether whoever is to do it sees it; true of a task that is nobody's."""
        return self.assignee_id is None or self.project.memberships.filter(user=self.assignee_id).exists()

    def _check_parent(self, parent: Task) -> None:
        if parent.project_id != self.project_id:
            raise ValidationError({"parent": _("A subtask is in the project of its parent.")})
        above: Task | None = parent
        while above is not None:
            if above.pk == self.pk:
                raise ValidationError({"parent": _("A task cannot be its own subtask.")})
            above = above.parent

    # --- Saving ---------------------------------------------------------------------------------------

    def _settle(self, now: datetime) -> None:
        self.title = self.title.strip()
        self.owner_id = self.project.owner_id
        moved = self._saved.get("project_id", self.project_id) != self.project_id
        if moved and not self._is_assignee_a_member():
            self.assignee = None
        self.position = self.position or position_at_end(now)
        if self.due_date is None:
            self.due_all_day = False
        elif self.due_all_day:
            self.due_date = datetime.combine(self.due_date.date(), time(), UTC)
        if not self.is_completed:
            self.completed_at = None
        elif self.completed_at is None:
            self.completed_at = now
        self._leave_ended_series()
        deadline = self.deadline()
        if deadline != self.deadline_at:
            self.deadline_at = deadline
            self.due_soon_told = self.overdue_told = False

    def _leave_ended_series(self) -> None:
        """What is reopened or restored after its series ended is like what was open then: it repeats no more."""
        if self.is_open and not self._state.adding and self.series is None:
            self.recurring_task = self.occurrence_at = None

    def _describe(self, by: Actor, now: datetime, fields: Mapping[str, tuple[Any, Any]]) -> TaskChange:
        return TaskChange(self, "created" if self._state.adding else kind_of(fields), by, now, fields)

    def _follow_up(self, change: TaskChange) -> None:
        """Plan the reminders again where they moved, and hand an edit on to the series."""
        if change.kind == "created":
            if self.reminders:
                Reminder.objects.plan(self, change.occurred_at)
            return
        if PLANNING & set(change.fields):
            Reminder.objects.plan(self, change.occurred_at)
        if "project_id" in change.fields:
            self.living_subtasks().change(change.actor, project=self.project)
        if self.recurring_task is not None:
            self.recurring_task.follow(change)

    def plan_again(self) -> None:
        """Bring the deadline and the reminders in line after the owner's clock moved."""
        self.deadline_at = self.deadline()
        Reminder.objects.plan(self, timezone.now())
