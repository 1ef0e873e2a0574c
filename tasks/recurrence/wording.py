"""A rule in words, in the reader's language: "Every 2 weeks on Friday, until 5 Jan 2027"."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

from django.utils.dateformat import format as format_date
from django.utils.dateformat import time_format as format_time
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tasks.recurrence.parts import WORKING_DAYS, ByDay, Frequency, Skip, Weekday
from tasks.recurrence.rule import LONGEST_MONTHS, Rule

Anchor = Literal["schedule", "completion"]

SHORTEST_MONTH = 28  # days; later days of the month may not exist


def describe(
    rule: Rule, *, anchor: Anchor = "schedule", zone: ZoneInfo | None = None, at: time | None = None
) -> str:
    """What ``rule`` says, as a sentence without its full stop.

    ``anchor`` tells whether dates count from the schedule or from completion; ``zone`` is where the date of
    an UNTIL with a time is read (UTC if it is not given); ``at`` is the time of day of every occurrence.
    """
    sentence = _after_done(rule) if anchor == "completion" else _repeats(rule)
    if at is not None:
        sentence = _("%(rule)s at %(time)s") % {"rule": sentence, "time": format_time(at, "H:i")}
    limit = _limit(rule, zone)
    return _("%(rule)s, %(limit)s") % {"rule": sentence, "limit": limit} if limit else sentence


def _after_done(rule: Rule) -> str:
    if rule.selects_days:
        return _("%(rule)s, counted from done") % {"rule": _repeats(rule)}
    after = {
        Frequency.DAILY: ngettext("%(n)d day after done", "%(n)d days after done", rule.interval),
        Frequency.WEEKLY: ngettext("%(n)d week after done", "%(n)d weeks after done", rule.interval),
        Frequency.MONTHLY: ngettext("%(n)d month after done", "%(n)d months after done", rule.interval),
        Frequency.YEARLY: ngettext("%(n)d year after done", "%(n)d years after done", rule.interval),
    }
    return after[rule.freq] % {"n": rule.interval}


def _repeats(rule: Rule) -> str:
    short = _short(rule) if rule.interval == 1 else ""
    days = "" if short else _days(rule)
    words = short or _every(rule)
    if days and rule.freq is Frequency.DAILY:
        words = _("%(every)s, only on %(days)s") % {"every": words, "days": days}
    elif days:
        words = _("%(every)s on %(days)s") % {"every": words, "days": days}
    if rule.by_week_no:
        words = _("%(every)s in %(weeks)s") % {"every": words, "weeks": _all(map(_week, rule.by_week_no))}
    if rule.by_month and not _is_day_of_year(rule):
        words = _("%(every)s in %(months)s") % {"every": words, "months": _months(rule)}
    return words if _picks_weekday(rule) else _picked(rule, words)


def _every(rule: Rule) -> str:
    every = {
        Frequency.DAILY: ngettext("Every day", "Every %(n)d days", rule.interval),
        Frequency.WEEKLY: ngettext("Every week", "Every %(n)d weeks", rule.interval),
        Frequency.MONTHLY: ngettext("Every month", "Every %(n)d months", rule.interval),
        Frequency.YEARLY: ngettext("Every year", "Every %(n)d years", rule.interval),
    }
    return every[rule.freq] % {"n": rule.interval}


def _short(rule: Rule) -> str:
    """Rules that people have one word for: "Every weekday", "Every Friday", "Every 3rd Friday"."""
    if rule.by_set_pos or rule.by_month_day or not rule.by_day:
        return ""
    if rule.freq in (Frequency.DAILY, Frequency.WEEKLY):
        return _("Every %(days)s") % {"days": _weekdays(rule)}
    if rule.freq is Frequency.MONTHLY and len(rule.by_day) == 1 and rule.by_day[0].ordinal:
        day = rule.by_day[0]
        return _("Every %(nth)s %(weekday)s") % {"nth": _nth(day.ordinal), "weekday": _weekday(day.weekday)}
    return ""


def _days(rule: Rule) -> str:
    """What follows "on": the days that the BY parts select within a period."""
    if _picks_weekday(rule):
        return _all(
            _("the %(nth)s %(days)s") % {"nth": _nth(position), "days": _weekdays(rule, either=True)}
            for position in rule.by_set_pos
        )
    if rule.by_year_day:
        return _days_of_year(rule)
    if not rule.by_month_day:
        return _days_of_week(rule) if rule.by_day else ""
    if _is_day_of_year(rule):
        days = _("%(day)d %(month)s") % {"day": rule.by_month_day[0], "month": _months(rule)}
    else:
        days = _either_or_all(rule, map(_month_day, rule.by_month_day))
    return _clamped(rule, _if_weekday(rule, days))


def _days_of_year(rule: Rule) -> str:
    numbers = _either_or_all(rule, map(_the_nth, rule.by_year_day))
    return _if_weekday(rule, _("%(days)s day of the year") % {"days": numbers})


def _days_of_week(rule: Rule) -> str:
    days = {day.weekday for day in rule.by_day if not day.ordinal}
    if days == WORKING_DAYS:
        return _("weekdays")
    recurs_within = rule.freq in (Frequency.MONTHLY, Frequency.YEARLY) and not rule.by_week_no
    is_plain = not any(day.ordinal for day in rule.by_day)
    if is_plain and (recurs_within or len(days) == len(Weekday)):
        return _("every %(days)s") % {"days": _weekdays(rule)}
    return _weekdays(rule)


def _if_weekday(rule: Rule, days: str) -> str:
    """Days of the month or year that BYDAY narrows down, as in "Friday if it is the 13th"."""
    if not rule.by_day:
        return days
    return _("%(weekdays)s if it is %(days)s") % {"weekdays": _weekdays(rule), "days": days}


def _either_or_all(rule: Rule, days: Iterable[str]) -> str:
    return _either(days) if rule.by_day else _all(days)


def _is_day_of_year(rule: Rule) -> bool:
    """Whether the rule names one date, such as 5 January."""
    is_one = len(rule.by_month) == len(rule.by_month_day) == 1
    return is_one and rule.by_month_day[0] > 0 and rule.freq is Frequency.YEARLY


def _clamped(rule: Rule, days: str) -> str:
    if rule.skip is not Skip.BACKWARD or max(rule.by_month_day) <= _shortest_month(rule):
        return days
    return _("%(days)s (or the month's last day)") % {"days": days}


def _shortest_month(rule: Rule) -> int:
    months = rule.by_month or range(1, 13)
    return min(SHORTEST_MONTH if month == 2 else LONGEST_MONTHS[month - 1] for month in months)


def _picks_weekday(rule: Rule) -> bool:
    """Whether BYSETPOS picks from plain weekdays of a month, as in "the last weekday"."""
    is_monthly = rule.freq is Frequency.MONTHLY or (rule.freq is Frequency.YEARLY and len(rule.by_month) == 1)
    is_plain = rule.by_day and not any(day.ordinal for day in rule.by_day)
    selects_more = rule.by_month_day or rule.by_year_day or rule.by_week_no
    return bool(rule.by_set_pos and is_monthly and is_plain and not selects_more)


def _picked(rule: Rule, words: str) -> str:
    if not rule.by_set_pos:
        return words
    return _("%(rule)s, only %(nth)s of these") % {"rule": words, "nth": _all(map(_the_nth, rule.by_set_pos))}


def _weekdays(rule: Rule, *, either: bool = False) -> str:
    days = {day.weekday for day in rule.by_day if not day.ordinal}
    if len(days) == len(Weekday):
        return _("day")
    if days == WORKING_DAYS:
        return _("weekday")
    names = map(_nth_weekday, rule.by_day)
    return _either(names) if either else _all(names)


def _nth_weekday(day: ByDay) -> str:
    if not day.ordinal:
        return _weekday(day.weekday)
    return _("the %(nth)s %(weekday)s") % {"nth": _nth(day.ordinal), "weekday": _weekday(day.weekday)}


def _weekday(weekday: Weekday) -> str:
    return str(WEEKDAYS[weekday])


def _months(rule: Rule) -> str:
    return _all(str(MONTHS[month]) for month in rule.by_month)


def _month_day(number: int) -> str:
    return _the_nth(number) if number > 0 else _("the %(nth)s day") % {"nth": _nth(number)}


def _week(number: int) -> str:
    return _("week %(n)d") % {"n": number} if number > 0 else _("the %(nth)s week") % {"nth": _nth(number)}


def _the_nth(number: int) -> str:
    return _("the %(nth)s") % {"nth": _nth(number)}


def _nth(number: int) -> str:
    """ "3rd", or from the end "last", "3rd to last"."""
    if number == -1:
        return _("last")
    if number < 0:
        return _("%(nth)s to last") % {"nth": _nth(-number)}
    if number % 100 in (11, 12, 13):
        return _("%(n)dth") % {"n": number}
    endings = {1: _("%(n)dst"), 2: _("%(n)dnd"), 3: _("%(n)drd")}
    return endings.get(number % 10, _("%(n)dth")) % {"n": number}


def _all(words: Iterable[str]) -> str:
    *first, last = words
    return _("%(list)s and %(last)s") % {"list": ", ".join(first), "last": last} if first else last


def _either(words: Iterable[str]) -> str:
    *first, last = words
    return _("%(list)s or %(last)s") % {"list": ", ".join(first), "last": last} if first else last


def _limit(rule: Rule, zone: ZoneInfo | None) -> str:
    if rule.count is not None:
        return ngettext("%(n)d time", "%(n)d times", rule.count) % {"n": rule.count}
    if rule.until is None:
        return ""
    until = rule.until
    if isinstance(until, datetime) and zone is not None:
        until = until.astimezone(zone)
    return _("until %(date)s") % {"date": format_date(until, _("j M Y"))}
