"""A recurrence rule as a value: read from RFC 5545 text, checked, and written back."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from tasks.recurrence.parts import (
    ByDay,
    Frequency,
    RuleError,
    Skip,
    Weekday,
    listed,
    quoted,
    read_by_day,
    read_frequency,
    read_number,
    read_numbers,
    read_skip,
    read_until,
    read_weekday,
    write_until,
)

MAX_TEXT = 1000  # characters; the longest sensible rule (all days of the year) stays far below
MAX_INTERVAL = 10_000  # periods; even as days that is 27 years between two tasks
MAX_COUNT = 100_000  # occurrences; a preview may have to count them all

WORDS: Final = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
LONGEST_MONTHS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)  # February as in a leap year
DAYS_IN_PERIOD: Final = {
    Frequency.DAILY: 1,
    Frequency.WEEKLY: 7,
    Frequency.MONTHLY: 31,
    Frequency.YEARLY: 366,
}

# What each part is called in text and in `Rule`, and how its value is read. The order is the order in which
# parts are written: first what selects days, as RFC 5545 applies it, then what ends the series.
_READERS: Final[dict[str, tuple[str, Callable[[str], Any]]]] = {
    "FREQ": ("freq", read_frequency),
    "INTERVAL": ("interval", lambda text: read_number("INTERVAL", text)),
    "BYMONTH": ("by_month", lambda text: read_numbers("BYMONTH", text)),
    "BYWEEKNO": ("by_week_no", lambda text: read_numbers("BYWEEKNO", text)),
    "BYYEARDAY": ("by_year_day", lambda text: read_numbers("BYYEARDAY", text)),
    "BYMONTHDAY": ("by_month_day", lambda text: read_numbers("BYMONTHDAY", text)),
    "BYDAY": ("by_day", read_by_day),
    "BYSETPOS": ("by_set_pos", lambda text: read_numbers("BYSETPOS", text)),
    "WKST": ("week_start", lambda text: read_weekday("WKST", text)),
    "COUNT": ("count", lambda text: read_number("COUNT", text)),
    "UNTIL": ("until", read_until),
    "SKIP": ("skip", read_skip),
}


@dataclass(frozen=True)
class Rule:
    """An RFC 5545 RRULE of daily or slower frequency, with RFC 7529's ``SKIP=BACKWARD``.

    Lists are kept sorted and without doubles, so that two rules that say the same are equal. ``until`` is a
    date (that day included, in the schedule's zone) or an instant in UTC (included). A wrong value raises
    :class:`RuleError`.
    """

    freq: Frequency
    interval: int = 1
    by_day: tuple[ByDay, ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_month: tuple[int, ...] = ()
    by_set_pos: tuple[int, ...] = ()
    by_year_day: tuple[int, ...] = ()
    by_week_no: tuple[int, ...] = ()
    week_start: Weekday = Weekday.MO
    count: int | None = None
    until: date | datetime | None = None
    skip: Skip = Skip.OMIT

    def __post_init__(self) -> None:
        _normalise(self)
        _check_ranges(self)
        _check_end(self)
        _check_fit(self)
        _check_ordinals(self)
        _check_set_pos(self)
        _check_possible(self)

    @classmethod
    def parse(cls, text: str) -> Rule:
        """The rule that ``text`` states: an RRULE with or without ``RRULE:``, or a word such as weekly."""
        stated = text.strip().upper().removeprefix("RRULE:")
        if len(stated) > MAX_TEXT:
            raise RuleError(f"The rule is longer than {MAX_TEXT} characters.")
        if stated in WORDS:
            return cls(Frequency[stated])
        return cls(**_read_parts(_split(stated)))

    def __str__(self) -> str:
        """The rule as RFC 5545 text without ``RRULE:``, in one fixed order and without defaults."""
        written = [f"{name}={_write(getattr(self, field))}" for name, field in self._stated()]
        if self.skip is not Skip.OMIT:
            written[-1:] = ["RSCALE=GREGORIAN", written[-1]]  # RFC 7529: no SKIP without RSCALE
        return ";".join(written)

    def replace(self, **changes: Any) -> Rule:
        """The same rule with some fields changed; checked again."""
        return dataclasses.replace(self, **changes)

    @property
    def selects_days(self) -> bool:
        """Whether the rule has any BY part, so that its dates are more than a distance from each other."""
        return bool(self.by_day or self.by_month_day or self.by_month or self.by_year_day or self.by_week_no)

    def _stated(self) -> list[tuple[str, str]]:
        defaults = {field.name: field.default for field in dataclasses.fields(self)}
        fields = ((name, field) for name, (field, _) in _READERS.items())
        return [(name, field) for name, field in fields if getattr(self, field) != defaults[field]]


def _split(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        if not (name and equals and value):
            raise RuleError(
                f"{quoted(part)} is not a part of a rule. Write for example FREQ=WEEKLY;BYDAY=MO,"
                " or one of the words daily, weekly, monthly, yearly."
            )
        if name in parts:
            raise RuleError(f"{name} is given twice. Give it once, with all its values.")
        parts[name] = value
    return parts


def _read_parts(parts: dict[str, str]) -> dict[str, Any]:
    if "FREQ" not in parts:
        raise RuleError("FREQ is missing. Begin with for example FREQ=WEEKLY.")
    _check_scale(parts.pop("RSCALE", "GREGORIAN"))
    return {_READERS[name][0]: _READERS[name][1](value) for name, value in parts.items() if _is_known(name)}


def _is_known(name: str) -> bool:
    if name in ("BYHOUR", "BYMINUTE", "BYSECOND"):
        raise RuleError(f"{name} is not possible: a task repeats once a day at most, at its start's time.")
    if name not in _READERS:
        raise RuleError(f"{quoted(name)} is not a part of a rule. Known are {listed([*_READERS, 'RSCALE'])}.")
    return True


def _check_scale(scale: str) -> None:
    if scale != "GREGORIAN":
        raise RuleError(f"RSCALE must be GREGORIAN, not {quoted(scale)}.")


def _write(value: Any) -> str:
    if isinstance(value, date):
        return write_until(value)
    if isinstance(value, Weekday):
        return value.name
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _from_the_front(number: int) -> tuple[bool, int]:
    return number < 0, number


def _normalise(rule: Rule) -> None:
    changes: dict[str, Any] = {
        "freq": read_frequency(rule.freq),
        "skip": read_skip(rule.skip),
        "week_start": Weekday(rule.week_start),
        "by_day": tuple(
            sorted(set(rule.by_day), key=lambda day: (day.weekday, _from_the_front(day.ordinal)))
        ),
    }
    for field in ("by_month_day", "by_month", "by_set_pos", "by_year_day", "by_week_no"):
        changes[field] = tuple(sorted(set(getattr(rule, field)), key=_from_the_front))
    if isinstance(rule.until, datetime):
        if rule.until.tzinfo is None:
            raise RuleError("UNTIL needs a time zone where it has a time. Give it in UTC.")
        changes["until"] = rule.until.astimezone(UTC).replace(microsecond=0)
    for field, value in changes.items():
        object.__setattr__(rule, field, value)  # the way that frozen dataclasses are filled


def _check_ranges(rule: Rule) -> None:
    _check_range("INTERVAL", (rule.interval,), MAX_INTERVAL)
    _check_range("COUNT", () if rule.count is None else (rule.count,), MAX_COUNT)
    _check_range("BYMONTH", rule.by_month, 12)
    for name, values, limit in (
        ("BYMONTHDAY", rule.by_month_day, 31),
        ("BYYEARDAY", rule.by_year_day, 366),
        ("BYWEEKNO", rule.by_week_no, 53),
        ("BYSETPOS", rule.by_set_pos, DAYS_IN_PERIOD[rule.freq]),
    ):
        _check_range(name, values, limit, from_end=True)


def _check_range(name: str, values: tuple[int, ...], limit: int, *, from_end: bool = False) -> None:
    for value in values:
        if not 1 <= (abs(value) if from_end else value) <= limit:
            allowed = f"from 1 to {limit}" + (f" or from -{limit} to -1" if from_end else "")
            raise RuleError(f"{name} must be {allowed}, not {value}.")


def _check_end(rule: Rule) -> None:
    if rule.count is not None and rule.until is not None:
        raise RuleError("COUNT and UNTIL both end the series. Give one of them.")


def _check_fit(rule: Rule) -> None:
    yearly_only = f"is only possible with FREQ=YEARLY, not with FREQ={rule.freq}."
    if rule.by_week_no and rule.freq is not Frequency.YEARLY:
        raise RuleError(f"BYWEEKNO {yearly_only}")
    if rule.by_year_day and rule.freq is not Frequency.YEARLY:
        raise RuleError(f"BYYEARDAY {yearly_only}")
    if rule.by_month_day and rule.freq is Frequency.WEEKLY:
        raise RuleError("BYMONTHDAY is not possible with FREQ=WEEKLY. Use FREQ=MONTHLY or FREQ=DAILY.")


def _check_ordinals(rule: Rule) -> None:
    ordinals = [abs(day.ordinal) for day in rule.by_day if day.ordinal]
    if not ordinals:
        return
    if rule.freq in (Frequency.DAILY, Frequency.WEEKLY):
        raise RuleError(
            f"BYDAY with a number, such as 1FR, is not possible with FREQ={rule.freq}. Use MONTHLY."
        )
    if rule.by_week_no:
        raise RuleError(
            "BYDAY with a number is not possible together with BYWEEKNO: a week has each day once."
        )
    limit, period = (5, "month") if rule.freq is Frequency.MONTHLY or rule.by_month else (53, "year")
    if max(ordinals) > limit:
        raise RuleError(f"BYDAY counts up to {limit}: no {period} has a weekday more often.")


def _check_set_pos(rule: Rule) -> None:
    if rule.by_set_pos and not rule.selects_days:
        raise RuleError("BYSETPOS picks from what another part selects. Add one, such as BYDAY=MO,TU.")


def _check_possible(rule: Rule) -> None:
    if rule.skip is Skip.BACKWARD or not (rule.by_month and rule.by_month_day):
        return
    longest = max(LONGEST_MONTHS[month - 1] for month in rule.by_month)
    if min(map(abs, rule.by_month_day)) > longest:
        raise RuleError(
            f"No month of BYMONTH has the day of BYMONTHDAY: the longest has {longest} days."
            " SKIP=BACKWARD takes the last day instead."
        )
