"""From what was stated to instants: when the task is due, and when its series starts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from tasks.quickadd.dates import Context, add_units
from tasks.quickadd.repeats import Repeat
from tasks.quickadd.when import When
from tasks.recurrence import Rule, Schedule, Weekday
from tasks.recurrence.wallclock import to_local, to_utc

MIDNIGHT = time(0)


@dataclass(frozen=True, slots=True)
class Due:
    """A due date: the instant, and what the reader's clocks show then; ``time`` is None for all-day."""

    instant: datetime
    date: date
    time: time | None


@dataclass(frozen=True, slots=True)
class Series:
    """A series: its rule, its naive local start, and its first date, or None where it ends before it begins."""

    rule: Rule
    start: datetime
    due: Due | None


def resolve_when(when: When, context: Context) -> Due | None:
    """The due date that was stated, or None if nothing was."""
    if when.instant is not None:
        return _due_at(when.instant, context)
    if when.day is not None and when.time is not None:
        return _on_day(when.day, when.time, context, is_loose=when.is_loose)
    if when.day is not None:
        return _all_day(when.day)
    return _coming(when.time, context) if when.time is not None else None


def resolve_series(repeat: Repeat, at: time | None, context: Context) -> Series:
    """The series, from its first date on or after now, or on or after the beginning that was stated.

    "every 2 weeks" counts from that date, so it is looked for as if there were no interval.
    """
    begin = datetime.combine(repeat.begin or context.today, at or MIDNIGHT)
    now = context.now if at else to_utc(datetime.combine(context.today, MIDNIGHT), context.zone)
    rule = _rule_of(repeat, begin.date(), context)
    endless = Schedule(rule.replace(interval=1), begin, context.zone)
    first = _from(endless, to_utc(begin, context.zone) if repeat.begin else now)
    start = datetime.combine(to_local(first, context.zone).date(), begin.time()) if first else begin
    rule = _limited(rule, repeat, start.date())
    found = _from(Schedule(rule, start, context.zone), now)
    due = None if found is None else _due_at(found, context)
    return Series(rule, start, due if at or due is None else _all_day(due.date))


def _rule_of(repeat: Repeat, begin: date, context: Context) -> Rule:
    """The rule without its end."""
    counts_from_start = repeat.anchor == "schedule"
    every = repeat.every.pinned(begin) if counts_from_start else repeat.every
    rule = every.rule()
    if rule.interval > 1 and len(rule.by_day) > 1:  # only then does it matter where a week starts
        return rule.replace(week_start=Weekday(context.week_start))
    return rule


def _limited(rule: Rule, repeat: Repeat, start: date) -> Rule:
    until = repeat.until
    if repeat.span is not None:
        beyond = add_units(start, *repeat.span)
        until = beyond - timedelta(days=1) if beyond else None
    return rule.replace(count=repeat.count, until=until)


def _from(schedule: Schedule, moment: datetime) -> datetime | None:
    """The first occurrence at or after ``moment``."""
    return schedule.after(moment - timedelta.resolution)


def _on_day(day: date, at: time, context: Context, *, is_loose: bool) -> Due:
    """A stated day and time, passed or not; except that midnight "today" is the one to come."""
    if day == context.today and at == MIDNIGHT:
        day += timedelta(days=1)
    due = _due_at(to_utc(datetime.combine(day, at), context.zone), context)
    return _all_day(day) if is_loose and due.instant < context.now else due


def _coming(at: time, context: Context) -> Due:
    """The next such time; on the night on which an hour comes twice that may be its second coming."""
    today = datetime.combine(context.today, at, context.zone)
    again = today.replace(fold=1)
    tomorrow = datetime.combine(context.today + timedelta(days=1), at)
    instants = today.astimezone(UTC), again.astimezone(UTC), to_utc(tomorrow, context.zone)
    return _due_at(next((found for found in instants if found >= context.now), instants[-1]), context)


def _due_at(instant: datetime, context: Context) -> Due:
    local = to_local(instant, context.zone)
    return Due(instant.astimezone(UTC), local.date(), local.time())


def _all_day(day: date) -> Due:
    return Due(datetime.combine(day, MIDNIGHT, UTC), day, None)
