"""Rules that nobody thought of, compared with python-dateutil as far as that follows RFC 5545.

Where it does not: BYWEEKNO without a day means the whole week to it instead of the start's weekday; the first
set that BYSETPOS picks from in a weekly rule begins with the start instead of the week; UNTIL as a date is
midnight, not the whole day; and it does not know SKIP.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from itertools import takewhile
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from hypothesis import HealthCheck, assume, given, settings

from tasks.recurrence import Frequency, Rule, Schedule
from tasks.tests.recurrence_strategies import rules, starts, years_later

YEARS = 30
MOST = 200  # occurrences that are compared


def follows_the_rfc(rule: Rule) -> bool:
    """Whether dateutil reads the rule as RFC 5545 does."""
    if rule.freq is Frequency.WEEKLY:
        return not rule.by_set_pos
    return bool(rule.by_day or rule.by_month_day or rule.by_year_day or not rule.by_week_no)


def by_dateutil(rule: Rule, start: datetime) -> list[datetime]:
    if isinstance(rule.until, date) and not isinstance(rule.until, datetime):
        rule = rule.replace(until=datetime.combine(rule.until, time(23, 59, 59), UTC))
    reference = rrulestr(str(rule), dtstart=start.replace(tzinfo=UTC))
    window = years_later(start, YEARS).replace(tzinfo=UTC)
    found: list[datetime] = []
    for instant in takewhile(lambda instant: instant < window, reference):
        found.append(instant)
        if len(found) == MOST:
            break
    return found


@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(rules(skips=False), starts)
def test_the_dates_are_those_of_dateutil(rule: Rule, start: datetime) -> None:
    assume(follows_the_rfc(rule))
    schedule = Schedule(rule, start, ZoneInfo("UTC"))
    begin, end = start.replace(tzinfo=UTC), years_later(start, YEARS).replace(tzinfo=UTC)

    found = [instant for _, instant in zip(range(MOST), schedule.between(begin, end), strict=False)]

    assert found == by_dateutil(rule, start)
