"""What every operation of the API can answer, for the OpenAPI document."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers

PROBLEM_TYPE: Final = "application/problem+json"
MEANINGS: Final = {
    200: "Done.",
    201: "Made. `Location` says where it is.",
    202: "Begun.",
    204: "Done; there is no body.",
    400: "Something in the request is wrong; `errors` says what, and what would be right.",
    401: "There is no valid token or session.",
    403: "The token lacks the scope, or you may see this and not change it.",
    404: "There is no such thing, or it is not yours to see.",
    409: "This is not possible in the present state.",
    503: "Something that this needs is away for now; nothing was done.",
    413: "The request is larger than five of the largest files together.",
    412: "It is at another version than `If-Match` says.",
}


class Problem(serializers.Serializer):
    """An error (RFC 9457). ``errors`` has what is wrong with each field or parameter."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField()
    request_id = serializers.CharField()
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()), required=False
    )


def answers(status: int, schema: Any, *problems: int) -> dict[Any, Any]:
    """The answers of an operation: the good one, what every operation can refuse, and its own ``problems``."""
    refused = {
        (code, PROBLEM_TYPE): OpenApiResponse(Problem, MEANINGS[code])
        for code in sorted({400, 401, 403, *problems})
    }
    return {status: OpenApiResponse(schema, MEANINGS[status]), **refused}
