"""The words of a recurrence rule: its values, and how each is read (RFC 5545 section 3.3.10)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from enum import IntEnum, StrEnum
from typing import NamedTuple

QUOTED_LENGTH = 40  # what an error repeats of a wrong value; the rest tells nobody anything


class RuleError(ValueError):
    """A rule that cannot be used. ``str(error)`` says what is wrong and what would be right.

    ``field`` names the input that is wrong, as forms and the API call it.
    """

    def __init__(self, message: str, field: str = "recurrence_rule") -> None:
        super().__init__(message)
        self.field = field


class Frequency(StrEnum):
    """How long one period of a rule is."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


class Skip(StrEnum):
    """What becomes of a day that a month does not have (RFC 7529 section 4.1)."""

    OMIT = "OMIT"
    BACKWARD = "BACKWARD"


class Weekday(IntEnum):
    """A day of the week, numbered as :meth:`datetime.date.weekday` does."""

    MO = 0
    TU = 1
    WE = 2
    TH = 3
    FR = 4
    SA = 5
    SU = 6


WORKING_DAYS = frozenset({Weekday.MO, Weekday.TU, Weekday.WE, Weekday.TH, Weekday.FR})


class ByDay(NamedTuple):
    """One value of BYDAY: a weekday, and which of them in the month or year (0: all, -1: the last)."""

    weekday: Weekday
    ordinal: int = 0

    def __str__(self) -> str:
        return f"{self.ordinal or ''}{self.weekday.name}"


def quoted(value: object) -> str:
    """``value`` as an error message repeats it."""
    return repr(str(value)[:QUOTED_LENGTH])


def listed(values: list[str]) -> str:
    """``["A", "B", "C"]`` as "A, B or C"."""
    return f"{', '.join(values[:-1])} or {values[-1]}"


def read_frequency(text: str) -> Frequency:
    """The value of FREQ; a frequency below a day is refused."""
    if text in ("SECONDLY", "MINUTELY", "HOURLY"):
        raise RuleError(f"FREQ={text} repeats within a day. Use {listed(list(Frequency))}.")
    if text not in Frequency.__members__:
        raise RuleError(f"FREQ must be {listed(list(Frequency))}, not {quoted(text)}.")
    return Frequency[text]


def read_skip(text: str) -> Skip:
    """The value of SKIP. FORWARD is refused: no task is wanted in the month after its own."""
    if text not in Skip.__members__:
        raise RuleError(f"SKIP must be {listed(list(Skip))}, not {quoted(text)}.")
    return Skip[text]


def read_number(name: str, text: str) -> int:
    """A whole number with or without a sign; ``name`` is the part that it stands in."""
    if not re.fullmatch(r"[+-]?[0-9]{1,9}", text):
        raise RuleError(f"{name} takes whole numbers, not {quoted(text)}.")
    return int(text)


def read_numbers(name: str, text: str) -> tuple[int, ...]:
    """A list of whole numbers, separated by commas."""
    return tuple(read_number(name, item) for item in text.split(","))


def read_weekday(name: str, text: str) -> Weekday:
    """A weekday by its two letters."""
    if text not in Weekday.__members__:
        raise RuleError(f"{name} takes weekdays as {listed(list(Weekday.__members__))}, not {quoted(text)}.")
    return Weekday[text]


def read_by_day(text: str) -> tuple[ByDay, ...]:
    """The value of BYDAY, such as ``MO,WE`` or ``1FR,-1FR``."""
    return tuple(_read_day(item) for item in text.split(","))


def _read_day(text: str) -> ByDay:
    number, letters = text[:-2], text[-2:]
    if not re.fullmatch(r"([+-]?[0-9]{1,9})?", number):
        return ByDay(read_weekday("BYDAY", text))  # refuses it as a whole
    ordinal = int(number or 0)
    if number and not ordinal:
        raise RuleError("BYDAY counts from 1 (the first) or from -1 (the last), not from 0.")
    return ByDay(read_weekday("BYDAY", letters), ordinal)


def read_until(text: str) -> date | datetime:
    """The value of UNTIL: a date, which includes that day, or an instant in UTC."""
    try:
        if re.fullmatch(r"[0-9]{8}", text):
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
        if re.fullmatch(r"[0-9]{8}T[0-9]{6}Z", text):
            return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise RuleError(f"UNTIL={text} is not a day and time that exists.") from None
    raise RuleError(
        f"UNTIL must be a date (20270105) or a time in UTC (20270105T090000Z), not {quoted(text)}."
    )


def write_until(until: date | datetime) -> str:
    """The opposite of :func:`read_until`."""
    # strftime leaves the zeros of years below 1000 away on some systems, isoformat does not.
    day = until.isoformat()[:10].replace("-", "")
    return f"{day}T{until:%H%M%S}Z" if isinstance(until, datetime) else day
