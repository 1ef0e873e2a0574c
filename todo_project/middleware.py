"""What every request gets: an id that people can quote, a trace, and the user's time zone.

What only pages need is not worked out for programs (``accounts.programs``).
"""

import re
import zoneinfo
from collections.abc import Callable
from http import HTTPStatus
from typing import cast

from csp import middleware as csp
from csp.constants import HEADER as POLICY_HEADER
from csp.utils import build_policy
from django.conf import settings
from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.middleware import locale
from django.utils import timezone, translation
from uuid_utils.compat import uuid7

from accounts.programs import ForPeople, is_program
from events import tracing
from todo_project.logs import request_id

GetResponse = Callable[[HttpRequest], HttpResponse]
ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestIdMiddleware:
    """Takes the caller's ``X-Request-ID`` or makes one, logs under it and returns it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        identity = given if ACCEPTABLE_ID.fullmatch(given) else str(uuid7())
        token = request_id.set(identity)
        try:
            response = self.get_response(request)
        finally:
            request_id.reset(token)
        response["X-Request-ID"] = identity
        return response


class TraceMiddleware:
    """Continues the caller's trace (``traceparent``), or starts one: all events of a request share it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with tracing.continued(request.headers.get("traceparent", "")):
            return self.get_response(request)


class SessionMiddleware(ForPeople, sessions.SessionMiddleware):
    """Sessions of people."""


class AuthenticationMiddleware(ForPeople, auth.AuthenticationMiddleware):
    """Who a session is of."""


class LocaleMiddleware(locale.LocaleMiddleware):
    """Asks what language a page is wanted in. Programs are answered in one language, whatever they accept."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_program(request):
            return cast(HttpResponse, super().__call__(request))
        with translation.override(settings.LANGUAGE_CODE):  # not that of the page before, in this thread
            response = cast(HttpResponse, self.get_response(request))
        response.headers.setdefault("Content-Language", settings.LANGUAGE_CODE)
        return response


class MessageMiddleware(ForPeople, messages.MessageMiddleware):
    """Messages on the next page."""


class UserTimeZoneMiddleware:
    """Shows a page in the time zone and the language of the person who reads it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_program(request) or not request.user.is_authenticated:
            return self.get_response(request)
        user = request.user
        with timezone.override(zoneinfo.ZoneInfo(user.time_zone)), translation.override(user.locale):
            return self.get_response(request)


class SessionEndedMiddleware:
    """Refuses a script's request of somebody whose session ended, where a page would lead to signing in.

    A script would follow, and put the sign-in page into a part of the page that is open.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_script = "HTTP_HX_REQUEST" in request.META and not is_program(request)
        if is_script and not request.user.is_authenticated and response.status_code == HTTPStatus.FOUND:
            return HttpResponseForbidden()
        return response


class CSPMiddleware(csp.CSPMiddleware):
    """Sends programs the same policy, which for them is made once: their answers allow nothing of their own."""

    def __init__(self, get_response: GetResponse) -> None:
        super().__init__(get_response)
        self._policy = build_policy()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_program(request):
            return cast(HttpResponse, super().__call__(request))
        response = cast(HttpResponse, self.get_response(request))
        response.headers.setdefault(POLICY_HEADER, self._policy)
        return response
