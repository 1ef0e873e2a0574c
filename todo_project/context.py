"""What every page shows around its content."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from notifications.models import unread_count
from tasks.sidebar import Sidebar
from todo_project.logs import request_id


def shell(request: HttpRequest) -> dict[str, Any]:
    """``unread_notifications`` and ``lists`` are read once, and only by pages that show them."""
    return {
        "request_id": request_id.get(),
        "signup_open": settings.SIGNUP_OPEN,
        "unread_notifications": SimpleLazyObject(lambda: _unread(request)),
        "lists": SimpleLazyObject(lambda: _lists(request)),
    }


def _unread(request: HttpRequest) -> int:
    return unread_count(request.user) if isinstance(request.user, User) else 0


def _lists(request: HttpRequest) -> Sidebar | None:
    return Sidebar(request.user) if isinstance(request.user, User) else None
