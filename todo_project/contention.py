"""When the database ends one of two transactions that got in each other's way: nothing was saved, ask again."""

from __future__ import annotations

from collections.abc import Callable

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework.exceptions import APIException

RETRY_AFTER = 1  # seconds
# PostgreSQL's serialization_failure, deadlock_detected and lock_not_available:
# https://www.postgresql.org/docs/15/errcodes-appendix.html
STATES = {"40001", "40P01", "55P03"}


def is_contention(error: BaseException) -> bool:
    """Whether the same request can succeed if it is sent again."""
    if not isinstance(error, OperationalError):
        return False
    cause = error.__cause__
    name = getattr(cause, "sqlite_errorname", "")
    return getattr(cause, "sqlstate", "") in STATES or name.startswith("SQLITE_BUSY")


class Busy(APIException):
    """The answer of the API."""

    status_code = 503
    default_detail = "Somebody else changed the same things at this moment. Nothing was saved; send it again."
    default_code = "busy"
    wait = RETRY_AFTER


class ContentionMiddleware:
    """The answer of the pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not is_contention(error):
            return None
        response = render(request, "503.html", status=Busy.status_code)
        response["Retry-After"] = str(RETRY_AFTER)
        return response
