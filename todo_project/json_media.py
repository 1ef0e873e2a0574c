"""How the API reads and writes JSON: with msgspec, which is quick and knows instants and UUIDs by itself."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import IO, Any

import msgspec
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError, ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer
from rest_framework.utils.encoders import JSONEncoder

MAX_BODY = 1024 * 1024  # bytes; the largest task is below 100 kB


class BodyTooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = f"The body is larger than {MAX_BODY // 1024} kB."
    default_code = "too_large"


class JsonRenderer(JSONRenderer):
    """Writes instants of UTC with a Z (RFC 3339), indented where the caller asks for it."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        if data is None:
            return b""
        encoded = msgspec.json.encode(data, enc_hook=_plain)
        indent = self.get_indent(accepted_media_type or "", dict(renderer_context or {}))
        return msgspec.json.format(encoded, indent=indent) if indent else encoded


class JsonParser(BaseParser):
    """Reads one JSON text of at most ``MAX_BODY`` bytes."""

    media_type = "application/json"
    renderer_class = JsonRenderer

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body = stream.read(MAX_BODY + 1)
        if len(body) > MAX_BODY:
            raise BodyTooLarge
        try:
            data = msgspec.json.decode(body)
            json.loads(body, object_pairs_hook=_check_names)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ParseError(f"The body is not JSON: {error}") from error
        return data


def _check_names(pairs: list[tuple[str, Any]]) -> None:
    """Raise ValidationError for a name that stands twice in one object: msgspec would let the last one win."""
    times = Counter(name for name, _value in pairs)
    twice = {name: ["This is given more than once."] for name, number in times.items() if number > 1}
    if twice:
        raise ValidationError(twice)


def _plain(value: Any) -> Any:
    """What msgspec does not know: kinds of text, and what Django REST framework's encoder knows."""
    return str.__str__(value) if isinstance(value, str) else JSONEncoder().default(value)
