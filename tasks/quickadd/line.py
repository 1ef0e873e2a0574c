"""The typed line as words, and the rules on where an expression may stand among them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property
from typing import Final

from tasks.quickadd.german import read_as_english
from tasks.quickadd.vocabulary import BINDING, LINKS

ENDINGS: Final = ",.;:!?…"  # punctuation that may end a word without belonging to it
_QUOTED: Final = re.compile(rf"(?<!\S)[\"“„«][^\"“”„«»]+[\"”“»](?=[{ENDINGS}]*(?:\s|\Z))")
_ENDS_HERE: Final = re.compile(rf"[{ENDINGS}]*(?:\s|\Z)")
_MARK: Final = re.compile(r"[#@!].+|p[1-4]|every", re.DOTALL)


class Doubt(IntEnum):
    """How much around an expression must speak for it being one."""

    NONE = 0  # "tomorrow"
    SOME = 1  # "friday": may be an adjective
    MUCH = 2  # "sun", "at 9": mostly something else

    def less(self) -> Doubt:
        return Doubt(max(0, self - 1))


@dataclass(frozen=True, slots=True)
class Word:
    """A word, or the punctuation that follows one. ``text`` is ``line[start:end]``."""

    text: str
    start: int
    end: int
    opens: bool  # a space (or an escaping backslash) stands before it, so an expression may begin with it
    escaped: bool = False
    quoted: bool = False
    reading: str = ""  # the English word that it is read as, where that is another one


@dataclass(frozen=True)
class Line:
    """The typed text and its words. Indexes past the end are words that match nothing."""

    text: str
    words: tuple[Word, ...]
    is_eager: bool = False  # read everything that could be an expression, whatever stands around it

    @classmethod
    def of(cls, text: str, language: str = "en") -> Line:
        """``language`` is that of the person who typed it; English is understood in any case."""
        quotes = [match.span() for match in _QUOTED.finditer(text)]
        words = tuple(_mark_quoted(_split(text), quotes))
        return cls(text, read_as_english(words) if language.startswith("de") else words)

    def __len__(self) -> int:
        return len(self.words)

    def low(self, index: int) -> str:
        """The word in lower case; "" for one that is not to be read (past the end, quoted, escaped)."""
        if not 0 <= index < len(self.words):
            return ""
        word = self.words[index]
        return "" if word.escaped or word.quoted else word.reading or word.text.lower()

    def unescaped(self, index: int) -> Line:
        """The line without the backslash before a word, to see what that may have been meant to stop."""
        word = replace(self.words[index], escaped=False)
        return Line(self.text, (*self.words[:index], word, *self.words[index + 1 :]), is_eager=True)

    def has_text_before(self, index: int) -> bool:
        """Whether anything but marks stands before the word."""
        return index > self._lead

    def is_name(self, index: int) -> bool:
        """Whether the word is capitalised within the line, as in "USA Today"."""
        if self.is_eager or self.words[index].reading:  # German nouns are capitalised anyway
            return False
        return self.has_text_before(index) and self.words[index].text.istitle()

    def closes(self, end: int) -> bool:
        """Whether an expression may end at this place of the text: "today." may, the "mon" of "mon,tue" not."""
        return _ENDS_HERE.match(self.text, end) is not None

    def index_after(self, end: int) -> int:
        """The index of the first word from this place of the text on."""
        return bisect_left(self.words, end, key=lambda word: word.start)

    def is_bound(self, index: int) -> bool:
        """Whether the word before makes this one part of the sentence, as in "the 5pm train"."""
        before = self.low(index - 1)
        return not self.is_eager and (before in BINDING or before.endswith(("'s", "’s", "s'", "s’")))

    def stands(self, begin: int, end: int, doubt: Doubt) -> bool:
        """Whether the words around an expression from ``begin`` to before ``end`` outweigh the doubt."""
        if self.is_eager or doubt is Doubt.NONE or self.pauses(end):
            return True
        return doubt is Doubt.SOME and (not self.has_text_before(begin) or self.low(end) in LINKS)

    def pauses(self, index: int) -> bool:
        """Whether the sentence pauses before this word: the end, punctuation, a mark or a repeat."""
        if index >= len(self.words):
            return True
        text = self.words[index].text
        return (
            not any(map(str.isalnum, text)) or text.startswith("(") or bool(_MARK.fullmatch(self.low(index)))
        )

    @cached_property
    def _lead(self) -> int:
        """The index of the first word that is no mark."""
        marks = (bool(_MARK.fullmatch(self.low(index))) for index in range(len(self.words)))
        return next((index for index, is_mark in enumerate(marks) if not is_mark), 0)


def _split(text: str) -> Iterator[Word]:
    for run in re.finditer(r"\S+", text):
        start = run.start()
        escaped = len(run[0]) > 1 and run[0][0] == "\\"
        start += escaped
        ending = start + len(text[start : run.end()].rstrip(ENDINGS))
        if ending == start:  # nothing but punctuation
            yield Word(text[start : run.end()], start, run.end(), True, escaped)
            continue
        for part in re.finditer(r",|[^,]+", text[start:ending]):
            begin = start + part.start()
            yield Word(part[0], begin, start + part.end(), begin == start, escaped and begin == start)
        if ending < run.end():
            yield Word(text[ending : run.end()], ending, run.end(), False)


def _mark_quoted(words: Iterator[Word], quotes: list[tuple[int, int]]) -> Iterator[Word]:
    for word in words:
        while quotes and quotes[0][1] <= word.start:
            quotes.pop(0)
        inside = bool(quotes) and quotes[0][0] <= word.start
        yield replace(word, quoted=True) if inside else word
