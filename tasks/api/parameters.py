"""Query parameters: each has one entry in its view's table, which reads it, checks it and documents it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import QueryDict
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from accounts.models import User
from tasks.api.moments import FORMS, NotAMoment, begin_of, read_moment

Read = Callable[[str, ZoneInfo], Any]


@dataclass(frozen=True)
class Parameter:
    """``read`` turns a text into a value on the clock of a time zone.

    It raises ValueError with a sentence that says what would be right. ``many`` says that the parameter may be given
    several times or with commas; its value is then a list.
    """

    read: Read
    description: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    many: bool = False

    def value(self, given: list[str], zone: ZoneInfo) -> Any:
        """What the texts given mean. Raises ValueError."""
        if self.many:
            return [self.read(part.strip(), zone) for text in given for part in text.split(",")]
        if len(given) > 1:
            raise ValueError("Give this once.")
        return self.read(given[0], zone)

    def documented(self, name: str) -> OpenApiParameter:
        schema = dict(self.schema)
        if self.many:
            schema = {"type": "array", "items": schema}
        return OpenApiParameter(name, schema, description=self.description, explode=self.many or None)


Table = Mapping[str, Parameter]


def read_parameters(request: Request, table: Table, user: User) -> dict[str, Any]:
    """What a request gives, by name. Raises ValidationError naming every parameter that is wrong."""
    return read_query(request.query_params, table, user.zone)


def read_query(query: QueryDict, table: Table, zone: ZoneInfo) -> dict[str, Any]:
    """As ``read_parameters``, on the clock of a time zone. Raises ValidationError likewise."""
    values: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for name in table.keys() & query.keys():
        try:
            values[name] = table[name].value(query.getlist(name), zone)
        except ValueError as error:
            errors[name] = [str(error)]
    if errors:
        raise ValidationError(errors)
    return values


def documented(table: Table) -> list[OpenApiParameter]:
    return [parameter.documented(name) for name, parameter in table.items()]


# --- Kinds of parameters -------------------------------------------------------------------------------


def one_of(words: Collection[str], description: str, many: bool = False) -> Parameter:
    def read(text: str, _: ZoneInfo) -> str:
        if text not in words:
            raise ValueError(f"Give one of: {', '.join(words)}.")
        return text

    return Parameter(read, description, {"type": "string", "enum": list(words)}, many)


def true_or_false(description: str) -> Parameter:
    def read(text: str, _: ZoneInfo) -> bool:
        if text not in {"true", "false"}:
            raise ValueError("Give true or false.")
        return text == "true"

    return Parameter(read, description, {"type": "boolean"})


def identity(description: str, many: bool = False) -> Parameter:
    def read(text: str, _: ZoneInfo) -> UUID:
        try:
            return UUID(text)
        except ValueError:
            raise ValueError("Give an id, which is a UUID.") from None

    return Parameter(read, description, {"type": "string", "format": "uuid"}, many)


def whole_number(low: int, high: int, description: str) -> Parameter:
    def read(text: str, _: ZoneInfo) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 20 and low <= int(text) <= high):
            raise ValueError(f"Give a whole number from {low} to {high}.")
        return int(text)

    return Parameter(read, description, {"type": "integer", "minimum": low, "maximum": high})


def moment(description: str) -> Parameter:
    """A date (its beginning on the person's own clock) or an instant."""

    def read(text: str, zone: ZoneInfo) -> Any:
        try:
            return begin_of(read_moment(text, zone), zone)
        except NotAMoment:
            raise ValueError(f"Give {FORMS}. In a URL a plus sign is written %2B.") from None

    return Parameter(read, f"{description} Give {FORMS}.")


def text(description: str, longest: int, many: bool = False, may_be_empty: bool = False) -> Parameter:
    def read(given: str, _: ZoneInfo) -> str:
        if "\0" in given or len(given) > longest or not (given or may_be_empty):
            raise ValueError(f"Give a text of {0 if may_be_empty else 1} to {longest} characters.")
        return given

    return Parameter(read, description, {"type": "string", "maxLength": longest}, many)
