"""The words in which the story of the demo is written.

A time is "-9 18:40": a day counted from today and the time on the account's clock. A due date may leave the time
out: "3" is the whole day in three days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from accounts.actor import Door
from tasks.models import Anchor, Priority

INBOX = ""  # where a plan is that names no project

Verb = Literal["start", "complete", "reopen", "trash", "restore", "change"]


@dataclass(frozen=True)
class Step:
    """What somebody did with a task later on. ``fields`` are what a "change" sets; "due" among them is a text."""

    when: str
    verb: Verb
    door: Door = "web"
    fields: Mapping[str, Any] = field(default_factory=dict)


def start(when: str) -> Step:
    return Step(when, "start")


def done(when: str, door: Door = "web") -> Step:
    return Step(when, "complete", door)


def change(when: str, **fields: Any) -> Step:
    return Step(when, "change", fields=fields)


@dataclass(frozen=True)
class Plan:
    """A task: when it was written down, and what became of it. ``reminders`` are minutes before it is due."""

    title: str
    made: str
    project: str = INBOX
    due: str = ""
    priority: Priority = Priority.LOW
    tags: tuple[str, ...] = ()
    description: str = ""
    reminders: tuple[int, ...] = ()
    steps: tuple[Step, ...] = ()
    subtasks: tuple[Plan, ...] = ()
    door: Door = "web"


@dataclass(frozen=True)
class Habit:
    """A recurring task, begun on the first day of the story; each occurrence is done at ``done_at`` of its day."""

    title: str
    project: str
    rrule: str
    done_at: str
    at: str = ""
    anchor: Anchor = Anchor.SCHEDULE
    priority: Priority = Priority.LOW
    tags: tuple[str, ...] = ()
    reminders: tuple[int, ...] = ()
