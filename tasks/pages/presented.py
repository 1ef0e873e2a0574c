"""What templates show of a task, each part worked out when it is shown, on the reader's clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString

from accounts.models import User
from tasks.attaching.kinds import endings_of_allowed
from tasks.markdown import Box, render
from tasks.mentions import Handles
from tasks.models import Anchor, Attachment, Comment, RecurringTask, Task
from tasks.models.comment import handles_of
from tasks.models.reminder import fire_time
from tasks.pages.conflicts import shown as digest
from tasks.pages.snoozing import SNOOZES
from tasks.wording import (
    distance_words,
    due_words,
    moment_words,
    priority_rank,
    priority_words,
    reminder_words,
    repeat_words,
)

NEXT_DATES = 3  # shown beside a rule
LATEST = 5  # occurrences shown of a series


def seen_of(task: Task) -> str:
    """What a box of a checklist carries along: which description it was shown in."""
    return digest({"description": task.description})


@dataclass(frozen=True)
class ShownReminder:
    """An entry of ``Task.reminders``. ``fired`` is when it was sent, None if it was not."""

    id: str
    words: str
    at: str
    fired: datetime | None


@dataclass
class ShownComment:
    """A comment as others read it; the ``handles`` in it are mentions."""

    row: Comment
    handles: Handles

    @property
    def pk(self) -> UUID:
        return self.row.pk

    @property
    def author(self) -> User:
        return self.row.author

    @property
    def at(self) -> str:
        return moment_words(self.row.created_at)

    @property
    def html(self) -> SafeString:
        return render(self.row.text, self.handles)


@dataclass
class ShownAttachment:
    """A file on a task."""

    row: Attachment

    @property
    def pk(self) -> UUID:
        return self.row.pk

    @property
    def name(self) -> str:
        return self.row.name

    @property
    def size(self) -> int:
        return self.row.size

    @property
    def person(self) -> str:
        return self.row.uploaded_by.get_full_name()

    @property
    def at(self) -> str:
        return moment_words(self.row.created_at)

    @property
    def icon(self) -> str:
        return "image" if self.row.content_type.startswith("image/") else "file-text"


@dataclass
class ShownTask:
    """A task for one reader, who may change it or only look."""

    task: Task
    can_edit: bool

    @property
    def rank(self) -> int:
        return priority_rank(self.task.priority)

    @property
    def priority(self) -> str:
        return priority_words(self.task.priority)

    @property
    def due(self) -> str:
        return due_words(self.task.due_date, self.task.due_all_day) if self.task.due_date else ""

    @property
    def due_distance(self) -> str:
        return distance_words(self.task.due_date, self.task.due_all_day) if self.task.due_date else ""

    @property
    def due_tone(self) -> str:
        return "danger" if self.task.is_overdue else "ok" if self.task.is_due_soon else ""

    @property
    def completed(self) -> str:
        return moment_words(self.task.completed_at) if self.task.completed_at else ""

    @property
    def description(self) -> SafeString:
        return render(self.task.description, box=self._box if self.can_edit else None)

    def _box(self, number: int, box: Box) -> SafeString:
        """An item of a checklist in the description, to be ticked."""
        context = {"task": self.task, "number": number, "box": box, "seen": seen_of(self.task)}
        return render_to_string("tasks/task/_box.html", context)

    @cached_property
    def reminders(self) -> list[ShownReminder]:
        fired = (
            {row.wish: row.fired_at for row in self.task.reminder_rows.all()} if self.task.reminders else {}
        )
        start = self.task.start_of_due()
        shown = []
        for wish in self.task.reminders:
            at = fire_time(wish, start) if "minutes_before" in wish else None
            shown.append(
                ShownReminder(wish["id"], reminder_words(wish), self._near_due(at), fired.get(wish["id"]))
            )
        return shown

    def _near_due(self, at: datetime | None) -> str:
        """A time beside "15 min before"; with its day where that is not the day on which the task is due."""
        if at is None or self.task.due_date is None:
            return ""
        local = timezone.localtime(at)
        due = self.task.due_date if self.task.due_all_day else timezone.localtime(self.task.due_date)
        return date_format(local, "H:i") if local.date() == due.date() else moment_words(at)

    @property
    def snoozes(self) -> list[tuple[str, str]]:
        return [(length, str(words)) for length, (words, _until) in SNOOZES.items()]

    @cached_property
    def subtasks(self) -> list[Task]:
        return list(self.task.living_subtasks().order_by("position", "pk"))

    @cached_property
    def comments(self) -> list[ShownComment]:
        rows = list(self.task.comments.select_related("author"))
        handles = handles_of(self.task) if any("@" in row.text for row in rows) else Handles(())
        return [ShownComment(row, handles) for row in rows]

    @cached_property
    def attachments(self) -> list[ShownAttachment]:
        return [ShownAttachment(row) for row in self.task.attachments.select_related("uploaded_by")]

    @property
    def can_attach(self) -> bool:
        return self.can_edit and settings.ATTACHMENT_QUOTA_BYTES > 0

    @property
    def most_bytes(self) -> int:
        return int(settings.ATTACHMENT_MAX_BYTES)

    @property
    def endings(self) -> str:
        return endings_of_allowed()

    @property
    def subtasks_done(self) -> int:
        return sum(subtask.is_completed for subtask in self.subtasks)

    @cached_property
    def series(self) -> ShownSeries | None:
        return ShownSeries(self.task.series) if self.task.series else None


@dataclass
class ShownSeries:
    """A recurring task. Dates are those of its own zone; without a time they are dates only."""

    series: RecurringTask

    @property
    def words(self) -> str:
        return repeat_words(self.series)

    @cached_property
    def next_dates(self) -> list[str]:
        return [self.date(instant) for instant in self.series.preview(NEXT_DATES)]

    @property
    def next_due(self) -> str:
        return self.date(self.series.next_due_at) if self.series.next_due_at else ""

    @property
    def last_created(self) -> str:
        return moment_words(self.series.last_created_at) if self.series.last_created_at else ""

    @property
    def can_skip(self) -> bool:
        """Whether the next date stands already, as it does when they come by the calendar."""
        return self.series.anchor == Anchor.SCHEDULE and self.series.next_due_at is not None

    @cached_property
    def made(self) -> list[tuple[Task, str]]:
        """The latest occurrences that exist, each with its date."""
        latest = Task.objects.alive().filter(recurring_task=self.series).order_by("-occurrence_at")
        return [(task, self.date(task.occurrence_at)) for task in latest[:LATEST] if task.occurrence_at]

    def preview(self) -> list[str]:
        return [self.date(instant) for instant in self.series.preview()]

    def outlook(self) -> list[str]:
        return [self.date(instant) for instant in self.series.outlook()]

    def date(self, instant: datetime) -> str:
        fields = self.series.due_fields(instant)
        return due_words(fields["due_date"], fields["due_all_day"])
