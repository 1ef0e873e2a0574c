"""When the database could not do it now, and the same request can succeed a moment later.

Either it ended one of two transactions that got in each other's way, or it is away.
"""

from __future__ import annotations

from collections.abc import Callable

import psycopg
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework.exceptions import APIException

RETRY_AFTER = 1  # seconds
# PostgreSQL's serialization_failure, deadlock_detected and lock_not_available:
# https://www.postgresql.org/docs/15/errcodes-appendix.html
STATES = {"40001", "40P01", "55P03"}
# admin_shutdown, crash_shutdown, cannot_connect_now, too_many_connections; and class 08, connection exceptions.
AWAY_STATES = {"57P01", "57P02", "57P03", "53300"}


def is_contention(error: BaseException) -> bool:
    """Whether the same request can succeed if it is sent again."""
    if not isinstance(error, OperationalError):
        return False
    cause = error.__cause__
    name = getattr(cause, "sqlite_errorname", "")
    return getattr(cause, "sqlstate", "") in STATES or name.startswith("SQLITE_BUSY")


def is_away(error: BaseException | None) -> bool:
    """Whether PostgreSQL was not to be reached, or ended the session. Whether a commit came through is then unknown."""
    cause = getattr(error, "__cause__", None)
    if not isinstance(error, (OperationalError, InterfaceError)) or not isinstance(cause, psycopg.Error):
        return False
    state = cause.sqlstate
    return state is None or state.startswith("08") or state in AWAY_STATES


class Busy(APIException):
    """The answer of the API to contention."""

    status_code = 503
    default_detail = "Somebody else changed the same things at this moment. Nothing was saved; send it again."
    default_code = "busy"
    wait = RETRY_AFTER


class Away(APIException):
    """The answer of the API while the database is away."""

    status_code = 503
    default_detail = (
        "The database does not answer at this moment. Reading can be tried again at any time; "
        "before a change is sent again, see whether it was saved, or use an Idempotency-Key."
    )
    default_code = "away"
    wait = RETRY_AFTER


class ContentionMiddleware:
    """The answer of the pages to contention. While the database is away, ``server_error`` answers."""

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
