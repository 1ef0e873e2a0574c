"""What a verification found: each thing that is missing or too much, named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID


class Kind(StrEnum):
    NOT_LOGGED = "not_logged"
    NOT_RECEIVED = "not_received"
    NOT_IN_OUTBOX = "not_in_outbox"
    LOGGED_TWICE = "logged_twice"
    RECEIVED_TWICE = "received_twice"
    DIFFERENT = "different"
    LOST = "lost"
    BEYOND = "beyond"
    UNTOLD = "untold"
    REMINDER_UNTOLD = "reminder_untold"
    REMINDER_TOLD_TWICE = "reminder_told_twice"
    REMINDER_NOT_FIRED = "reminder_not_fired"
    NO_SUCCESSOR = "no_successor"


# What a kind says of versions of a task.
SAYS = {
    Kind.NOT_LOGGED: "not in the event log",
    Kind.NOT_RECEIVED: "without a receipt of {consumer}",
    Kind.NOT_IN_OUTBOX: "in the event log, but not in the outbox",
    Kind.LOGGED_TWICE: "more than once in the event log",
    Kind.RECEIVED_TWICE: "with more than one receipt of {consumer}",
    Kind.DIFFERENT: "another event in the log than in the outbox",
    Kind.LOST: "neither in the outbox nor in the log",
    Kind.BEYOND: "beyond the version of the task",
    Kind.UNTOLD: "no event at all",
    Kind.REMINDER_UNTOLD: "a reminder that fired without an event",
    Kind.REMINDER_TOLD_TWICE: "a reminder with more than one event",
    Kind.REMINDER_NOT_FIRED: "the event of a reminder that has not fired",
    Kind.NO_SUCCESSOR: "completed, but the next occurrence was not made",
}
REPAIRABLE = {Kind.NOT_LOGGED, Kind.NOT_RECEIVED, Kind.NOT_IN_OUTBOX, Kind.NO_SUCCESSOR}


@dataclass(frozen=True)
class Finding:
    """``key`` is the task (or user, notification) that it is about; ``event_id`` the event, where there is one."""

    kind: Kind
    key: UUID
    version: int | None = None
    event_id: UUID | None = None
    consumer: str = ""
    about: str = "task"


@dataclass
class Report:
    """What was checked and what came of it. ``on_their_way`` is too young to be missed."""

    tasks: int = 0
    events: int = 0
    entries: int = 0
    on_their_way: int = 0
    in_letters: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not self.findings

    def add(self, findings: Iterable[Finding]) -> None:
        self.findings += findings

    def of(self, *kinds: Kind) -> list[Finding]:
        return [finding for finding in self.findings if finding.kind in kinds]

    def lines(self) -> list[str]:
        """One line for each task and kind: which versions, and what is wrong with them."""
        groups: dict[tuple[str, UUID, str], list[int]] = defaultdict(list)
        for finding in self.findings:
            says = SAYS[finding.kind].format(consumer=finding.consumer)
            groups[finding.about, finding.key, says] += [] if finding.version is None else [finding.version]
        return [f"{about} {key}: {_versions(found)}{says}" for (about, key, says), found in groups.items()]

    def as_json(self) -> dict[str, Any]:
        found = {name: value for name, value in asdict(self).items() if name != "findings"}
        missing = [_plain(finding) for finding in self.findings]
        return {"clean": self.is_clean, **found, "findings": missing}


def _plain(finding: Finding) -> dict[str, Any]:
    values = asdict(finding) | {"key": str(finding.key)}
    if finding.event_id is not None:
        values["event_id"] = str(finding.event_id)
    return {name: value for name, value in values.items() if value not in (None, "")}


def _versions(numbers: Iterable[int]) -> str:
    """``version 3: `` or ``versions 1, 3-5: ``."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    if not runs:
        return ""
    text = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
    return f"version{'s' if len(set(numbers)) > 1 else ''} {text}: "
