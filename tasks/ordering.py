"""Positions by hand: short texts that sort, with room between any two.

A position is a fraction written in base 36 without its leading "0.", so a new one between two neighbours
never moves another task. Only 0-9 and a-z occur, which every collation sorts alike.
"""

from datetime import datetime

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
TIME_DIGITS = 10  # base 36 microseconds since 1970 have ten digits until the year 2085


def position_at_end(now: datetime) -> str:
    """After everything that was placed so far, without asking what that is."""
    microseconds = int(now.timestamp() * 1_000_000)
    text = ""
    while microseconds:
        microseconds, digit = divmod(microseconds, 36)
        text = DIGITS[digit] + text
    return text.rjust(TIME_DIGITS, "0")


def position_between(before: str | None, after: str | None) -> str:
    """A position after ``before`` and before ``after``; None means that there is nothing on that side.

    Raises ValueError when the two are not in order.
    """
    low, high = before or "", after
    if high is not None and low >= high:
        raise ValueError(f"{low!r} does not sort before {high!r}")
    prefix = ""
    while True:
        floor = DIGITS.index(low[len(prefix)]) if len(prefix) < len(low) else 0
        ceiling = DIGITS.index(high[len(prefix)]) if high is not None and len(prefix) < len(high) else 36
        if ceiling - floor > 1:
            return prefix + DIGITS[(floor + ceiling) // 2]
        if ceiling > floor:
            high = None  # below the upper neighbour from here on, whatever follows
        prefix += DIGITS[floor]
