"""Events of the system's own, many at a time: as ``Task.announce``, with a few statements for all of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.db import connections, models

from accounts.actor import SYSTEM
from tasks import clock
from tasks.changes import Kind, StaleTask, TaskChange
from tasks.models import Task
from tasks.signals import tasks_changed

Rows = TypeVar("Rows", bound="models.QuerySet[Any]")


@dataclass(frozen=True)
class Announcement:
    """What is told of a task; ``task`` is an instance that no other announcement has."""

    task: Task
    kind: Kind
    details: Mapping[str, Any]


def unclaimed(rows: Rows, *of: str) -> Rows:
    """Lock rows until the transaction ends, without those that somebody else is at.

    Nobody is waited for, so whoever holds a task for long holds up no other. SQLite's one writer is lock enough.
    """
    if connections[rows.db].features.has_select_for_update_skip_locked:
        return rows.select_for_update(of=of, skip_locked=True)
    return rows


def announce(announcements: Sequence[Announcement], **columns: Any) -> None:
    """Tell all of these and store bookkeeping columns with them. To be called in the transaction of the lock.

    Several of one task are told in their order, one version each. Raises StaleTask, for all of them, when a task is
    not at the version that it was read at.
    """
    if not announcements:
        return
    steps: Counter[UUID] = Counter()
    read = {each.task.pk: each.task for each in announcements}
    before = {pk: task.version for pk, task in read.items()}
    for each in announcements:
        steps[each.task.pk] += 1
        each.task.version += steps[each.task.pk]
    _write(read, before, steps, columns)
    now = clock.now()
    changes = [TaskChange(each.task, each.kind, SYSTEM, now, details=each.details) for each in announcements]
    tasks_changed.send(sender=Task, changes=changes)


def _write(
    read: Mapping[UUID, Task],
    before: Mapping[UUID, int],
    steps: Mapping[UUID, int],
    columns: Mapping[str, Any],
) -> None:
    """The version is checked inside the UPDATE itself; tasks at the same version share one."""
    alike: dict[tuple[int, int], list[UUID]] = defaultdict(list)
    for pk, version in before.items():
        alike[version, version + steps[pk]].append(pk)
    for (version, after), keys in alike.items():
        current = Task.objects.filter(pk__in=keys, version=version)
        if models.QuerySet.update(current, version=after, **columns) != len(keys):
            raise StaleTask(read[keys[0]])
