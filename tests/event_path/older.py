"""The role ``events`` of a version that does not know ``task.restored`` yet, and has an older ``task.deleted``."""

from __future__ import annotations

from events.types import EVENT_TYPES, TaskDeleted

del EVENT_TYPES["task.restored"]
TaskDeleted.VERSION = 0

from todo_project.wsgi import application  # noqa: E402

__all__ = ["application"]
