"""Who made a change, and through which door. Every event carries one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from accounts.models import User

Door = Literal["web", "api", "admin", "system"]


@dataclass(frozen=True)
class Actor:
    """``id`` is the user's UUID as text, None for the system itself; ``name`` is what people read."""

    id: str | None
    name: str
    via: Door

    @classmethod
    def of(cls, user: User, via: Door) -> Actor:
        return cls(str(user.pk), user.get_full_name(), via)


SYSTEM = Actor(None, "System", "system")
