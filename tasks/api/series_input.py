"""What a program sends about a recurring task, and how it becomes a series."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework.exceptions import ValidationError

from accounts.actor import Actor
from accounts.models import User, validate_time_zone
from accounts.strict_fields import Line, Text, Truth, Whole, Word
from accounts.strictness import StrictSerializer
from tasks.api.fields import (
    Clock,
    Day,
    PriorityWord,
    ProjectId,
    Reminders,
    RuleText,
    Tags,
    Weekdays,
)
from tasks.api.rules import TYPES, chosen_rule, clamped
from tasks.models import Anchor, Priority, Project, RecurringTask
from tasks.models.task import DESCRIPTION_LENGTH, TITLE_LENGTH
from tasks.recurrence import RuleError
from tasks.recurrence.rule import MAX_INTERVAL


class SeriesInput(StrictSerializer):
    """A recurring task as a program writes it: with ``recurrence_type`` and what goes with it, or with ``rrule``.

    ``start_date`` is today unless given. Without ``partial`` what is missing gets its default; the project stays.
    """

    title = Line(TITLE_LENGTH)
    description = Text(max_length=DESCRIPTION_LENGTH, allow_blank=True, trim_whitespace=False, default="")
    priority = PriorityWord(default=Priority.LOW.value)
    tags = Tags(default=list)
    reminders = Reminders(default=list, help_text="Only minutes_before: they are for every occurrence.")
    project = ProjectId(required=False, help_text="The Inbox unless given.")
    recurrence_type = Word(TYPES, required=False)
    recurrence_interval = Whole(1, MAX_INTERVAL, required=False, help_text="1 unless given.")
    weekdays = Weekdays(required=False, help_text="With recurrence_type weekly.")
    rrule = RuleText(required=False, help_text="Instead of recurrence_type: a rule of RFC 5545.")
    anchor = Word(Anchor.values, default=Anchor.SCHEDULE.value)
    start_date = Day(required=False)
    start_time = Clock(allow_null=True, default=None, help_text="null: due all day")
    end_date = Day(allow_null=True, default=None, help_text="The last possible date.")
    time_zone = Text(required=False, validators=[validate_time_zone], help_text="Yours unless given.")
    is_active = Truth(default=True, help_text="false pauses the series.")

    output_only: ClassVar[frozenset[str]] = frozenset(
        {"id", "next_due_at", "last_created_at", "created_at", "updated_at"}
    )

    def validate_reminders(self, wishes: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if any("at" in wish for wish in wishes):
            raise ValidationError("A recurring task has reminders of the form minutes_before only.")
        return wishes

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        series: RecurringTask | None = self.instance
        if not self.partial:
            attrs.setdefault("time_zone", self._user.time_zone)
            attrs.setdefault("start_date", self._user.today())
        present = series.rule if series else None
        rule = chosen_rule(attrs, present, self.partial)
        for name in ("recurrence_type", "recurrence_interval", "weekdays"):
            attrs.pop(name, None)
        start, end = self._value(attrs, "start_date"), self._value(attrs, "end_date")
        if end is not None and end < start:
            raise ValidationError({"end_date": ["The end lies before the start."]})
        attrs["rrule"] = str(clamped(rule, start))
        return attrs

    def _value(self, attrs: dict[str, Any], name: str) -> Any:
        return attrs[name] if name in attrs else getattr(self.instance, name)

    def begin(self, by: Actor) -> RecurringTask:
        """Make the series and its first occurrence. Raises ValidationError."""
        fields = dict(self.validated_data)
        is_active = fields.pop("is_active")
        fields["project"] = fields.get("project") or Project.objects.inbox_of(self._user)
        series = RecurringTask(**fields)
        try:
            series.begin(by)
        except RuleError as error:
            raise ValidationError({"rrule": [str(error)]}) from error
        if not is_active:
            series.pause()
        return series

    def revise(self, series: RecurringTask) -> None:
        """Change the series; occurrences that exist stay as they are. Raises ValidationError."""
        fields = {
            name: value for name, value in self.validated_data.items() if getattr(series, name) != value
        }
        is_active = fields.pop("is_active", None)
        if "project" in fields:
            fields["owner"] = fields["project"].owner
        if fields:
            series.revise(**fields)
        if is_active is not None:
            series.resume() if is_active else series.pause()

    @property
    def _user(self) -> User:
        user: User = self.context["user"]
        return user
