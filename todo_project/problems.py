"""Errors of the API as RFC 9457 problem documents (``application/problem+json``).

``problem_response`` turns what a view raises into one; ``ProblemMiddleware`` does it for what never reached a
view or failed outside of one, so nothing under ``/api`` answers a program with a page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError as ModelError
from django.http import HttpRequest, HttpResponse, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler

from tasks.api.conflicts import Conflict
from tasks.changes import StaleTask
from todo_project.contention import Away, Busy, is_away, is_contention
from todo_project.logs import request_id

MEDIA_TYPE = "application/problem+json"
WHOLE = str(api_settings.NON_FIELD_ERRORS_KEY)
TITLES = {413: "Content Too Large"}  # RFC 9110's word, which Python knows since 3.13
# The sentences for what Django answers by itself.
DETAILS = {
    400: "The request is not well formed.",
    403: "You may not do this.",
    404: "There is nothing here. The paths of the API are listed at /docs.",
    413: "The request is too large.",
    500: "Something went wrong on our side. Quote the request_id when you report it.",
    503: str(Away.default_detail),
}


def problem_response(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Answer what a view raised; None leaves an unexpected failure to Django, which logs it."""
    response = exception_handler(_as_api_error(error), dict(context))
    if response is None:
        return None
    request = context["request"]
    response.data = document(request, response.status_code, *_explain(response.data))
    renderer = getattr(request, "accepted_renderer", None)
    if renderer is None or renderer.format == "json":
        response.content_type = MEDIA_TYPE
    return response


def document(
    request: HttpRequest, status: int, detail: str, errors: Mapping[str, list[str]] | None = None
) -> dict[str, Any]:
    """The problem itself. ``errors`` has the sentences for each field or parameter that is wrong."""
    title = TITLES.get(status) or HTTPStatus(status).phrase
    problem: dict[str, Any] = {
        "type": f"urn:todo:problem:{title.lower().replace(' ', '-')}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": request.path,
        "request_id": request_id.get(),
    }
    return problem | {"errors": errors} if errors else problem


def refusal(request: HttpRequest, status: int, detail: str, headers: Mapping[str, str]) -> JsonResponse:
    """A problem that is answered before any view is reached."""
    return JsonResponse(
        document(request, status, detail), status=status, content_type=MEDIA_TYPE, headers=dict(headers)
    )


def _as_api_error(error: Exception) -> Exception:
    if isinstance(error, ModelError):
        return exceptions.ValidationError(_messages(error))
    if isinstance(error, StaleTask):
        return Conflict(str(error))
    if is_contention(error):
        return Busy()
    return Away() if is_away(error) else error


def _messages(error: ModelError) -> dict[str, list[str]]:
    return error.message_dict if hasattr(error, "error_dict") else {WHOLE: error.messages}


def _explain(data: Any) -> tuple[str, dict[str, list[str]]]:
    """The detail and the errors by field of what Django REST framework would have answered."""
    if not isinstance(data, Mapping):
        return " ".join(_sentences(data)), {}
    if set(data) == {"detail"}:
        return str(data["detail"]), {}
    errors = {name: _sentences(value) for name, value in data.items()}
    whole = errors.pop(WHOLE, []) + errors.pop("__all__", [])
    if errors:
        whole.append(f"Correct {', '.join(errors)} and send the request again.")
    return " ".join(whole), errors


def _sentences(value: Any) -> list[str]:
    """All texts of a tree of errors, in their order."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if not isinstance(value, list):
        return [str(value)]
    return [text for part in value for text in _sentences(part)]


class ProblemMiddleware:
    """Replaces the pages with which Django refuses requests below ``/api/``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        status = response.status_code
        if status < 400 or not request.path.startswith("/api/") or isinstance(response, Response):
            return response
        if response.get("Content-Type") == MEDIA_TYPE:
            return response
        if settings.DEBUG and status == HTTPStatus.INTERNAL_SERVER_ERROR:
            return response  # Django's own page shows where it failed
        detail = DETAILS.get(status, f"{HTTPStatus(status).phrase}.")
        wait = {name: response[name] for name in ("Retry-After",) if name in response}
        return refusal(request, status, detail, wait)
