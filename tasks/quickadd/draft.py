"""What was taken from the line so far, and whether there is room for more."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tasks.quickadd.marks import Importance, Mark, Project, Reminder, Tag
from tasks.quickadd.parsed import Priority
from tasks.quickadd.repeats import Repeat
from tasks.quickadd.when import When

Statement = Mark | When | Repeat


@dataclass(frozen=True, slots=True)
class Found:
    """An expression that was taken, and where it stands in the text."""

    statement: Statement
    start: int
    end: int


@dataclass
class Draft:
    """A task in the making. What comes first counts, and what collides with it stays text."""

    found: list[Found] = field(default_factory=list)
    backslashes: set[int] = field(default_factory=set)  # where they stand, those that escaped something
    project: str | None = None
    surplus_project: str | None = None
    tags: dict[str, str] = field(
        default_factory=dict
    )  # by their spelling without case, so each is there once
    priority: Priority | None = None
    reminders: list[int] = field(default_factory=list)
    when: When = field(default_factory=When)
    repeat: Repeat | None = None

    def take(self, candidate: Found) -> None:
        """Record the expression if there is room for it."""
        if self._record(candidate.statement):
            self.found.append(candidate)

    def _record(self, statement: Statement) -> bool:
        match statement:
            case Project(name):
                return self._record_project(name)
            case Importance(priority):
                if self.priority is not None:
                    return False
                self.priority = priority
            case Tag(name):
                self.tags.setdefault(name.casefold(), name)
            case Reminder(minutes):
                self.reminders.append(minutes)
            case When():
                return self._record_when(statement)
            case Repeat():
                return self._record_repeat(statement)
        return True

    def _record_project(self, name: str) -> bool:
        if self.project is None:
            self.project = name
            return True
        self.surplus_project = self.surplus_project or name
        return False

    def _record_when(self, when: When) -> bool:
        if when.instant and (self._has_day or self._has_time):
            return False
        if (when.day and self._has_day) or (when.time is not None and self._has_time):
            return False
        known = self.when
        self.when = When(
            known.day or when.day,
            when.time if known.time is None else known.time,
            known.instant or when.instant,
            known.is_loose or when.is_loose,
        )
        return True

    def _record_repeat(self, repeat: Repeat) -> bool:
        if self._has_day or (repeat.time is not None and self._has_time):
            return False
        self.repeat = repeat
        if repeat.time is not None:
            self.when = replace(self.when, time=repeat.time)
        return True

    @property
    def _has_day(self) -> bool:
        return self.when.names_day or self.repeat is not None

    @property
    def _has_time(self) -> bool:
        return self.when.time is not None or self.when.instant is not None
