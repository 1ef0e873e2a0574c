"""Entity tags (RFC 9110, section 8.8.3): a task's is its version in quotes."""

from __future__ import annotations

from django.utils.http import parse_etags
from rest_framework.request import Request

from tasks.api.conflicts import PreconditionFailed


def etag(version: int) -> str:
    return f'"{version}"'


def is_unchanged(request: Request, version: int) -> bool:
    """Whether ``If-None-Match`` has this version, so that a 304 is enough. It compares weakly."""
    given = parse_etags(request.headers.get("If-None-Match", ""))
    return any(tag == "*" or tag.removeprefix("W/") == etag(version) for tag in given)


def check_match(request: Request, version: int) -> None:
    """Raise PreconditionFailed if ``If-Match`` is given and does not have this version. It compares strongly."""
    given = request.headers.get("If-Match")
    if given is not None and not {"*", etag(version)} & set(parse_etags(given)):
        raise PreconditionFailed
