"""What happens to the sharing of a project, for whoever wants to know. ``events`` turns it into project events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from accounts.actor import Actor
from tasks.signals import sharing_changed

if TYPE_CHECKING:
    from tasks.models.project import Project


@dataclass(frozen=True)
class SharingChange:
    """``kind`` is the event's type without its "project.", ``details`` what that event says besides the project."""

    kind: str
    project: Project
    actor: Actor
    details: Mapping[str, Any]


def announce(kind: str, project: Project, by: Actor, **details: Any) -> None:
    """Tell of a change, inside its transaction."""
    sharing_changed.send(type(project), change=SharingChange(kind, project, by, details))
