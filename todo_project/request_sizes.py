"""No request is read that is larger than any that a page or the API asks for: files are written down as they come."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

FILES_AT_ONCE: Final = 5  # of the largest size, from a form without a script
BESIDES: Final = 1024 * 1024  # bytes of everything else


def most_bytes() -> int:
    """How large a request may be."""
    return FILES_AT_ONCE * int(settings.ATTACHMENT_MAX_BYTES) + BESIDES


class RequestSizeMiddleware:
    """Stands outside of everything that reads a body."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if int(request.META.get("CONTENT_LENGTH") or 0) <= most_bytes():
            return self.get_response(request)
        context = {"files": FILES_AT_ONCE, "most": settings.ATTACHMENT_MAX_BYTES}
        return render(request, "413.html", context, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
