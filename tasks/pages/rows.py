"""Tasks as rows of a list: what is read for them, and the words that a row shows to its reader.

A page reads its tasks through :func:`for_rows`, which brings along all that rows need, and shows them with
``tasks/_list.html`` (groups of rows), ``tasks/_group.html`` or ``tasks/_row.html``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Literal, cast

from django.db.models import Count, F, OuterRef, Subquery
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from tasks.models import Anchor, RecurringTask, Status, Task
from tasks.models.task_queryset import WRITE_ROLES, TaskQuerySet
from tasks.recurrence import describe
from tasks.wording import day_words, priority_rank

LIMIT = 200  # rows of one page; a longer list says so and leads to where it can be searched
Tone = Literal["danger", "ok", ""]


def for_rows(tasks: TaskQuerySet) -> TaskQuerySet:
    """Tasks that are ``visible_to`` somebody, with all that their rows show, in one query."""
    below = Task.objects.alive().filter(parent=OuterRef("pk")).order_by().values("parent")
    total = below.annotate(number=Count("pk")).values("number")
    done = below.filter(status=Status.COMPLETED).annotate(number=Count("pk")).values("number")
    return tasks.select_related("project", "owner", "assignee", "parent", "recurring_task").annotate(
        role=F("project__memberships__role"), subtasks_total=Subquery(total), subtasks_done=Subquery(done)
    )


def rows_of(tasks: Iterable[Task], reader: User, now: datetime, **view: object) -> list[Row]:
    """The rows of tasks that were read ``for_rows``. ``view`` goes to each :class:`Row`."""
    clock = Clock(reader, now)
    return [Row(task, clock, **view) for task in tasks]  # type: ignore[arg-type]


@dataclass(frozen=True)
class Clock:
    """Whose calendar and clock rows go by, and when that is."""

    reader: User
    now: datetime

    @cached_property
    def today(self) -> date:
        return self.reader.today(self.now)


@dataclass
class Row:
    """A task for one reader. ``in_project`` leaves out the project, ``under`` the date where it is this one."""

    task: Task
    clock: Clock
    in_project: bool = False
    under: date | None = None
    moves: Literal["", "order", "day"] = ""  # what dragging it in its list changes

    @property
    def rank(self) -> int:
        return priority_rank(self.task.priority)

    @property
    def can_edit(self) -> bool:
        return self.task.role in WRITE_ROLES  # type: ignore[attr-defined]  # annotated by for_rows

    @cached_property
    def day(self) -> date | None:
        """The date of the due date, on the reader's calendar."""
        if self.task.due_date is None:
            return None
        due = self.task.due_date if self.task.due_all_day else timezone.localtime(self.task.due_date)
        return due.date()

    @property
    def day_before(self) -> date | None:
        return self.day - timedelta(days=1) if self.day else None

    @property
    def day_after(self) -> date | None:
        return self.day + timedelta(days=1) if self.day else None

    @property
    def is_late(self) -> bool:
        """Whether it should be done by now, on the reader's own calendar and clock."""
        if self.task.due_date is None or self.task.is_completed or self.day is None:
            return False
        return self.day < self.clock.today if self.task.due_all_day else self.task.due_date <= self.clock.now

    @property
    def tone(self) -> Tone:
        if self.is_late:
            return "danger"
        return "ok" if self.day == self.clock.today and not self.task.is_completed else ""

    @property
    def due(self) -> str:
        """ "14:30" or "Today", "Tomorrow, 9:00", "Wed 18 Nov"."""
        if self.day is None or self.task.due_date is None:
            return ""
        at = "" if self.task.due_all_day else _time(self.task.due_date)
        if at and self.day in {self.clock.today, self.under}:
            return at
        if self.day == self.under:
            return ""
        return f"{_near(self.day, self.clock.today)}, {at}" if at else _near(self.day, self.clock.today)

    @property
    def completed(self) -> str:
        """The time; its day, too, where that is not the one that the row stands under."""
        if self.task.completed_at is None:
            return ""
        day = timezone.localdate(self.task.completed_at)
        at = _time(self.task.completed_at)
        return at if day == self.under else f"{_near(day, self.clock.today)}, {at}"

    @property
    def reminder(self) -> str:
        """When the next reminder fires; only the time on the day on which the task is due."""
        times = self.task.reminder_times().values()
        following = min((at for at in times if at > self.clock.now), default=None)
        if following is None:
            return ""
        day = timezone.localdate(following)
        if day == self.day:
            return _time(following)
        return f"{_near(day, self.clock.today)}, {_time(following)}"

    @property
    def repeat(self) -> str:
        return "" if self.task.series is None else _rule(self.task.series)

    @property
    def next_status(self) -> str:
        """What its tick makes of it."""
        return Status.PENDING if self.task.is_completed else Status.COMPLETED


def by_time(row: Row) -> tuple[Any, ...]:
    """The order of what is due: by day, in a day by time, and what has no time by priority."""
    task = row.task
    return (row.day, task.due_all_day, task.due_date, -task.priority, task.position)


@dataclass
class Group:
    """A heading and its rows. ``id`` is unique on the page.

    ``total`` is how many there are where these are not all; ``note`` stands beside the heading of an empty one.
    A task that is dragged into the group gets ``value`` as what ``sets`` names (a day, a status, …); with "order" it
    only takes another place.
    """

    id: str
    title: str
    rows: list[Row] = field(default_factory=list)
    tone: Tone = ""
    note: str = ""
    total: int | None = None
    sets: str = ""
    value: str = ""
    icon: str = ""

    @property
    def count(self) -> int:
        return len(self.rows) if self.total is None else self.total


def grouped(rows: Iterable[Row], by: Callable[[Row], Group]) -> list[Group]:
    """Rows under their groups; ``by`` names a row's group, and those of the same id become one."""
    groups: dict[str, Group] = {}
    for row in rows:
        group = by(row)
        groups.setdefault(group.id, group).rows.append(row)
    return list(groups.values())


def _time(instant: datetime) -> str:
    return date_format(timezone.localtime(instant), "H:i")


def _near(day: date, today: date) -> str:
    if day == today:
        return _("Today")
    if day == today + timedelta(days=1):
        return _("Tomorrow")
    return _("Yesterday") if day == today - timedelta(days=1) else day_words(day)


def _rule(series: RecurringTask) -> str:
    """The rule without its time, which the due date shows."""
    anchor = cast(Literal["schedule", "completion"], str(Anchor(series.anchor)))
    return describe(series.rule, anchor=anchor, zone=series.zone)
