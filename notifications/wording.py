"""What a notification says, in its reader's language and on their clock.

A text is kept and read later, so it names no "today" or "tomorrow": a time alone is of the day on which it
was written, any other day is named.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from accounts.models import User
from events.types import (
    CommentWritten,
    TaskAssigned,
    TaskCommented,
    TaskCommentEdited,
    TaskDueSoon,
    TaskOverdue,
    TaskReminderDue,
    TaskState,
)
from notifications.kinds import Kind
from tasks.models import Priority
from tasks.scheduler import late_seconds

Scheduled = TaskReminderDue | TaskDueSoon | TaskOverdue
Telling = Scheduled | TaskAssigned | TaskCommented | TaskCommentEdited
KINDS: dict[type[Telling], Kind] = {
    TaskReminderDue: Kind.REMINDER,
    TaskDueSoon: Kind.DUE_SOON,
    TaskOverdue: Kind.OVERDUE,
    TaskAssigned: Kind.ASSIGNED,
    TaskCommented: Kind.MENTIONED,
    TaskCommentEdited: Kind.MENTIONED,
}
EXCERPT = 280  # characters of a comment


@dataclass(frozen=True)
class Words:
    """``title`` says what, ``body`` when, ``detail`` where."""

    title: str
    body: str
    detail: str


def words_for(event: Telling, reader: User, now: datetime) -> Words:
    """What a person is told of an event at an instant."""
    with translation.override(reader.locale), timezone.override(reader.zone):
        title = f"{KINDS[type(event)].label}: {' '.join(event.task.title.split())}"
        return Words(title, _body(event, now), _detail(event.task))


def _body(event: Telling, now: datetime) -> str:
    if isinstance(event, TaskReminderDue):
        return _reminder(event, now)
    if isinstance(event, TaskAssigned):
        return " ".join([_("By %(name)s.") % {"name": event.actor.name}, _due(event.task, now)]).strip()
    if isinstance(event, CommentWritten):
        return f"{event.actor.name}: {_excerpt(event.text)}"
    if isinstance(event, TaskDueSoon):
        return " ".join([_due(event.task, now), *_late(event, now)])
    return _overdue(event, now)


def _reminder(event: TaskReminderDue, now: datetime) -> str:
    sentences = []
    if delay := _delay(event, now):
        when = clock(event.fire_at, now)
        sentences.append(_("%(delay)s late: it was due %(when)s.") % {"delay": span(delay), "when": when})
    if event.task.due_date is not None:
        sentences.append(_due(event.task, now))
    elif not sentences:
        sentences.append(_("You wanted to be reminded %(when)s.") % {"when": clock(event.fire_at, now)})
    return " ".join(sentences)


def _due(task: TaskState, now: datetime) -> str:
    """When a task is or was due; "" when it is not."""
    if task.due_date is None:
        return ""
    when = {"when": _when_due(task, now)}
    if task.due_all_day:
        return _("The task is due %(when)s.") % when
    left = task.due_date - now
    if not _minutes(left):
        return _("The task is due now.")
    if left < timedelta():
        return _("The task was due %(when)s.") % when
    return _("The task is due %(when)s (in %(left)s).") % {**when, "left": span(left)}


def _overdue(event: TaskOverdue, now: datetime) -> str:
    when = {"when": _when_due(event.task, now)}
    if delay := _delay(event, now):
        return _("This comes %(delay)s late: it was due %(when)s.") % {**when, "delay": span(delay)}
    return _("It was due %(when)s.") % when


def _excerpt(text: str) -> str:
    """The beginning of a comment, as one line."""
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT else f"{line[:EXCERPT].rstrip()}…"


def _late(event: Scheduled, now: datetime) -> list[str]:
    delay = _delay(event, now)
    return [_("This comes %(delay)s late.") % {"delay": span(delay)}] if delay else []


def _delay(event: Scheduled, now: datetime) -> timedelta:
    """How late the reader learns of it: the scheduler's delay and that of the way here, if worth mentioning."""
    return timedelta(seconds=event.late_seconds + late_seconds(now - event.occurred_at))


def _when_due(task: TaskState, now: datetime) -> str:
    if task.due_date is None:
        return ""
    # A date without a time is the same date in every zone.
    return _on(task.due_date.date(), now) if task.due_all_day else clock(task.due_date, now)


def _detail(task: TaskState) -> str:
    priority = Priority[task.priority.upper()]
    important = [str(priority.label)] if priority > Priority.LOW else []
    return " · ".join([task.project_name, *important, *(f"@{tag}" for tag in task.tags)])


# --- Times ---------------------------------------------------------------------------------------------


def clock(instant: datetime, now: datetime) -> str:
    """An instant on the clock of the current zone: "at 14:15", "on Sat 21 Nov at 14:15"."""
    local = timezone.localtime(instant)
    time = {"time": date_format(local, "H:i")}
    if local.date() == timezone.localdate(now):
        return _("at %(time)s") % time
    return _("%(day)s at %(time)s") % {**time, "day": _on(local.date(), now)}


def _on(day: date, now: datetime) -> str:
    same_year = day.year == timezone.localdate(now).year
    return _("on %(day)s") % {"day": date_format(day, _("D j M") if same_year else _("D j M Y"))}


def span(length: timedelta) -> str:
    """A length of time to the minute, in words: "25 minutes", "1 hour, 30 minutes", "2 days"."""
    start = timezone.now()
    return timesince(start, start + timedelta(minutes=_minutes(length))).replace("\xa0", " ")


def _minutes(length: timedelta) -> int:
    return round(length.total_seconds() / 60)
