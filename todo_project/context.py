"""What every page shows around its content."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from todo_project.logs import request_id


def shell(request: HttpRequest) -> dict[str, Any]:
    return {"request_id": request_id.get(), "signup_open": settings.SIGNUP_OPEN}
