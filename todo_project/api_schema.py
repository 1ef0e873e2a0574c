"""How operations are described in the OpenAPI document. Every view refers to this, so it imports none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from drf_spectacular.openapi import AutoSchema

KEYED: Final = ("post", "patch")
KEY: Final = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "A text of your own, new for each request. If the answer is lost, send the request again with the "
    "same key within 24 hours: it takes effect once, and the repeat gets the first answer with "
    "`Idempotency-Replayed: true`.",
}
OF_ALL: Final = {"429": "There were too many requests. `Retry-After` says how many seconds to wait."}
OF_KEYED: Final = {
    "409": "The first request with this `Idempotency-Key` is still under way.",
    "422": "This `Idempotency-Key` was used with another request.",
    "503": "Whether this `Idempotency-Key` is a repeat cannot be found out now. Nothing was done.",
}


class Schema(AutoSchema):
    """The id of an operation, in words, is its summary: "Create task"."""

    def get_summary(self) -> str:
        return str(self.get_operation_id()).replace("_", " ").capitalize()


def with_what_all_have(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add what no view does by itself: rate limits and idempotency keys (a hook of drf-spectacular)."""
    for method, operation in _operations(result):
        _add_answers(operation, OF_ALL)
        if method in KEYED:
            operation.setdefault("parameters", []).append(KEY)
            _add_answers(operation, OF_KEYED)
    return result


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for operations in document["paths"].values():
        yield from operations.items()


def _add_answers(operation: dict[str, Any], meanings: dict[str, str]) -> None:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for code, meaning in meanings.items():
        answer = operation["responses"].setdefault(code, {"content": content, "description": ""})
        answer["description"] = f"{answer['description']} {meaning}".strip()
