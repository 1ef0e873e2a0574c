"""What a program sends about a task, and how it becomes changes of the task and its series."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.core.exceptions import ValidationError as ModelError
from rest_framework.exceptions import ValidationError

from accounts.actor import Actor
from accounts.models import User
from accounts.strict_fields import Line, Text, Truth, Word
from accounts.strictness import StrictSerializer
from tasks.api.fields import (
    Instant,
    Moment,
    ParentId,
    PersonId,
    Position,
    PriorityWord,
    ProjectId,
    Reminders,
    RuleText,
    Tags,
    keep_identities,
)
from tasks.api.moments import stored
from tasks.api.rules import clamped
from tasks.models import Priority, Project, RecurringTask, Status, Task
from tasks.models.recurring import local_start
from tasks.models.reminder import clean_wishes
from tasks.models.task import DESCRIPTION_LENGTH, TITLE_LENGTH
from tasks.recurrence import Rule

NO_RULE: Final = "Give daily, weekly, monthly, yearly, or a rule such as FREQ=WEEKLY;BYDAY=MO."
# What the fields of a series are called in a task.
NAMES_OF_SERIES: Final = {"rrule": "recurrence_rule", "start_date": "due_date", "start_time": "due_date"}


class TaskInput(StrictSerializer):
    """A task as a program writes it.

    Without ``partial`` what is missing gets its default, except ``project`` and ``position``: they say where a
    task is and not what it is, so a task stays where it is until it is moved.
    """

    title = Line(TITLE_LENGTH)
    description = Text(max_length=DESCRIPTION_LENGTH, allow_blank=True, trim_whitespace=False, default="")
    status = Word(Status.values, default=Status.PENDING.value)
    priority = PriorityWord(default=Priority.LOW.value)
    tags = Tags(default=list)
    due_date = Moment(allow_null=True, default=None)
    due_all_day = Truth(required=False, help_text="Follows from due_date; it may be sent if it agrees.")
    project = ProjectId(required=False, help_text="The Inbox unless given.")
    assignee = PersonId(allow_null=True, default=None)
    parent = ParentId(allow_null=True, default=None)  # type: ignore[assignment]
    position = Position(required=False)
    reminders = Reminders(default=list)
    reminder_at = Instant(
        required=False, allow_null=True, help_text="Short for one reminder at an instant.", write_only=True
    )
    is_recurring = Truth(required=False, help_text="false ends the series; true needs a recurrence_rule.")
    recurrence_rule = RuleText(
        required=False,
        allow_null=True,
        help_text="A task whose due date has passed moves to the first date of the rule from today on.",
    )

    output_only: ClassVar[frozenset[str]] = frozenset(
        {"id", "is_due_soon", "is_overdue", "recurring_task", "completed_at", "created_at", "updated_at", "version"}
    )  # fmt: skip
    moving: ClassVar[frozenset[str]] = frozenset({"is_due_soon", "is_overdue"})

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        errors: dict[str, str] = {}
        for settle in (self._settle_due, self._settle_reminders, self._settle_recurrence):
            errors |= settle(attrs)
        if errors:
            raise ValidationError({name: [text] for name, text in errors.items()})
        return attrs

    def _settle_due(self, attrs: dict[str, Any]) -> dict[str, str]:
        claimed = attrs.pop("due_all_day", None)
        if "due_date" in attrs:
            attrs["due_date"], attrs["due_all_day"] = stored(attrs["due_date"])
        is_so = attrs.get("due_all_day", getattr(self.instance, "due_all_day", False))
        if claimed is None or claimed == is_so:
            return {}
        return {"due_all_day": "This follows from due_date: a date is all day, an instant is not."}

    def _settle_reminders(self, attrs: dict[str, Any]) -> dict[str, str]:
        if "reminder_at" not in attrs:
            return {}
        if "reminders" in self.initial_data:
            return {"reminder_at": "Give either reminders or reminder_at."}
        at = attrs.pop("reminder_at")
        present = self.instance.reminders if self.instance else []
        attrs["reminders"] = keep_identities(clean_wishes([{"at": at}]), present) if at else []
        return {}

    def _settle_recurrence(self, attrs: dict[str, Any]) -> dict[str, str]:
        """Put the rule to have into ``attrs["rule"]``, None to end the series; leave it out to keep it."""
        is_wanted, rule = attrs.pop("is_recurring", None), attrs.pop("recurrence_rule", ...)
        if is_wanted is False and isinstance(rule, Rule):
            return {"recurrence_rule": "A task that is not recurring has no rule. Leave one of them out."}
        keeps = self.partial and rule is ... and is_wanted is not False
        if (
            is_wanted
            and not isinstance(rule, Rule)
            and not (keeps and self.instance and self.instance.series)
        ):
            return {"recurrence_rule": NO_RULE}
        if not keeps:
            attrs["rule"] = rule if isinstance(rule, Rule) else None
        return {}

    def create_task(self, by: Actor) -> Task:
        """Make the task. Raises ValidationError (the model's or the API's) with nothing kept by the caller."""
        fields = dict(self.validated_data)
        rule, is_done = fields.pop("rule", None), fields["status"] == Status.COMPLETED
        assignee = fields.pop("assignee")
        if is_done:
            fields["status"] = Status.PENDING
        task = Task(**{**fields, "project": fields.get("project") or self._default_project(fields["parent"])})
        if task.project.owner_id == self._user.pk:
            task.owner = self._user
        task.clean()
        task.save(by=by)
        if rule is not None:
            repeat(task, rule, by, self._user)
        if assignee is not None:  # afterwards, so that being given a task is an event of its own
            task.assignee = assignee
            task.clean()
            task.save(by=by)
        if is_done:  # after the series has begun, so that its next occurrence follows as from any completion
            task.complete(by)
        return task

    def change_task(self, task: Task, by: Actor) -> None:
        """Change the task and its series. Raises ValidationError (the model's or the API's)."""
        fields = dict(self.validated_data)
        rule = fields.pop("rule", ...)
        ending = task.series if rule is None else None
        if ending:
            _check_editable(ending, self._user)
            fields |= {"recurring_task": None, "occurrence_at": None}
        done = {"status": fields.pop("status")} if isinstance(rule, Rule) and "status" in fields else {}
        for name, value in fields.items():
            setattr(task, name, value)
        task.clean()
        task.save(by=by)
        if ending:
            ending.end(by)
        elif isinstance(rule, Rule):
            repeat(task, rule, by, self._user, moved="due_date" in self.initial_data)
        if done:
            task.change(by, **done)

    @property
    def _user(self) -> User:
        user: User = self.context["user"]
        return user

    def _default_project(self, parent: Task | None) -> Project:
        if parent is not None:
            return parent.project
        inbox = Project.objects.inbox_of(self._user)
        inbox.owner = self._user
        return inbox


def repeat(task: Task, rule: Rule, by: Actor, user: User, moved: bool = False) -> None:
    """Let a saved task repeat by a rule: begin a series, or change the one that it belongs to.

    ``moved`` says that the due date was given with the rule, so the series counts from there.
    """
    series = task.series
    zone = series.zone if series else user.zone
    start_date, start_time = user.today(), None
    if task.due_date is not None:
        start_date, start_time = local_start(task.due_date, task.due_all_day, zone)
    try:
        if series is None:
            RecurringTask.grow_from(task, str(clamped(rule, start_date)), by, user.zone)
            return
        text = str(clamped(rule, start_date if moved else series.start_date))
        if text != series.rrule:
            _check_editable(series, user)
            start = {"start_date": start_date, "start_time": start_time} if moved else {}
            series.revise(rrule=text, **start)
    except ModelError as error:
        raise ValidationError(
            {NAMES_OF_SERIES.get(name, name): texts for name, texts in error.message_dict.items()}
        ) from error


def _check_editable(series: RecurringTask, user: User) -> None:
    try:
        RecurringTask.objects.check_editable(series, user)
    except ModelError as error:
        raise ValidationError({"recurrence_rule": error.messages}) from error
