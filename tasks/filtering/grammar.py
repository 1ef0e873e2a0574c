"""From tokens to a tree: "or" between groups, everything side by side in a group, "not" or a minus before one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext as _

from tasks.filtering.days import Reader
from tasks.filtering.problem import FilterError
from tasks.filtering.terms import Name, names_in, read_term
from tasks.filtering.tokens import Token, split
from tasks.filtering.tree import All, Either, Node, Not

LENGTH: Final = 500  # characters of a filter
DEPTH: Final = 10  # brackets in brackets
CONNECTIVES: Final = frozenset({"or", "and"})


@dataclass(frozen=True)
class Part:
    """Something that stands side by side with others, and where it stands."""

    node: Node
    start: int
    end: int


@dataclass(frozen=True)
class Filter:
    """What a text asks for. ``parts`` all have to be so; an empty text asks for nothing."""

    text: str
    parts: tuple[Part, ...]

    @cached_property
    def condition(self) -> Q:
        return All(tuple(part.node for part in self.parts)).condition if self.parts else Q()

    @property
    def about_status(self) -> bool:
        return any(part.node.about_status for part in self.parts)

    @property
    def names(self) -> Iterator[Name]:
        """The projects, tags and people that it names, in their order."""
        return chain.from_iterable(names_in(token) for token in split(self.text))

    def without(self, part: Part) -> str:
        """The text with one part left out."""
        return " ".join(f"{self.text[: part.start]} {self.text[part.end :]}".split())


def parse(text: str, reader: Reader) -> Filter:
    """What a text asks for, on a person's own calendar. Raises FilterError with the place of what is wrong."""
    if len(text) > LENGTH:
        raise FilterError(_("A filter can have %(limit)d characters.") % {"limit": LENGTH}, LENGTH, len(text))
    if "\0" in text:
        place = text.index("\0")
        raise FilterError(_("There is a sign here that no text has."), place, place + 1)
    return Filter(text, _Parser(tuple(split(text)), len(text), reader).whole())


class _Parser:
    def __init__(self, tokens: tuple[Token, ...], end: int, reader: Reader) -> None:
        self.tokens, self.reader = tokens, reader
        self.place = self.depth = 0
        self.nothing = Token("", end, end)

    @property
    def next(self) -> Token:
        return self.tokens[self.place] if self.place < len(self.tokens) else self.nothing

    def take(self) -> Token:
        token = self.next
        self.place += 1
        return token

    @property
    def word(self) -> str:
        return self.next.text.lower()

    def whole(self) -> tuple[Part, ...]:
        if not self.tokens:
            return ()
        parts = self.either()
        if self.next is not self.nothing:
            raise FilterError(_("There is no bracket that this one closes."), self.next.start, self.next.end)
        return parts

    def either(self) -> tuple[Part, ...]:
        """Groups with "or" between them; a single one as its parts."""
        groups = [self.together()]
        while self.word == "or":
            self.take()
            groups.append(self.together())
        if len(groups) == 1:
            return groups[0]
        choice = Either(tuple(_joined(group) for group in groups))
        return (Part(choice, groups[0][0].start, groups[-1][-1].end),)

    def together(self) -> tuple[Part, ...]:
        parts = [self.one()]
        while True:
            if self.word == "and":
                self.take()
            elif self.next is self.nothing or self.word in {"or", ")"}:
                return tuple(parts)
            parts.append(self.one())

    def one(self) -> Part:
        start, is_negated = self.next.start, False
        while self.next.negates or self.word == "not":
            self.take()
            is_negated = not is_negated
        part = self.bracket() if self.word == "(" else self.term()
        return Part(Not(part.node) if is_negated else part.node, start, part.end)

    def bracket(self) -> Part:
        opening = self.take()
        self.depth += 1
        if self.depth > DEPTH:
            raise FilterError(_("These are too many brackets in brackets."), opening.start, opening.end)
        inside = self.either()
        if self.word != ")":
            raise FilterError(_("This bracket is not closed."), opening.start, opening.end)
        self.depth -= 1
        return Part(_joined(inside), opening.start, self.take().end)

    def term(self) -> Part:
        token = self.take()
        if token is self.nothing or token.text == ")" or token.text.lower() in CONNECTIVES:
            raise self._missing(token)
        return Part(read_term(token, self.reader), token.start, token.end)

    def _missing(self, found: Token) -> FilterError:
        """Something should stand where a filter ends or goes on too early; what asks for it is what is marked."""
        before = self.tokens[self.place - 2] if self.place > 1 else found
        return FilterError(
            _("Something is missing beside “%(word)s”. For the word itself, put it in quotes.")
            % {"word": before.text},
            before.start,
            before.end,
        )


def _joined(parts: tuple[Part, ...]) -> Node:
    return parts[0].node if len(parts) == 1 else All(tuple(part.node for part in parts))
