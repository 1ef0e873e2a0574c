"""Requests of programs: to the API, with a bearer token, and not for a page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin


def is_program(request: HttpRequest) -> bool:
    """Whether the request stands or falls with its token: the API refuses a wrong one even beside a session."""
    sent = request.META
    by_token = sent.get("HTTP_AUTHORIZATION", "")[:7].lower() == "bearer "
    return by_token and request.path.startswith("/api/") and "text/html" not in sent.get("HTTP_ACCEPT", "")


class ForPeople(MiddlewareMixin):
    """A middleware of pages that a program's request passes by: it has no session and no messages.

    To be named before the middleware that it is mixed into. ``request.user`` is then what the API's own
    authentication makes it.
    """

    def __call__(self, request: HttpRequest) -> Any:
        if is_program(request):
            return self.get_response(request)
        return super().__call__(request)
