"""The statistics consumer: notes who created, completed and reopened what, in any order and each once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final, cast
from uuid import UUID

from events.envelope import Event
from events.models import Deed, DeedKind, Projection
from events.statistics.zones import Zones
from events.types import TaskEvent

KINDS: Final = {
    "task.created": DeedKind.CREATED,
    "task.completed": DeedKind.COMPLETED,
    "task.reopened": DeedKind.REOPENED,
}


def count(events: Sequence[Event]) -> None:
    """Note a batch of events in every build that there is.

    Where there is none yet, nothing is lost: the first one reads what came before it.
    """
    note(list(Projection.objects.values_list("pk", flat=True)), events)


def note(projections: Sequence[int], events: Sequence[Event]) -> None:
    """Note events in some builds; what one has already stays as it is."""
    told = [cast("TaskEvent", event.data) for event in events if event.envelope.type in KINDS]
    if not (projections and told):
        return
    zones = Zones({_who(data) for data in told}, min(data.occurred_at for data in told))
    rows = [deed for data in told for projection in projections for deed in _deeds(data, projection, zones)]
    Deed.objects.bulk_create(rows, ignore_conflicts=True)


def _who(data: TaskEvent) -> UUID:
    return data.actor.id or data.user_id


def _deeds(data: TaskEvent, projection: int, zones: Zones) -> Iterator[Deed]:
    day = data.occurred_at.astimezone(zones.at(_who(data), data.occurred_at)).date()
    for kind in _kinds(data):
        yield Deed(
            projection=projection,
            user_id=_who(data),
            kind=kind,
            day=day,
            task_id=data.task_id,
            version=data.version,
            project_id=data.task.project,
            tags=data.task.tags,
            on_time=_on_time(data, day) if kind == DeedKind.COMPLETED else None,
        )


def _kinds(data: TaskEvent) -> Iterator[DeedKind]:
    yield KINDS[data.TYPE]
    if KINDS[data.TYPE] == DeedKind.CREATED and data.task.status == "completed":
        yield DeedKind.COMPLETED  # a program may note what is done already


def _on_time(data: TaskEvent, day: date) -> bool | None:
    due = data.task.due_date
    if due is None:
        return None
    return day <= due.date() if data.task.due_all_day else data.occurred_at <= due
