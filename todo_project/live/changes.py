"""What changed, as the event log has it, and who may know of it now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

import msgspec
from django.db.models import Count
from django.utils import timezone

from events.models import TaskEventLog
from notifications.models import Notification
from tasks.models import Membership, Task

# Workers write the log at the same time, so an entry may appear a moment after one with a higher id. What is younger
# than this is read again: a page that is told twice of one version does nothing the second time.
SETTLED: Final = timedelta(seconds=2)
JUST_NOW: Final = timedelta(seconds=5)  # a page that has just opened may have been made before this
MOST: Final = 500  # entries read at once; a page that missed more loads itself again as a whole
RECENT: Final = 200


class Entry(NamedTuple):
    """An entry of the log; ``id`` is its position."""

    id: int
    task_id: UUID
    type: str
    version: int
    logged_at: datetime


class Change(msgspec.Struct, frozen=True):
    """What an open page is told: which task is at which version now, and what happened."""

    task: UUID
    kind: str
    version: int


class News(msgspec.Struct, frozen=True, omit_defaults=True):
    """``unread`` is the number of unread notifications; None where it did not change. ``reset``: too much changed."""

    position: int
    changes: list[Change] = []
    unread: int | None = None
    reset: bool = False


def read(after: int) -> tuple[list[Entry], int]:
    """The entries after a position, and the position up to which nothing can appear any more."""
    rows = TaskEventLog.objects.filter(id__gt=after).order_by("id").values_list(*Entry._fields)
    entries = [Entry._make(row) for row in rows[:MOST]]
    if len(entries) == MOST:
        return entries, entries[-1].id
    before = timezone.now() - SETTLED
    return entries, max((entry.id for entry in entries if entry.logged_at <= before), default=after)


def position(age: timedelta) -> int:
    """The position of so long ago, or a somewhat later one where very much happened since."""
    rows = TaskEventLog.objects.order_by("-id").values_list("id", "logged_at")[:RECENT]
    before, first = timezone.now() - age, 0
    for first, logged_at in rows:
        if logged_at <= before:
            return first
    return max(first - 1, 0)


def readers(entries: Sequence[Entry]) -> dict[UUID, list[Change]]:
    """Who may see the tasks of these entries now, in the trash or not, each with what they may know."""
    projects = dict(
        Task.objects.filter(pk__in={entry.task_id for entry in entries}).values_list("pk", "project")
    )
    members = Membership.objects.filter(project__in=set(projects.values()), user__is_active=True)
    of_project: dict[UUID, list[UUID]] = defaultdict(list)
    for project, user in members.values_list("project", "user"):
        of_project[project].append(user)
    told: dict[UUID, list[Change]] = defaultdict(list)
    for entry in entries:
        for user in of_project[projects[entry.task_id]] if entry.task_id in projects else ():
            told[user].append(Change(entry.task_id, entry.type, entry.version))
    return told


def seen_by(user_id: UUID, entries: Sequence[Entry]) -> list[Change]:
    """As ``readers``, for one person. One query, and none where nothing changed."""
    if not entries:
        return []
    tasks = Task.objects.filter(pk__in={entry.task_id for entry in entries})
    visible = set(tasks.filter(project__memberships__user=user_id).values_list("pk", flat=True))
    return [Change(entry.task_id, entry.type, entry.version) for entry in entries if entry.task_id in visible]


def unread_of(people: Iterable[UUID]) -> dict[UUID, int]:
    """How many notifications each of these people has not read (served by ``unread_notifications``)."""
    wanted = list(people)
    rows = Notification.objects.filter(user__in=wanted).unread().order_by().values_list("user")
    return dict.fromkeys(wanted, 0) | dict(rows.annotate(number=Count("pk")))
