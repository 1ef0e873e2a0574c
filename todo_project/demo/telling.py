"""Tells the story: in the order of its moments, each through the methods that people's doors call.

Whatever is due in between fires on its own time, and every event has its effects before the next moment. So the
result is what a month of use would have left, event by event, and not rows that look like it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any, Literal
from uuid import UUID

from django.db.models import F, QuerySet

from accounts.actor import Actor, Door
from accounts.models import User
from events import consumers
from events.envelope import decode
from events.models import OutboxEvent
from events.types import NotificationEvent, TaskEvent, UserEvent
from notifications.kinds import Channel, Kind
from notifications.models import Notification, Preference
from tasks import clock, scheduler
from tasks.models import Project, RecurringTask, Reminder, Status, Task
from tasks.models.conditions import DUE_SOON
from tasks.recurrence.wallclock import to_utc
from todo_project.demo import story
from todo_project.demo.plans import INBOX, Habit, Plan, Step

READ_AFTER = timedelta(minutes=12)  # how long a notification waits for its reader
UNREAD = timedelta(days=2)  # what is newer still waits


@dataclass(frozen=True)
class Moment:
    at: datetime
    act: Callable[[], None]


def is_told(user: User) -> bool:
    """Whether the story has been told in an account. Its projects stay as rows even when they were deleted."""
    return Project.objects.filter(owner=user, name__in=story.PROJECTS, is_inbox=False).exists()


class Telling:
    """The telling of the story in one account, from ``days`` ago up to ``now``. To be called in a transaction.

    ``carried`` is the outbox id after which events of the account are to be carried to their effects.
    """

    def __init__(self, user: User, now: datetime, days: int, carried: int) -> None:
        self.user, self.now, self.days = user, now, days
        self.today = user.today(now)
        self.projects: dict[str, Project] = {}
        self.tasks: dict[str, UUID] = {}  # by "made title", which no two plans share
        self.series: dict[str, UUID] = {}
        self._reached = self.instant(f"{-days} 07:00")
        self._carried = carried

    def tell(self) -> None:
        # Nobody is to get mails about made-up tasks, now or when their reminders come.
        Preference.objects.choose(self.user.pk, {(kind, Channel.EMAIL): False for kind in Kind})
        moments = [moment for moment in self._moments() if moment.at <= self.now]
        for moment in sorted(moments, key=lambda moment: moment.at):
            self._reach(moment.at)
            self._do(moment.at, moment.act)
        self._reach(self.now)
        self._read_notifications()

    # --- The moments -----------------------------------------------------------------------------------

    def instant(self, when: str) -> datetime:
        """ "-9 18:40" as an instant."""
        day, _, at = when.partition(" ")
        local = datetime.combine(self.today + timedelta(days=int(day)), time.fromisoformat(at))
        return to_utc(local, self.user.zone)

    def due(self, when: str) -> dict[str, Any]:
        """A due date of the story as the fields of a task."""
        if " " in when:
            return {"due_date": self.instant(when), "due_all_day": False}
        day = self.today + timedelta(days=int(when))
        return {"due_date": datetime.combine(day, time(), UTC), "due_all_day": True}

    def actor(self, door: Door) -> Actor:
        return Actor.of(self.user, door)

    def _moments(self) -> Iterator[Moment]:
        yield Moment(self._reached, self._make_projects)
        for habit in story.HABITS:
            yield Moment(self._reached, partial(self._begin, habit))
            for day in range(-self.days, 1):
                at = self.instant(f"{day} {habit.done_at}")
                yield Moment(at, partial(self._do_habit, habit, at))
        for plan in story.plans(self.days):
            yield from self._moments_of(plan)

    def _moments_of(self, plan: Plan, parent: Plan | None = None) -> Iterator[Moment]:
        yield Moment(self.instant(plan.made), partial(self._make, plan, parent))
        for subtask in plan.subtasks:
            yield from self._moments_of(subtask, plan)
        for step in plan.steps:
            yield Moment(self.instant(step.when), partial(self._take, plan, step))

    # --- What happens at them --------------------------------------------------------------------------

    def _make_projects(self) -> None:
        self.projects[INBOX] = Project.objects.inbox_of(self.user)
        for name, colour in story.PROJECTS.items():
            self.projects[name] = Project.objects.create(owner=self.user, name=name, colour=colour)
        Project.objects.filter(owner=self.user).update(created_at=self._reached, updated_at=self._reached)

    def _make(self, plan: Plan, parent: Plan | None) -> None:
        task = Task(
            project=self.projects[plan.project],
            parent_id=None if parent is None else self.tasks[_key(parent)],
            title=plan.title,
            description=plan.description,
            priority=plan.priority,
            tags=list(plan.tags),
            reminders=[{"minutes_before": minutes} for minutes in plan.reminders],
            **(self.due(plan.due) if plan.due else {}),
        )
        task.clean()
        task.save(by=self.actor(plan.door))
        self.tasks[_key(plan)] = task.pk

    def _take(self, plan: Plan, step: Step) -> None:
        task, by = Task.objects.get_current(self.tasks[_key(plan)]), self.actor(step.door)
        match step.verb:
            case "start":
                task.change(by, status=Status.IN_PROGRESS)
            case "complete":
                task.complete(by)
            case "reopen":
                task.reopen(by)
            case "trash":
                task.trash(by)
            case "restore":
                task.restore(by)
            case "change":
                fields = dict(step.fields)
                moved = self.due(fields.pop("due")) if "due" in fields else {}
                task.change(by, **fields, **moved)

    def _begin(self, habit: Habit) -> None:
        series = RecurringTask(
            project=self.projects[habit.project],
            title=habit.title,
            rrule=habit.rrule,
            anchor=habit.anchor,
            priority=habit.priority,
            tags=list(habit.tags),
            reminders=[{"minutes_before": minutes} for minutes in habit.reminders],
            start_date=self.today - timedelta(days=self.days),
            start_time=time.fromisoformat(habit.at) if habit.at else None,
            time_zone=self.user.time_zone,
        )
        series.begin(self.actor("web"))
        self.series[habit.title] = series.pk

    def _do_habit(self, habit: Habit, at: datetime) -> None:
        """Complete what is due by this evening."""
        tonight = datetime.combine(self.user.today(at), time.max, self.user.zone)
        due = Task.objects.alive().open().filter(recurring_task=self.series[habit.title])
        for task in due.filter(occurrence_at__lte=tonight):
            Task.objects.get_current(task.pk).complete(self.actor("web"))

    def _read_notifications(self) -> None:
        old = Notification.objects.filter(user=self.user, created_at__lt=self.now - UNREAD)
        old.update(read_at=F("created_at") + READ_AFTER)

    # --- In between ------------------------------------------------------------------------------------

    def _reach(self, moment: datetime) -> None:
        """Let everything happen that is due by then, each at its own time."""
        while (due := min(self._due_by(moment), key=lambda due: due.at, default=None)) is not None:
            self._do(max(due.at, self._reached), due.act)
        self._reached = moment

    def _due_by(self, moment: datetime) -> Iterator[Moment]:
        """Of each kind, what the scheduler has to fire first in this account, by a moment."""
        for reminder in Reminder.objects.due(moment).filter(task__owner=self.user)[:1]:
            yield Moment(reminder.fire_at, partial(self._fire, reminder))
        mine = Task.objects.filter(owner=self.user)
        for task, deadline in _first(mine.untold_overdue(moment)):
            yield Moment(deadline, partial(self._tell_of, task, "overdue"))
        coming = mine.alive().open().filter(due_soon_told=False, deadline_at__gt=self._reached)
        for task, deadline in _first(
            coming.filter(deadline_at__lte=moment + DUE_SOON).order_by("deadline_at")
        ):
            yield Moment(deadline - DUE_SOON, partial(self._tell_of, task, "due_soon"))
        for series in RecurringTask.objects.due(moment).filter(owner=self.user)[:1]:
            if series.create_at is not None:
                yield Moment(series.create_at, partial(self._make_due, series))

    def _fire(self, reminder: Reminder) -> None:
        scheduler.fire([reminder.pk], self._reached)

    def _tell_of(self, task: Task, kind: Literal["overdue", "due_soon"]) -> None:
        scheduler.tell([task.pk], kind, self._reached)

    def _make_due(self, series: RecurringTask) -> None:
        RecurringTask.make_due(series.pk, self._reached)

    def _do(self, at: datetime, act: Callable[[], None]) -> None:
        """Act, and carry what comes of it, as of an instant."""
        self._reached = at
        with clock.at(at):
            act()
            while self._carry():
                pass

    def _carry(self) -> int:
        """Let the consumers handle this account's new events here. Returns how many there were.

        Whoever carries them again later finds the receipts, so there is one effect of each.
        """
        rows = list(OutboxEvent.objects.filter(id__gt=self._carried).order_by("id"))
        events = [row for row in rows if _account_of(row) == self.user.pk]
        for name, consumer in consumers.registry().items():
            wanted = [row.envelope for row in events if row.type in consumer.types]
            if wanted and consumers.consume_here(name, wanted):
                raise RuntimeError(f"{name} could not handle what happened by {self._reached}.")
        self._carried = rows[-1].pk if rows else self._carried
        return len(events)


def _first(tasks: QuerySet[Task]) -> Iterator[tuple[Task, datetime]]:
    """The first of tasks that have a deadline, with it, where there is one."""
    for task in tasks[:1]:
        if task.deadline_at is not None:
            yield task, task.deadline_at


def _account_of(row: OutboxEvent) -> UUID | None:
    data = decode(row.envelope).data
    return data.user_id if isinstance(data, TaskEvent | UserEvent | NotificationEvent) else None


def _key(plan: Plan) -> str:
    return f"{plan.made} {plan.title}"


def newest_event() -> int:
    """The outbox id after which a telling takes up what it has to carry."""
    return OutboxEvent.objects.order_by("-id").values_list("id", flat=True).first() or 0
