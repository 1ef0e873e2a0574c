"""What becomes of a series when one of its occurrences is deleted, or is open again after all.

A series that counts from completion would stop without a word if its open occurrence were deleted: the next one is
made then, counted from that moment. What followed on a completion or deletion that was taken back goes again, unless
somebody has touched it or its time has come. Tasks are locked before their series, as everywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tasks import clock
from tasks.changes import TaskChange
from tasks.models.task import Status, Task

if TYPE_CHECKING:
    from accounts.actor import Actor
    from tasks.models.recurring import RecurringTask

MADE_AT: Final = 2  # the version of an occurrence that was made and that nothing happened to


def follow(series: RecurringTask, change: TaskChange) -> None:
    """Bring a series in line with what happened to one of its occurrences."""
    task = change.task
    if change.kind == "deleted" and task.status != Status.COMPLETED:
        _make_up_for(series, task)
    elif change.kind in {"reopened", "restored"} and task.is_open:
        _take_back_after(series, task, change.actor)


def made_after(task: Task) -> Task | None:
    """The open occurrence that was made because of this one, in a series that counts from completion."""
    series, at = task.series, task.occurrence_at
    if series is None or at is None or not series.counts_from_completion:
        return None
    return Task.objects.alive().open().filter(recurring_task=series, occurrence_at__gt=at).first()


def _make_up_for(series: RecurringTask, deleted: Task) -> None:
    current = series.under_lock()
    at = deleted.occurrence_at
    if at is None or not current.counts_from_completion or not current.goes_on or current.has_later_than(at):
        return
    current.plan_after(clock.now(), at)
    current.make_next()


def _take_back_after(series: RecurringTask, task: Task, by: Actor) -> None:
    if task.occurrence_at is None:
        return
    later = Task.objects.filter(recurring_task=series, occurrence_at__gt=task.occurrence_at)
    found = later.lock()
    current = series.under_lock()
    if len(found) != 1 or not _is_untouched(found[0]) or current.made_by_now(found[0]):
        return
    (following,), due_at = found, found[0].occurrence_at
    following.recurring_task = following.occurrence_at = None
    following.trash(by)
    current.unmake(due_at)


def _is_untouched(task: Task) -> bool:
    """Whether only the system had to do with a task: it made it, and told when it was due."""
    told = task.due_soon_told + task.overdue_told + task.reminder_rows.exclude(fired_at=None).count()
    return task.is_open and task.version == MADE_AT + told and not task.living_subtasks().exists()
