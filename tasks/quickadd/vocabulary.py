"""The English words that the grammar knows."""

from __future__ import annotations

import re
from datetime import time
from typing import Final

_WEEKDAY_NAMES: Final = (
    ("monday", "mon"),
    ("tuesday", "tue", "tues"),
    ("wednesday", "wed"),
    ("thursday", "thu", "thur", "thurs"),
    ("friday", "fri"),
    ("saturday", "sat"),
    ("sunday", "sun"),
)
WEEKDAYS: Final = {name: number for number, names in enumerate(_WEEKDAY_NAMES) for name in names}
WEEKDAY_PLURALS: Final = {f"{names[0]}s": number for number, names in enumerate(_WEEKDAY_NAMES)}

_MONTH_NAMES: Final = (
    ("january", "jan"),
    ("february", "feb"),
    ("march", "mar"),
    ("april", "apr"),
    ("may",),
    ("june", "jun"),
    ("july", "jul"),
    ("august", "aug"),
    ("september", "sep", "sept"),
    ("october", "oct"),
    ("november", "nov"),
    ("december", "dec"),
)
MONTHS: Final = {name: number for number, names in enumerate(_MONTH_NAMES, start=1) for name in names}

# Weekdays and months that are also common words: "sun cream", "the cat sat", "5 march violets", "5 may fail".
DOUBTFUL_WEEKDAYS: Final = {"wed", "sat", "sun"}
DOUBTFUL_MONTHS: Final = {"march", "mar", "may"}

_NUMBER_WORDS: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
NUMBERS: Final = {word: number for number, word in enumerate(_NUMBER_WORDS, start=1)}
ORDINAL_WORDS: Final = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "last": -1}

UNITS: Final = {"day": "day", "week": "week", "month": "month", "year": "year"} | {
    f"{unit}s": unit for unit in ("day", "week", "month", "year")
}
SHORT_UNITS: Final = {
    name: minutes
    for minutes, names in (
        (1, ("minute", "minutes", "min", "mins")),
        (60, ("hour", "hours", "hr", "hrs")),
    )
    for name in names
}
PARTS_OF_DAY: Final = {
    "morning": time(9),
    "afternoon": time(14),
    "evening": time(19),
    "night": time(20),
}

# What may begin an expression, so that a backslash before it is an escape even where it would begin none.
KNOWN_WORDS: Final = frozenset(
    {*WEEKDAYS, *WEEKDAY_PLURALS, *MONTHS}
    | {"today", "tomorrow", "tonight", "noon", "midnight", "this", "next", "in", "on", "by", "due", "at"}
    | {"every", "daily", "weekly", "monthly", "yearly", "annually"}
)

# After one of these a date is part of the sentence: "slides for Friday", "the 5pm train", "Black Friday".
BINDING: Final = frozenset(
    [
        "a",
        "an",
        "the",
        "that",
        "these",
        "those",
        "my",
        "our",
        "your",
        "his",
        "her",
        "its",
        "their",
        "no",
        "not",
        "any",
        "some",
        "each",
        "every",
        "to",
        "of",
        "from",
        "for",
        "since",
        "until",
        "till",
        "before",
        "after",
        "about",
        "between",
        "through",
        "than",
        "and",
        "or",
        "almost",
        "nearly",
        "like",
        "as",
        "last",
        "previous",
        "past",
        "once",
        "twice",
        "per",
        "via",
        "black",
        "good",
        "holy",
        "ash",
        "casual",
    ]
)
# A weekday followed by one of these is a date and not an adjective: "friday with Bob", not "friday report".
LINKS: Final = frozenset(
    [
        "about",
        "after",
        "and",
        "as",
        "at",
        "because",
        "before",
        "but",
        "by",
        "except",
        "for",
        "from",
        "if",
        "in",
        "into",
        "on",
        "or",
        "over",
        "per",
        "re",
        "regarding",
        "since",
        "so",
        "then",
        "to",
        "under",
        "unless",
        "until",
        "via",
        "when",
        "where",
        "while",
        "with",
        "within",
        "without",
    ]
)
SPANS: Final = frozenset({"-", "–", "—", "to", "through"})
RANGES: Final = SPANS | {"till", "until"}


def number_of(word: str) -> int | None:
    """The positive number that a word states in digits (up to four) or letters (up to ten)."""
    if re.fullmatch(r"[0-9]{1,4}", word):
        return int(word) or None
    return NUMBERS.get(word)


def ordinal_of(word: str) -> int | None:
    """The day of the month that "5th" states."""
    match = re.fullmatch(r"([0-9]{1,2})(?:st|nd|rd|th)", word)
    return int(match[1]) if match and 1 <= int(match[1]) <= 31 else None
