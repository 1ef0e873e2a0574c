"""What every page shows around its content."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from notifications.models import Notification
from tasks.sidebar import Sidebar
from todo_project.logs import request_id


def shell(request: HttpRequest) -> dict[str, Any]:
    """``unread_notifications`` and ``lists`` are read once and together, and only by pages that show them."""
    lists: Any = SimpleLazyObject(lambda: _lists(request))
    return {
        "request_id": request_id.get(),
        "signup_open": settings.SIGNUP_OPEN,
        "unread_notifications": SimpleLazyObject(lambda: lists.number("unread") if lists else 0),
        "lists": lists,
    }


def _lists(request: HttpRequest) -> Sidebar | None:
    user = request.user
    return (
        Sidebar(user, unread=Notification.objects.filter(user=user).unread())
        if isinstance(user, User)
        else None
    )
