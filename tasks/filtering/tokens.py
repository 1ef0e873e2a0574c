"""A filter as words, brackets and minus signs, each with its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from tasks.filtering.problem import FilterError

QUOTES: Final = {'"': '"', "“": "”", "„": "“"}
BEFORE_QUOTE: Final = frozenset(":#@<>=,")  # within a word a quote begins only after one of these


@dataclass(frozen=True, slots=True)
class Token:
    """``text`` is what stands from ``start`` to before ``end``: a bracket, a minus, or a word with its quotes."""

    text: str
    start: int
    end: int
    negates: bool = False


def split(text: str) -> Iterator[Token]:
    """The tokens of a filter. Raises FilterError for a quote that is not closed."""
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        negates = _negates(text, place)
        end = place + 1 if negates or text[place] in "()" else _end_of_word(text, place)
        yield Token(text[place:end], place, end, negates)
        place = end


def _negates(text: str, place: int) -> bool:
    """Whether a minus stands before something: a dash between spaces is a word."""
    return text[place] == "-" and not (text[place + 1 : place + 2] or " ").isspace()


def _end_of_word(text: str, start: int) -> int:
    """Where the word ends. A closing bracket belongs to it only if it opened one: "plan(b)"."""
    place, depth = start, 0
    while place < len(text) and not text[place].isspace():
        sign = text[place]
        if sign in QUOTES and (place == start or text[place - 1] in BEFORE_QUOTE):
            place = _end_of_quote(text, place)
        elif sign == ")" and not depth:
            break
        depth += (sign == "(") - (sign == ")")
        place += 1
    return place


def _end_of_quote(text: str, start: int) -> int:
    end = text.find(QUOTES[text[start]], start + 1)
    if end < 0:
        raise FilterError(_("This quote is not closed."), start, len(text))
    return end
