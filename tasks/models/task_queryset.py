"""Sets of tasks: who sees which, what is due, and the ways to change many that record every change."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connections, models, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.actor import SYSTEM, Actor
from accounts.models import User
from tasks.models.conditions import (
    DUE_SOON,
    is_due_before,
    is_due_from,
    is_due_soon,
    is_open,
    is_overdue,
    repeats,
)
from tasks.search import HasText, WordsOfTask
from tasks.signals import tasks_changed

if TYPE_CHECKING:
    from tasks.models.task import Task

WRITE_ROLES = ("editor", "owner")


class TaskQuerySet(models.QuerySet["Task"]):
    """``visible_to`` is where every door begins: what it leaves out does not exist for that person."""

    # --- Who -------------------------------------------------------------------------------------------

    def visible_to(self, user: User) -> TaskQuerySet:
        """The living tasks of the projects that a person is a member of."""
        return self.alive().filter(project__memberships__user=user)

    def editable_by(self, user: User) -> TaskQuerySet:
        """The living tasks that a person may change."""
        return self.alive().writable_by(user)

    def trashed_by(self, user: User) -> TaskQuerySet:
        """What a person can restore."""
        return self.in_trash().writable_by(user)

    def writable_by(self, user: User) -> TaskQuerySet:
        """The tasks, in the trash or not, of the projects whose tasks a person may change."""
        return self.filter(project__memberships__user=user, project__memberships__role__in=WRITE_ROLES)

    # --- Which -----------------------------------------------------------------------------------------

    def alive(self) -> TaskQuerySet:
        return self.filter(deleted_at=None)

    def in_trash(self) -> TaskQuerySet:
        return self.filter(deleted_at__isnull=False)

    def open(self) -> TaskQuerySet:
        return self.filter(is_open())

    def completed(self) -> TaskQuerySet:
        return self.filter(status="completed")

    def outermost(self) -> TaskQuerySet:
        """Without the subtasks of open tasks, which are shown there."""
        return self.filter(Q(parent=None) | Q(parent__status="completed"))

    def overdue(self, now: datetime, is_so: bool = True) -> TaskQuerySet:
        """Open and past their deadline; with ``is_so=False`` all others."""
        late = is_overdue(now)
        return self.filter(late if is_so else ~late)

    def due_soon(self, now: datetime, is_so: bool = True) -> TaskQuerySet:
        """Open and due within the next 24 hours; with ``is_so=False`` all others."""
        soon = is_due_soon(now)
        return self.filter(soon if is_so else ~soon)

    def untold_overdue(self, now: datetime) -> TaskQuerySet:
        """What the scheduler has yet to tell as overdue, the oldest first (served by ``pending_overdue``)."""
        waiting = self.filter(overdue_told=False, deleted_at=None, completed_at=None)
        return waiting.filter(deadline_at__lte=now).order_by("deadline_at")

    def untold_due_soon(self, now: datetime) -> TaskQuerySet:
        """What it has yet to tell as due soon, the most urgent first (served by ``pending_due_soon``)."""
        waiting = self.filter(due_soon_told=False, deleted_at=None, completed_at=None)
        return waiting.filter(deadline_at__gt=now, deadline_at__lte=now + DUE_SOON).order_by("deadline_at")

    def recurring(self, is_so: bool = True) -> TaskQuerySet:
        """Occurrences of a series that has not ended; with ``is_so=False`` all others."""
        return self.filter(repeats() if is_so else ~repeats())

    def due_before(self, moment: datetime) -> TaskQuerySet:
        """Due earlier than an instant. A date without a time must be over by then, in the instant's zone."""
        return self.filter(is_due_before(moment))

    def due_from(self, moment: datetime) -> TaskQuerySet:
        """Due at an instant or later: everything with a due date that is not ``due_before`` it."""
        return self.filter(is_due_from(moment))

    def due_until_end_of(self, user: User, now: datetime) -> TaskQuerySet:
        """Due today by a person's own calendar, or before: what their Today shows."""
        today = user.today(now)
        midnight = datetime.combine(today, time(), UTC)
        tomorrow = datetime.combine(today + timedelta(days=1), time(), user.zone)
        return self.filter(
            Q(due_all_day=True, due_date__lte=midnight) | Q(due_all_day=False, due_date__lt=tomorrow)
        )

    def due_after_today_of(self, user: User, now: datetime) -> TaskQuerySet:
        """Due on a later day of a person's own calendar: what their Upcoming shows."""
        today = user.today(now)
        midnight = datetime.combine(today, time(), UTC)
        tomorrow = datetime.combine(today + timedelta(days=1), time(), user.zone)
        return self.filter(
            Q(due_all_day=True, due_date__gt=midnight) | Q(due_all_day=False, due_date__gte=tomorrow)
        )

    def tagged(self, tag: str) -> TaskQuerySet:
        return self.filter(tags__has=tag)

    def search(self, words: str) -> TaskQuerySet:
        """Title or description contains the text, in any case."""
        return self.filter(HasText(WordsOfTask(), words))

    def locked(self) -> TaskQuerySet:
        """Lock the rows until the transaction ends; SQLite's one writer is lock enough."""
        if connections[self.db].features.has_select_for_update:
            return self.select_for_update(of=("self",), no_key=True)  # rows may be added that refer to these
        return self

    def lock(self) -> list[Task]:
        """Read the tasks under their locks, to be called in a transaction.

        By key, so that two that change the same tasks wait for each other instead of dead-locking.
        """
        return list(self.locked().select_related("project", "owner").order_by("pk"))

    # --- Changing many ---------------------------------------------------------------------------------

    def change(self, by: Actor, **fields: Any) -> int:
        """Set fields on every task, each with its event. Returns how many tasks there were."""
        for name, value in fields.items():
            if hasattr(value, "resolve_expression"):
                raise TypeError(
                    f"{name}: an expression would change tasks without an event that says to what. "
                    "Change the tasks one by one."
                )
        with transaction.atomic():
            tasks = self.lock()
            for task in tasks:
                task.change(by, **fields)
        return len(tasks)

    def update(self, **fields: Any) -> int:
        """As ``change``, by the system: an UPDATE of many rows would go round the events."""
        return self.change(SYSTEM, **fields)

    def trash(self, by: Actor) -> int:
        """Move every task to the trash, each with its event. Returns how many tasks there were."""
        with transaction.atomic():
            tasks, now = self.lock(), timezone.now()
            for task in tasks:
                if task.parent_id:  # its parent may have taken it along a moment ago
                    task.refresh_from_db()
                task.trash(by, now)
        return len(tasks)

    def delete(self) -> tuple[int, dict[str, int]]:
        """As ``trash``, by the system."""
        count = self.trash(SYSTEM)
        return count, {self.model._meta.label: count}

    def bulk_create(
        self,
        objs: Iterable[Task],
        batch_size: int | None = None,
        ignore_conflicts: bool = False,
        update_conflicts: bool = False,
        update_fields: Collection[str] | None = None,
        unique_fields: Collection[str] | None = None,
    ) -> list[Task]:
        """Insert many with one statement, and their events with another. Nothing is ignored or overwritten."""
        if ignore_conflicts or update_conflicts:
            raise TypeError("Tasks cannot be inserted over others: that would go round the events.")
        tasks = list(objs)
        with transaction.atomic():
            for task in tasks:
                task.prepare(SYSTEM)
            super().bulk_create(tasks, batch_size)
            if tasks:
                tasks_changed.send(sender=self.model, changes=[task.followed_through() for task in tasks])
        return tasks

    def bulk_update(self, objs: Iterable[Task], fields: Iterable[str], batch_size: int | None = None) -> int:
        """Save these fields of every task, each with its event. Returns how many tasks there were."""
        tasks = sorted(objs, key=lambda task: task.pk)
        with transaction.atomic():
            for task in tasks:
                task.save(update_fields=fields)
        return len(tasks)

    def purge(self) -> int:
        """Remove tasks that are in the trash from the database; their history stays in the event log.

        Returns how many tasks there were.
        """
        with transaction.atomic():
            # Locked before they go, so that one that is being restored stays.
            keys = [task.pk for task in self.in_trash().locked().order_by("pk")]
            removed = models.QuerySet.delete(self.model._default_manager.filter(pk__in=keys))[1]
        return removed.get(self.model._meta.label, 0)

    def follow_time_zone_of(self, user: User) -> None:
        """Work out again when a person's dates without a time begin and end. No task changes by that."""
        with transaction.atomic():
            for task in self.alive().open().filter(owner=user, due_all_day=True).lock():
                task.owner = user
                models.QuerySet.update(self.filter(pk=task.pk), deadline_at=task.deadline())
                task.plan_again()

    def follow_owner(self, owner: User) -> None:
        """Let tasks go by another owner's clock: dates without a time begin and end by it. No task changes by that."""
        with transaction.atomic():
            models.QuerySet.update(self, owner=owner)
            self.follow_time_zone_of(owner)

    def get_current(self, pk: UUID | str) -> Task:
        """One task, read under its lock so that a change of it cannot be stale. Raises Task.DoesNotExist."""
        return self.locked().select_related("project", "owner", "recurring_task").get(pk=pk)
