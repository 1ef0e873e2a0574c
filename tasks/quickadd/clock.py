"""Times of day: "5pm", "17:30", "at 9", "noon", "in the morning"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from enum import Enum, auto
from typing import Final

from tasks.quickadd.line import Line
from tasks.quickadd.vocabulary import PARTS_OF_DAY

_CLOCK: Final = re.compile(r"([0-9]{1,2})(?:([:.])([0-9]{2}))?(am|pm|a\.m|p\.m)?")
_HALVES: Final = {"am": "am", "a.m": "am", "pm": "pm", "p.m": "pm"}
_NAMED: Final = {"noon": 12, "midnight": 0}
_HOURS_MEANT_PM: Final = range(1, 7)  # "at 5" is in the afternoon, "at 7" in the morning


class Form(Enum):
    """How a time was written, and so how sure its half of the day is."""

    FULL = auto()  # "5pm"
    DIGITAL = auto()  # "5:30"
    BARE = auto()  # "at 5"
    NAMED = auto()  # "noon"


@dataclass(frozen=True, slots=True)
class Clock:
    """A time as it was written."""

    hour: int
    minute: int
    form: Form

    def within(self, part: str | None) -> time:
        """The time of day that is meant, where a part of the day may have been named."""
        return time(self.hour + (12 if self._means_pm(part) else 0), self.minute)

    def _means_pm(self, part: str | None) -> bool:
        if self.form not in (Form.DIGITAL, Form.BARE):
            return False
        if part is not None:
            return part != "morning" and 1 <= self.hour < 12
        return self.form is Form.BARE and self.hour in _HOURS_MEANT_PM


def read_clock(line: Line, index: int) -> tuple[Clock, int] | None:
    """A time that needs no "at": "5pm", "5 pm", "17:30", "noon"."""
    return _with_full_stop(line, _read_clock(line.low(index), line.low(index + 1), index))


def read_at(line: Line, index: int) -> tuple[Clock, int] | None:
    """A time after "at" or "@"; there the bare hour is enough."""
    word = line.low(index)
    if word.startswith("@") and len(word) > 1:
        return _with_full_stop(line, _read_clock(word[1:], line.low(index + 1), index))
    if word not in ("at", "@"):
        return None
    return read_clock(line, index + 1) or _read_hour(line, index + 1)


def read_time(line: Line, index: int) -> tuple[time, int] | None:
    """What may follow a date: a time, a part of the day, or both, in either order."""
    part, after = read_part(line, index) or (None, index)
    found = read_at(line, after) or read_clock(line, after)
    if found is None:
        return (PARTS_OF_DAY[part], after) if part else None
    clock, after = found
    if part is None:
        part, after = read_part(line, after) or (None, after)
    return clock.within(part), after


def read_part(line: Line, index: int) -> tuple[str, int] | None:
    """ "morning", "in the morning", "at night"."""
    if line.low(index) == "in" and line.low(index + 1) == "the":
        index += 2
    elif line.low(index) == "at" and line.low(index + 1) == "night":
        index += 1
    part = line.low(index)
    return (part, index + 1) if part in PARTS_OF_DAY else None


def _read_clock(word: str, following: str, index: int) -> tuple[Clock, int] | None:
    if word in _NAMED:
        return Clock(_NAMED[word], 0, Form.NAMED), index + 1
    match = _CLOCK.fullmatch(word)
    if match is None:
        return None
    hour, minute = int(match[1]), int(match[3] or 0)
    half = _HALVES.get(match[4] or following)
    if half and 1 <= hour <= 12 and minute < 60:
        clock = Clock(hour % 12 + (12 if half == "pm" else 0), minute, Form.FULL)
        return clock, index + (1 if match[4] else 2)
    if match[2] == ":" and not match[4] and hour < 24 and minute < 60:
        return Clock(hour, minute, Form.DIGITAL), index + 1
    return None


def _with_full_stop(line: Line, found: tuple[Clock, int] | None) -> tuple[Clock, int] | None:
    """The stop after "p.m" belongs to the time."""
    if found and line.low(found[1] - 1).endswith(".m") and line.low(found[1]) == ".":
        return found[0], found[1] + 1
    return found


def _read_hour(line: Line, index: int) -> tuple[Clock, int] | None:
    word = line.low(index)
    if not re.fullmatch(r"[0-9]{1,2}", word) or int(word) > 23:
        return None
    return Clock(int(word), 0, Form.BARE), index + 1
