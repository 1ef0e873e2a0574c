"""Mentions: whom a text names with an @, and how they look in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from typing import Final

from accounts.models import User

MENTION: Final = re.compile(r"(?<![\w@/.-])@([\w.+-]*\w)")


class Handles:
    """The words that name the members of a project, in small letters.

    Somebody is named by their whole name without its spaces, its first word, or their address up to the @. A word
    that would name two people names nobody.
    """

    def __init__(self, members: Iterable[User]) -> None:
        self._members = list(members)
        words = [(word, member) for member in self._members for word in _words_of(member)]
        times = Counter(word for word, _member in words)
        self._people = {word: member for word, member in words if times[word] == 1}

    def words(self) -> list[tuple[User, str]]:
        """The members by name, each with the shortest word of their name that names them alone, else another one."""
        named = [(member, self._word_for(member)) for member in self._members]
        known = [(member, word) for member, word in named if word]
        return sorted(known, key=lambda each: each[0].get_full_name().casefold())

    def _word_for(self, member: User) -> str:
        name = member.get_full_name().casefold().split()
        own = [word for word, person in self._people.items() if person == member]
        return min(own, key=lambda word: (word not in {"".join(name), *name[:1]}, len(word)), default="")

    def named_in(self, text: str) -> list[User]:
        """Whom a text names, each once, in the order of their names in it."""
        found = (self._people.get(word.casefold()) for word in MENTION.findall(text))
        return list(dict.fromkeys(person for person in found if person is not None))

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and word.casefold() in self._people


def _words_of(member: User) -> Collection[str]:
    name = member.get_full_name().casefold().split()
    return {"".join(name), *name[:1], member.email.partition("@")[0].casefold()}
