"""What daprd asks of us: which topics we want, and to take deliveries.

Source: https://docs.dapr.io/reference/api/pubsub_api/
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

import msgspec
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from events import deliveries, json_schema
from events.topics import subscriptions
from events.types import EVENT_TYPES

MAX_BODY = 32 * 1024 * 1024  # bytes; a full batch of events of the longest tasks is about half of it
TOKEN_HEADER = "dapr-api-token"  # noqa: S105

View = Callable[[HttpRequest], HttpResponse]


class Entry(msgspec.Struct):
    """One event of a bulk delivery, as it was sent."""

    entryId: str
    event: msgspec.Raw = msgspec.Raw(b"null")


class Delivery(msgspec.Struct):
    """A delivery. A single event has no entries; what else is in either is not needed here."""

    entries: list[Entry] | msgspec.UnsetType = msgspec.UNSET


_decode_delivery = msgspec.json.Decoder(Delivery).decode


class Garbage(ValueError):
    """A body in which there is nothing that could be an event. The text says why."""


@require_safe
def subscribe(request: HttpRequest) -> HttpResponse:
    """The topics and their routes. daprd shows its token here, too, where one is set; else it is no secret."""
    if settings.APP_API_TOKEN and not _is_daprd(request):
        return _refusal(403, "This is for daprd.")
    return JsonResponse(subscriptions(), safe=False)


def daprd_only(view: View) -> View:
    """Refuse callers that do not show ``APP_API_TOKEN``; without that setting, everybody."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not _is_daprd(request):
            return _refusal(403, "A delivery needs the app's token.")
        return view(request)

    return guarded


@csrf_exempt
@daprd_only
@require_POST
def deliver(request: HttpRequest) -> HttpResponse:
    """Take one event or a bulk of them; answers a status for each. 500 (the database is away) means again."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY:
        return _refusal(413, f"A delivery has {MAX_BODY} bytes at most.")
    try:
        body = request.read(MAX_BODY).decode()
        entries = _entries(body)
    except ValueError as error:
        return _refusal(400, str(error))
    if entries is None:
        return JsonResponse({"status": deliveries.accept([body])[0]})
    statuses = deliveries.accept([bytes(entry.event).decode() for entry in entries])
    answers = [
        {"entryId": entry.entryId, "status": status} for entry, status in zip(entries, statuses, strict=True)
    ]
    return JsonResponse({"statuses": answers})


def _entries(body: str) -> list[Entry] | None:
    """The entries of a bulk delivery; None for a single event. Raises Garbage."""
    try:
        delivery = _decode_delivery(body)
    except msgspec.ValidationError as error:
        raise Garbage(f"Neither an event nor a bulk of events: {error}") from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise Garbage(f"Not JSON that can be read: {error}") from error
    return None if delivery.entries is msgspec.UNSET else delivery.entries


def _is_daprd(request: HttpRequest) -> bool:
    shown = request.headers.get(TOKEN_HEADER, "")
    return bool(settings.APP_API_TOKEN) and constant_time_compare(shown, settings.APP_API_TOKEN)


def _refusal(status: int, why: str) -> HttpResponse:
    return JsonResponse({"error": why}, status=status)


@require_safe
def schema(request: HttpRequest, name: str, version: int) -> HttpResponse:
    """The JSON Schema of a version of an event's ``data``."""
    path = json_schema.FOLDER / f"{name}.v{version}.json"
    if name not in EVENT_TYPES or not path.exists():
        raise Http404
    return HttpResponse(path.read_bytes(), content_type="application/schema+json")
