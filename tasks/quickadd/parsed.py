"""What quick add hands back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal

Kind = Literal["due", "repeat", "project", "tag", "priority", "reminder"]
Priority = Literal["low", "medium", "high", "urgent"]
Anchor = Literal["schedule", "completion"]


@dataclass(frozen=True)
class Chip:
    """One understood part of the line.

    ``text`` is ``line[start:end]``, as it was typed; a backslash inserted at ``start`` turns it back into text.
    ``label`` says what was understood, for people.
    """

    kind: Kind
    text: str
    start: int
    end: int
    label: str


@dataclass(frozen=True)
class Parsed:
    """A task as the line states it.

    ``due`` is aware and in UTC. For an all-day task it is midnight UTC of ``due_date``, a floating date.
    ``due_date`` and ``due_time`` are what clocks in the reader's zone show at ``due``. ``rule`` is RRULE text
    without "RRULE:" and ``start`` the naive local start of its series. ``reminders`` are minutes before due.
    ``errors`` are sentences that say why the task cannot be added as it stands.
    """

    title: str
    due: datetime | None
    due_date: date | None
    due_time: time | None
    all_day: bool
    rule: str | None
    anchor: Anchor
    start: datetime | None
    project: str | None
    tags: tuple[str, ...]
    priority: Priority | None
    reminders: tuple[int, ...]
    chips: tuple[Chip, ...]
    errors: tuple[str, ...]
