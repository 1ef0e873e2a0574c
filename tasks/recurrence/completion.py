"""The dates of a series that is counted from completion: "every! 3 days"."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count

from tasks.recurrence.expansion import LAST_DAY, Pattern
from tasks.recurrence.parts import Frequency
from tasks.recurrence.rule import Rule


def dates_after_completion(rule: Rule, start: date, completed: date) -> Iterator[date]:
    """The dates that may follow a completion on ``completed``, ascending; none before ``start``.

    Without BY parts: one interval later, then two, and so on; a month that lacks the day gives its last day.
    With BY parts and INTERVAL=1: what the rule names after the completion, so "every! friday" done on a
    Thursday is due the next day. With a larger INTERVAL: what it names from the period that many periods
    later, so "every! 2 weeks on Friday" is due in the week after next, whether it was done before or after
    this week's Friday.
    """
    if rule.selects_days:
        yield from Pattern(rule.replace(interval=1), start).on_or_after(_earliest(rule, start, completed))
        return
    for times in count(1):
        day = _later(completed, rule.freq, times * rule.interval)
        if day is None:
            return
        yield max(day, start)


def _earliest(rule: Rule, start: date, completed: date) -> date:
    if rule.interval == 1:
        return completed + timedelta(days=1)
    pattern = Pattern(rule, start)
    return pattern.first_day_of(pattern.period_of(completed) + rule.interval)


def _later(day: date, freq: Frequency, number: int) -> date | None:
    """``day`` plus a number of days, weeks, months or years, or None where the calendar ends."""
    if freq in (Frequency.DAILY, Frequency.WEEKLY):
        ordinal = day.toordinal() + number * (7 if freq is Frequency.WEEKLY else 1)
        return date.fromordinal(ordinal) if ordinal <= LAST_DAY.toordinal() else None
    year, month = divmod(day.year * 12 + day.month - 1 + number * (12 if freq is Frequency.YEARLY else 1), 12)
    if year > LAST_DAY.year:
        return None
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
