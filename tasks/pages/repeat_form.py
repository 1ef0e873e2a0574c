"""The form for how a task repeats: begins a series that the task is the first occurrence of, or changes it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from accounts.actor import Actor
from accounts.models import User
from tasks.models import RecurringTask, Task
from tasks.pages.dates import due_on, shown_on_clock
from tasks.pages.property_forms import PropertyForm
from tasks.pages.repeat_fields import UNITS, RepeatFields, Repetition, fields_of


class RepeatForm(PropertyForm, RepeatFields):
    def __init__(self, task: Task, user: User, data: Any = None) -> None:
        self.day, self.at = shown_on_clock(task.due_date, task.due_all_day, user)
        super().__init__(task, user, data)

    def filled_in(self) -> dict[str, Any]:
        if self.task.series is None:
            return {"every": 1, "unit": "week", "time": self.at, "ends": "never"}
        return fields_of(Repetition.of(self.task.series))

    def clean(self) -> None:
        if self.task.series is not None:
            RecurringTask.objects.check_editable(self.task.series, self.user)
        self.read_repetition(self._start(), self.user)

    def _start(self) -> date:
        """From when a rule counts: a series keeps its start unless it now counts in another unit."""
        series = self.task.series
        if series is not None and UNITS.get(self.cleaned_data.get("unit", "")) is series.rule.freq:
            return series.start_date
        return self.day or timezone.localdate(timezone=self.user.zone)

    def current(self) -> Any:
        return None if self.task.series is None else Repetition.of(self.task.series)

    def value(self) -> Any:
        return self.repetition

    def save(self, by: Actor) -> None:
        series = self.task.series
        if series is not None:
            series.revise(**self.repetition.columns())
            return
        wanted = self.repetition
        self.task.due_date, self.task.due_all_day = due_on(wanted.start, wanted.time, self.user)
        RecurringTask.grow_from(self.task, str(wanted.rule), by, self.user.zone, wanted.anchor)

    def draft(self) -> RecurringTask:
        """The series as these fields would make it; not saved."""
        series = self.task.series
        zone = series.time_zone if series else self.user.time_zone
        return RecurringTask(
            project=self.task.project, title=self.task.title, time_zone=zone, **self.repetition.columns()
        )
