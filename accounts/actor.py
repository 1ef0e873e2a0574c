"""Who made a change, and through which door. Every event carries one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from django.http import HttpRequest

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

    @classmethod
    def in_request(cls, user: User, request: HttpRequest | None) -> Actor:
        """A person on one of our pages, or in the admin. Without a request it is the web, too."""
        in_admin = request is not None and request.path.startswith("/admin/")
        return cls.of(user, "admin" if in_admin else "web")


SYSTEM = Actor(None, "System", "system")
