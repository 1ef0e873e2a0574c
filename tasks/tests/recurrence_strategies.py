"""Rules and starts that Hypothesis makes up, for the tests of recurrence."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from hypothesis import strategies as st

from tasks.recurrence import ByDay, Frequency, Rule, RuleError, Skip, Weekday

WEEKDAYS = st.sampled_from(Weekday)
PLAIN_DAYS = st.lists(WEEKDAYS.map(ByDay), min_size=1, max_size=4).map(tuple)
MONTHS = st.lists(st.integers(1, 12), min_size=1, max_size=4).map(tuple)
MONTH_DAYS = st.lists(st.integers(1, 31) | st.integers(-31, -1), min_size=1, max_size=6).map(tuple)


def numbered_days(limit: int) -> st.SearchStrategy[tuple[ByDay, ...]]:
    ordinals = st.integers(1, limit) | st.integers(-limit, -1)
    return st.lists(st.builds(ByDay, WEEKDAYS, ordinals), min_size=1, max_size=3).map(tuple)


BY_PARTS: dict[Frequency, dict[str, st.SearchStrategy[Any]]] = {
    Frequency.DAILY: {"by_day": PLAIN_DAYS, "by_month": MONTHS, "by_month_day": MONTH_DAYS},
    Frequency.WEEKLY: {"by_day": PLAIN_DAYS, "by_month": MONTHS},
    Frequency.MONTHLY: {
        "by_day": PLAIN_DAYS | numbered_days(5),
        "by_month": MONTHS,
        "by_month_day": MONTH_DAYS,
    },
    Frequency.YEARLY: {
        "by_day": PLAIN_DAYS | numbered_days(53),
        "by_month": MONTHS,
        "by_month_day": MONTH_DAYS,
        "by_year_day": st.lists(st.integers(1, 366) | st.integers(-366, -1), min_size=1, max_size=6).map(
            tuple
        ),
        "by_week_no": st.lists(st.integers(1, 53), min_size=1, max_size=3).map(tuple),
    },
}

starts = st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1)).map(  # noqa: DTZ001 - local time
    lambda moment: moment.replace(second=0, microsecond=0)
)


@st.composite
def rules(draw: st.DrawFn, *, skips: bool = True) -> Rule:
    """Any rule: of each frequency, with no, one or two BY parts, BYSETPOS, week start, COUNT or UNTIL."""
    freq = draw(st.sampled_from(Frequency))
    names = draw(st.lists(st.sampled_from(sorted(BY_PARTS[freq])), max_size=2, unique=True))
    fields: dict[str, Any] = {name: draw(BY_PARTS[freq][name]) for name in names}
    fields["interval"] = draw(st.sampled_from([1, 1, 1, 2, 3, 4, 5, 12]))
    fields["week_start"] = draw(WEEKDAYS)
    if names:
        fields["by_set_pos"] = draw(st.sampled_from([(), (), (1,), (-1,), (1, -1)]))
    fields |= draw(ends)
    if skips:
        fields["skip"] = draw(st.sampled_from(Skip))
    try:
        return Rule(freq, **fields)
    except RuleError:  # two parts that do not go together
        return Rule(freq, interval=fields["interval"])


ends = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"count": st.integers(1, 40)}),
    st.fixed_dictionaries({"until": st.dates(date(1995, 1, 1), date(2070, 1, 1))}),
    st.fixed_dictionaries(
        {"until": st.datetimes(datetime(1995, 1, 1), datetime(2070, 1, 1), timezones=st.timezones())}  # noqa: DTZ001
    ),
)


def years_later(start: datetime, years: int) -> datetime:
    """Roughly ``years`` after the start, at midnight; a window's end."""
    return datetime.combine(start.date() + timedelta(days=366 * years), time())
