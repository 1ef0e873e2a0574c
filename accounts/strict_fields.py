"""The plain values in the API's JSON, checked strictly: a number is no text, "yes" is not true."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from accounts.lines import CONTROL

# By the keys of Django REST framework; its stubs want them to be able to be translated later.
Messages = dict[str, Any]
NULL: Final[Messages] = {"null": "This cannot be null. Leave it out instead."}
MISSING: Final[Messages] = {"required": "This is needed."}


class Text(serializers.CharField):
    """A JSON string; a number or true is none."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise ValidationError("Give a text, in quotes.")
        return super().to_internal_value(data)


class Line(Text):
    """A text of one line."""

    def __init__(self, max_length: int, **how: Any) -> None:
        right = f"Give one line of 1 to {max_length} characters."
        messages: Messages = {"blank": right, "max_length": right, **NULL, **MISSING}
        super().__init__(max_length=max_length, error_messages=messages, **how)
        self._right = right

    def to_internal_value(self, data: Any) -> str:
        line = super().to_internal_value(data)
        if CONTROL.search(line):
            raise ValidationError(self._right)
        return line


class Word(serializers.ChoiceField):
    """One of a few words."""

    def __init__(self, words: Collection[str], **how: Any) -> None:
        right = f"Give one of: {', '.join(words)}."
        messages: Messages = {"invalid_choice": right, **NULL, **MISSING}
        super().__init__(choices=list(words), error_messages=messages, **how)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid_choice")
        word: str = super().to_internal_value(data)
        return word


class Truth(serializers.BooleanField):
    """true or false; not "yes", not 1."""

    default_error_messages = {"invalid": "Give true or false.", **NULL}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


class Whole(serializers.IntegerField):
    """A JSON integer between two limits."""

    def __init__(self, low: int, high: int, **how: Any) -> None:
        right = f"Give a whole number from {low} to {high}."
        messages: Messages = {"invalid": right, "min_value": right, "max_value": right, **NULL}
        super().__init__(min_value=low, max_value=high, error_messages=messages, **how)

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return int(data)
