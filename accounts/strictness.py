"""What every part of the API has in common: it takes only what it knows.

A slip in a name or a value is answered with 400 and the name, never silently ignored. This lives in the lowest
layer so that every other one can build its views on it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any, ClassVar, cast

import msgspec
from django.http import QueryDict
from django.utils.functional import cached_property
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.utils.serializer_helpers import BindingDict
from rest_framework.views import APIView

from accounts.models import User
from accounts.permissions import HasScope

# What Django REST framework's browsable pages add to a query by themselves.
ITS_OWN_PARAMETERS = frozenset({str(api_settings.URL_FORMAT_OVERRIDE)})


class StrictView(APIView):
    """A view whose GET takes the query parameters in ``parameters``, and whose other methods take none.

    ``scope`` is the noun that a token needs (HasScope).
    """

    permission_classes = (HasScope,)
    scope: ClassVar[str]
    parameters: ClassVar[Collection[str]] = ()

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[Any, str]:
        """JSON for whoever takes anything or asks for it plainly; otherwise what is asked for is looked at."""
        renderers = self.get_renderers()
        plain = request.META.get("HTTP_ACCEPT", "*/*") in {"*/*", renderers[0].media_type}
        if plain and str(api_settings.URL_FORMAT_OVERRIDE) not in request.META["QUERY_STRING"]:
            return renderers[0], renderers[0].media_type
        return super().perform_content_negotiation(request, force)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        known = self.parameters if request.method in SAFE_METHODS else ()
        check_names(request.META["QUERY_STRING"], frozenset(known))

    @property
    def user(self) -> User:
        """Whose request this is; HasScope has let nobody else in."""
        return cast(User, self.request.user)


@lru_cache(1024)
def check_names(query: str, known: frozenset[str]) -> None:
    """Raise ValidationError, each time, for a query string (as WSGI has it) with a parameter that is not known."""
    refuse_unknown(QueryDict(query.encode("latin-1")), known, "query parameter")


class _Fields(threading.local):
    def __init__(self) -> None:
        self.of_class: dict[type[serializers.Serializer], BindingDict] = {}


_fields = _Fields()


class StrictSerializer(serializers.Serializer):
    """Input of which every field is known and none is the server's to set.

    ``output_only`` names what answers carry beyond the fields. A client may send it back as it got it: with
    ``current`` in the context (a function that returns the answer as it would be now) an equal value is let
    pass, and any value of what is in ``moving``: it changes by itself as time goes by.
    """

    output_only: ClassVar[frozenset[str]] = frozenset()
    moving: ClassVar[frozenset[str]] = frozenset()

    default_error_messages: ClassVar[dict[str, Any]] = {"invalid": "Send one JSON object, in braces."}

    @cached_property
    def fields(self) -> BindingDict:
        """Each thread has one set of fields, which belongs to the serializer that it made last.

        To copy them for each request, as Django REST framework does, costs more than to validate.
        """
        kept = _fields.of_class.get(type(self))
        if kept is None:
            kept = _fields.of_class[type(self)] = BindingDict(self)
            for name, field in self.get_fields().items():
                kept[name] = field
        kept.serializer = self
        for field in kept.values():
            field.parent = self
        return kept

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return super().run_validation([] if data is None else data)  # null is as wrong as a list

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return super().to_internal_value(data)  # raises its error
        errors = {name: [text] for name, value in data.items() if (text := self._refusal(name, value))}
        try:
            values = super().to_internal_value(data)
        except ValidationError as error:
            raise ValidationError({**errors, **cast(dict[str, Any], error.detail)}) from error
        if errors:
            raise ValidationError(errors)
        return values

    def _refusal(self, name: str, value: object) -> str | None:
        if name in self.fields:
            return None
        if name not in self.output_only:
            return f"There is no such field. There are: {', '.join(sorted(self.fields))}."
        current: Callable[[], Mapping[str, Any]] | None = self.context.get("current")
        if current is None:
            return "The server sets this. Leave it out."
        if name in self.moving or msgspec.to_builtins(current()[name]) == value:
            return None
        return "The server sets this. Leave it out, or send it as it is now."


class NoInput(StrictSerializer):
    """The body of a request that needs none: empty, or an empty object."""

    def _refusal(self, name: str, value: object) -> str | None:
        return "This request takes no fields."


def refuse_unknown(given: Iterable[str], known: Collection[str], what: str) -> None:
    """Raise ValidationError that names what is not known."""
    unknown = set(given) - set(known) - ITS_OWN_PARAMETERS
    if unknown:
        right = f"There are: {', '.join(sorted(known))}." if known else "This request takes none."
        raise ValidationError({name: [f"There is no such {what}. {right}"] for name in sorted(unknown)})
