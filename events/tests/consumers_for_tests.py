"""Consumers whose handlers note what they see and fail on demand."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from events.consumers import Consumer
from events.envelope import Event
from events.types import TASK_EVENTS, USER_EVENTS

# Event ids: what was handled, in order; and what each is to fail with.
inside: list[UUID] = []
outside: list[UUID] = []
poison: dict[UUID, BaseException] = {}

TABLE = {
    "audit": Consumer(TASK_EVENTS | USER_EVENTS, "events.audit.write_event_log"),
    "inside": Consumer(TASK_EVENTS, "events.tests.consumers_for_tests.handle_inside"),
    "outside": Consumer(
        frozenset({"task.created"}), "events.tests.consumers_for_tests.handle_outside", outside=True
    ),
}


def forget() -> None:
    inside.clear()
    outside.clear()
    poison.clear()


def handle_inside(events: Sequence[Event]) -> None:
    for event in events:
        _fail_on_poison(event)
    inside.extend(event.id for event in events)


def handle_outside(event: Event) -> None:
    _fail_on_poison(event)
    outside.append(event.id)


def _fail_on_poison(event: Event) -> None:
    if event.id in poison:
        raise poison[event.id]
