"""Marks: `#project`, `#"two words"`, `@tag`, `p1` or `!high`, and reminders such as `!30m`."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

from tasks.quickadd.line import Line
from tasks.quickadd.parsed import Priority

_QUOTED_PROJECT: Final = re.compile(r"#[\"“„]\s*([^\"“”„]*[^\s\"“”„])\s*[\"”“]")
_WORDS: Final = re.compile(r"\S+")
_NAME: Final = re.compile(r"[^\s#@!\"'’“”„()\[\]{}<>\\]+")
_REMINDER: Final = re.compile(r"!([0-9]{1,4})(m|min|h|d|w)")
_MINUTES: Final = {"m": 1, "min": 1, "h": 60, "d": 24 * 60, "w": 7 * 24 * 60}
_PRIORITIES: Final[Mapping[str, Priority]] = {
    "p1": "urgent",
    "p2": "high",
    "p3": "medium",
    "p4": "low",
    "!urgent": "urgent",
    "!high": "high",
    "!medium": "medium",
    "!low": "low",
}


@dataclass(frozen=True, slots=True)
class Project:
    """A project by name, which may not exist yet."""

    name: str


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag by name, as it was typed."""

    name: str


@dataclass(frozen=True, slots=True)
class Importance:
    """A priority."""

    priority: Priority


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder, in minutes before due."""

    minutes: int


Mark = Project | Tag | Importance | Reminder


class Projects:
    """The names of the projects that there are, found in any case; the longest that fits wins."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = {" ".join(name.casefold().split()): name for name in names}
        self._most_words = max((len(name.split()) for name in names), default=0)

    def named(self, name: str) -> str | None:
        """The project's own spelling of ``name``."""
        return self._names.get(" ".join(name.casefold().split()))

    def longest(self, text: str, start: int) -> tuple[str, int] | None:
        """The project whose name stands in ``text`` at ``start``, and where it ends."""
        words = islice(_WORDS.finditer(text, start), self._most_words)
        for word in reversed(list(words)):
            typed = text[start : word.end()]
            for candidate in (typed, typed.rstrip(",.;:!?…")):
                name = self.named(candidate)
                if name is not None:
                    return name, start + len(candidate)
        return None


def read_mark(line: Line, index: int, projects: Projects) -> tuple[Mark, int] | None:
    """The mark at a word: what it says and where it ends in the text."""
    return _read_project(line, index, projects) or _read_single(line, index)


def _read_project(line: Line, index: int, projects: Projects) -> tuple[Mark, int] | None:
    start = line.words[index].start
    if not line.low(index).startswith("#"):
        return None
    quoted = _QUOTED_PROJECT.match(line.text, start)
    if quoted is not None:
        name = " ".join(quoted[1].split())
        return Project(projects.named(name) or name), quoted.end()
    known = projects.longest(line.text, start + 1)
    if known is not None:
        return Project(known[0]), known[1]
    typed = _name_in(line.words[index].text)
    return (Project(typed), line.words[index].end) if typed else None


def _read_single(line: Line, index: int) -> tuple[Mark, int] | None:
    word, text = line.low(index), line.words[index].text
    end = line.words[index].end
    if word.startswith("@") and (name := _name_in(text)):
        return Tag(name), end
    if word in _PRIORITIES:
        return Importance(_PRIORITIES[word]), end
    reminder = _REMINDER.fullmatch(word)
    if reminder is not None:
        return Reminder(int(reminder[1]) * _MINUTES[reminder[2]]), end
    return None


def _name_in(text: str) -> str | None:
    """The name after `#` or `@`; not a bare number ("issue #42") and nothing without a letter or a symbol."""
    name = text[1:]
    has_sign = any(sign.isalpha() or ord(sign) > 0x2000 for sign in name)  # emoji are names too
    return name if has_sign and _NAME.fullmatch(name) else None
