"""German words, read as the English ones that the grammar knows: "jeden Montag um 9 Uhr" as "every monday at 9:00".

A reading never changes the text: chips, titles and escapes are those of the typed words. What is in no table here is
read as it stands, so English lines go on working for people whose language is German.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tasks.quickadd.vocabulary import MONTHS, WEEKDAYS

if TYPE_CHECKING:
    from tasks.quickadd.line import Word

DAY_AFTER_TOMORROW: Final = "day after tomorrow"  # a reading that nobody types as one word
_WORDS: Final[Mapping[str, str]] = {
    german: english
    for english, words in {
        "today": "heute", DAY_AFTER_TOMORROW: "übermorgen", "tomorrow": "morgen",
        "monday": "montag", "tuesday": "dienstag", "wednesday": "mittwoch", "thursday": "donnerstag",
        "friday": "freitag", "saturday": "samstag sonnabend", "sunday": "sonntag",
        "january": "januar jänner", "february": "februar", "march": "märz mär", "may": "mai", "june": "juni",
        "july": "juli", "october": "oktober okt", "december": "dezember dez",
        "day": "tag", "days": "tage tagen", "week": "woche", "weeks": "wochen", "month": "monat",
        "months": "monate monaten", "year": "jahr", "years": "jahre jahren", "weekday": "werktag",
        "weekend": "wochenende", "hour": "stunde", "hours": "stunden", "minutes": "minuten",
        "every": "jeden jede jedes jeder alle", "daily": "täglich", "weekly": "wöchentlich", "monthly": "monatlich",
        "yearly": "jährlich", "times": "mal",
        "next": "nächsten nächste nächstes nächster", "this": "diesen diese dieses dieser",
        "last": "letzten letzte letzter letztes", "at": "um", "on": "am", "by": "bis", "from": "ab", "and": "und",
        "noon": "mittag mittags", "midnight": "mitternacht", "morning": "vormittag vormittags früh morgens",
        "afternoon": "nachmittag nachmittags", "evening": "abend abends", "night": "nacht",
        "two": "zwei", "three": "drei", "four": "vier", "five": "fünf", "six": "sechs", "seven": "sieben",
        "eight": "acht", "nine": "neun", "ten": "zehn", "first": "ersten erste erster", "second": "zweiten zweite",
        "third": "dritten dritte", "fourth": "vierten vierte", "fifth": "fünften fünfte",
        # After one of these a date is part of the sentence: "Folien für Freitag".
        "the": "der die das den dem des", "a": "ein eine einen einer einem", "for": "für", "of": "von vom",
        "to": "zu zum zur", "before": "vor", "after": "nach", "since": "seit", "about": "über",
        "my": "mein meine meinen", "no": "kein keine keinen",
        # A weekday before one of these is a date: "Freitag mit Ben".
        "with": "mit", "because": "wegen", "or": "oder", "but": "aber", "without": "ohne",
    }.items()
    for german in words.split()
}  # fmt: skip
_DAY_NAMES: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORT_DAYS: Final = dict(zip(("mo", "di", "mi", "do", "fr", "sa", "so"), _DAY_NAMES, strict=True))
_LEADS_TO_DAY: Final = frozenset({"on", "every", "next", "this", "by"})
_LEADS_TO_NUMBER: Final = frozenset({"on", "every", "and", "by", "until", "from"})
_REPEATS: Final = frozenset({"every", "daily", "weekly", "monthly", "yearly"})
_GREETINGS: Final = frozenset({"guten", "schönen"})
_DATE: Final = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_HOUR: Final = re.compile(r"([0-9]{1,2})(?:[:.]([0-9]{2}))?")
_NUMBER: Final = re.compile(r"[0-9]{1,2}")


def read_as_english(words: Sequence[Word]) -> tuple[Word, ...]:
    """The words with their readings. What is one word in English becomes one: "9 Uhr", "5.", "am Abend"."""
    done: list[Word] = []
    index = 0
    while index < len(words):
        word, following = words[index], words[index + 1 : index + 3]
        joined = _joined(word, following, done)
        done.append(joined or replace(word, reading=_reading(word, done)))
        index += 2 if joined else 1
    return tuple(done)


def _low(word: Word | None) -> str:
    return "" if word is None or word.quoted else word.reading or word.text.lower()


def _joined(word: Word, following: Sequence[Word], done: Sequence[Word]) -> Word | None:
    """The word and the next one, where they are read together."""
    if not following or word.quoted or following[0].quoted or following[0].escaped:
        return None
    reading = (
        _hour(word, following[0]) or _day_of_month(word, following, done) or _part_of_day(word, following[0])
    )
    if not reading:
        return None
    text = f"{word.text} {following[0].text}"
    return replace(word, text=text, end=following[0].end, reading=reading)


def _hour(word: Word, following: Word) -> str:
    """ "9 Uhr", "9.30 Uhr"."""
    match = _HOUR.fullmatch(word.text) if following.text.lower() == "uhr" else None
    return f"{match[1]}:{match[2] or '00'}" if match else ""


def _day_of_month(word: Word, following: Sequence[Word], done: Sequence[Word]) -> str:
    """ "5." before a month, or after a word that leads to a day; elsewhere the stop ends a sentence."""
    if following[0].text != "." or not _NUMBER.fullmatch(word.text):
        return ""
    names_month = len(following) > 1 and _WORDS.get(_low(following[1]), _low(following[1])) in MONTHS
    is_led = bool(done) and bool(done[-1].reading) and _low(done[-1]) in _LEADS_TO_NUMBER
    return f"{word.text}th" if names_month or is_led else ""


def _part_of_day(word: Word, following: Word) -> str:
    """ "am Abend", "am Morgen"."""
    if word.text.lower() != "am":
        return ""
    part = following.text.lower()
    found = "morning" if part == "morgen" else _WORDS.get(part, "")
    return found if found in {"morning", "afternoon", "evening", "noon"} else ""


def _reading(word: Word, done: Sequence[Word]) -> str:
    """What a word is read as, "" for as it stands."""
    if word.quoted:
        return ""
    low, before = word.text.lower(), _low(done[-1]) if done else ""
    match low:
        case "am" if before[:1].isdigit():  # "5 am"
            return ""
        case "morgen" if before in _GREETINGS:
            return ""
        case "morgen" if before in {"today", "every"} | set(_DAY_NAMES):
            return "morning"
        case "bis" if _goes_on(done):
            return "until"
        case "einer" | "einem" if before == "in":
            return "1"
    if low in _SHORT_DAYS and done and done[-1].reading and before in _LEADS_TO_DAY:
        return _SHORT_DAYS[low]
    date = _DATE.fullmatch(low)
    return f"{date[3]}-{date[2]:0>2}-{date[1]:0>2}" if date else _WORDS.get(low, "")


def _goes_on(done: Sequence[Word]) -> bool:
    """Whether "bis" ends a series or a range here; else it is "by"."""
    before = _low(done[-1]) if done else ""
    return before in WEEKDAYS or before[:1].isdigit() or any(_low(word) in _REPEATS for word in done)
