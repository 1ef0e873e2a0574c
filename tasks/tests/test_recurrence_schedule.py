"""A schedule's promises: one chain however it is asked, at a cost that the past does not raise."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.recurrence import Rule, RuleError, Schedule
from tasks.recurrence.expansion import Pattern
from tasks.recurrence.wallclock import to_local, to_utc
from tasks.tests.recurrence_strategies import rules, starts, years_later

ROOT = Path(__file__).parents[2]
BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
ZONES = st.sampled_from(
    [
        ZoneInfo(name)
        for name in (
            "UTC",
            "Europe/Berlin",
            "America/New_York",
            "Australia/Lord_Howe",
            "Africa/Cairo",
            "Pacific/Apia",
        )
    ]
)
slowly = settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def schedule(rule: str, start: str, zone: ZoneInfo = BERLIN, *left_out: str) -> Schedule:
    return Schedule(Rule.parse(rule), local(start), zone, frozenset(map(local, left_out)))


def chain(series: Schedule) -> Iterator[datetime]:
    """The occurrences as tasks are made: each from the one before, with the number made so far."""
    occurrence, made = series.first(), 1
    while occurrence is not None:
        yield occurrence
        occurrence, made = series.after(occurrence, made=made), made + 1


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    """Any schedule, in any of the odd zones, with some of its first occurrences left out."""
    whole = Schedule(draw(rules()), draw(starts), draw(ZONES))
    first = whole.preview(8)
    left_out = draw(st.sets(st.sampled_from(first), max_size=4)) if first else set()
    return Schedule(
        whole.rule, whole.start, whole.zone, frozenset(to_local(at, whole.zone) for at in left_out)
    )


@slowly
@given(schedules())
def test_the_chain_of_occurrences_is_the_preview(series: Schedule) -> None:
    assert list(islice(chain(series), 15)) == series.preview(15)


@slowly
@given(schedules())
def test_the_chain_of_occurrences_is_what_lies_between(series: Schedule) -> None:
    begin = to_utc(series.start, series.zone)
    end = years_later(series.start, 8).replace(tzinfo=UTC)

    found = list(islice(series.between(begin, end), 40))

    assert found == [instant for instant in islice(chain(series), 40) if instant < end]


@slowly
@given(schedules(), st.integers(-400, 4000))
def test_a_window_shows_the_same_as_the_whole(series: Schedule, days: int) -> None:
    begin = to_utc(series.start, series.zone) + timedelta(days=days)
    end = begin + timedelta(days=100)

    whole = series.between(datetime.min.replace(tzinfo=UTC), end)

    assert list(series.between(begin, end)) == [instant for instant in whole if instant >= begin]


@slowly
@given(schedules(), st.integers(-400, 4000))
def test_the_next_after_any_moment_is_the_first_of_the_preview(series: Schedule, days: int) -> None:
    moment = to_utc(series.start, series.zone) + timedelta(days=days, minutes=17)

    following = series.after(moment)

    assert [following] == (series.preview(1, after=moment) or [None])
    assert following is None or following > moment


@slowly
@given(schedules())
def test_occurrences_ascend_keep_the_wall_clock_and_are_in_utc(series: Schedule) -> None:
    found = series.preview(30)

    assert all(earlier < later for earlier, later in pairwise(found))
    assert all(instant.tzinfo is UTC for instant in found)
    assert all(is_on_the_clock(instant, series) for instant in found)


def is_on_the_clock(instant: datetime, series: Schedule) -> bool:
    """Whether it is the start's time of that day, or of the day before where a gap moved it past midnight."""
    day = to_local(instant, series.zone).date()
    meant = [datetime.combine(day - timedelta(days=ago), series.start.time()) for ago in (0, 1)]
    return instant in [to_utc(moment, series.zone) for moment in meant]


@slowly
@given(schedules(), st.integers(0, 4000), st.integers(0, 30))
def test_what_follows_a_completion_is_later_than_it(series: Schedule, days: int, made: int) -> None:
    done = to_utc(series.start, series.zone) + timedelta(days=days, hours=7)

    following = series.after_completion(done, made=made)

    if following is not None:
        assert following > done
        assert series.rule.count is None or made < series.rule.count
        assert is_on_the_clock(following, series)
    repeated = series.after_completion(done, made=made, occurrence=following)
    assert repeated is None or repeated > following


@slowly
@given(rules())
def test_a_rule_survives_its_text(rule: Rule) -> None:
    assert Rule.parse(str(rule)) == rule
    assert str(Rule.parse(str(rule))) == str(rule)


class Steps:
    """Counts the periods that are looked at."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.taken = 0
        self._dates_in = Pattern.dates_in
        monkeypatch.setattr(Pattern, "dates_in", lambda pattern, period: self._count(pattern, period))

    def _count(self, pattern: Pattern, period: int) -> list[date]:
        self.taken += 1
        return self._dates_in(pattern, period)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=3;COUNT=100000",
        "FREQ=WEEKLY;BYDAY=MO,FR",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;COUNT=100000",
        "FREQ=MONTHLY;BYMONTHDAY=-1",
        "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=5",
    ],
)
@pytest.mark.parametrize("start", ["1900-01-05T09:00", "2026-01-02T09:00"])
def test_the_next_date_costs_the_same_however_long_ago_the_start_was(
    rule: str, start: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    series = schedule(rule, start)
    occurrence = utc("2026-06-05T09:00+02:00")
    steps = Steps(monkeypatch)

    assert series.after(occurrence, made=500) is not None
    assert steps.taken <= 6

    assert series.after_completion(occurrence, made=500) is not None
    assert steps.taken <= 8


def test_a_window_costs_what_lies_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    series = schedule("FREQ=DAILY", "1900-01-01T09:00")
    steps = Steps(monkeypatch)

    found = list(series.between(utc("2026-06-01T00:00Z"), utc("2026-06-11T00:00Z")))

    assert len(found) == 10
    assert steps.taken <= 13


@pytest.mark.parametrize(
    ("rule", "most"),
    [
        ("FREQ=YEARLY;BYYEARDAY=1;BYMONTH=2", 400),
        ("FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=30", 400),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=FR", 20_871),
    ],
)
def test_the_search_for_a_date_that_never_comes_is_bounded(
    rule: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    series = schedule(rule, "2026-02-01T09:00")
    steps = Steps(monkeypatch)

    assert series.first() is None
    assert steps.taken <= most


def test_count_ends_the_series_once_so_many_were_made() -> None:
    series = schedule("FREQ=DAILY;COUNT=3", "2026-01-01T09:00")
    late = utc("2026-05-01T09:00+02:00")

    assert series.after(late, made=2) == utc("2026-05-02T09:00+02:00")
    assert series.after(late, made=3) is None
    assert series.after(late, made=4) is None


def test_count_without_a_number_made_is_counted_from_the_start() -> None:
    series = schedule("FREQ=DAILY;COUNT=3", "2026-01-01T09:00")

    assert series.after(utc("2026-01-02T09:00+01:00")) == utc("2026-01-03T09:00+01:00")
    assert series.after(utc("2026-01-03T09:00+01:00")) is None


def test_a_skipped_occurrence_is_one_of_the_count_and_none_of_the_made() -> None:
    series = schedule(
        "FREQ=DAILY;COUNT=3", "2026-01-01T09:00", BERLIN, "2026-01-02T09:00", "2026-01-02T15:00"
    )
    first, third = utc("2026-01-01T09:00+01:00"), utc("2026-01-03T09:00+01:00")

    assert series.after(first, made=1) == third
    assert series.after(third, made=2) is None


@pytest.mark.parametrize("left_out", ["2026-03-29T02:30", "2026-03-29T03:30"])
def test_an_occurrence_that_a_gap_moved_is_left_out_by_either_time(left_out: str) -> None:
    series = schedule("FREQ=DAILY", "2026-03-28T02:30", BERLIN, left_out)

    assert series.preview(2) == [utc("2026-03-28T02:30+01:00"), utc("2026-03-30T02:30+02:00")]


def test_the_occurrence_of_a_vanished_day_is_found_from_the_day_after() -> None:
    """Samoa went from Thursday to Saturday, so Friday's nine o'clock was that of Saturday."""
    series = schedule("FREQ=WEEKLY;BYDAY=FR", "2011-12-23T09:00", ZoneInfo("Pacific/Apia"))
    early_on_saturday = utc("2011-12-31T00:30+14:00")

    assert series.after(early_on_saturday) == utc("2011-12-31T09:00+14:00")
    assert series.after(utc("2011-12-31T09:00+14:00")) == utc("2012-01-06T09:00+14:00")


def test_an_exception_at_another_time_of_the_day_leaves_nothing_out() -> None:
    series = schedule("FREQ=DAILY", "2026-01-01T09:00", BERLIN, "2026-01-01T10:00")

    assert series.first() == utc("2026-01-01T09:00+01:00")


def test_between_includes_its_begin_and_not_its_end() -> None:
    series = schedule("FREQ=DAILY", "2026-01-01T09:00")

    found = series.between(utc("2026-01-02T09:00+01:00"), utc("2026-01-04T09:00+01:00"))

    assert list(found) == [utc("2026-01-02T09:00+01:00"), utc("2026-01-03T09:00+01:00")]


def test_preview_goes_on_after_a_moment() -> None:
    series = schedule("FREQ=WEEKLY;INTERVAL=2", "2026-11-20T14:30")

    assert series.preview(2, after=utc("2026-11-20T14:30+01:00")) == [
        utc("2026-12-04T14:30+01:00"),
        utc("2026-12-18T14:30+01:00"),
    ]


def test_a_task_done_early_does_not_come_back_at_its_own_date() -> None:
    """ "every! friday", due on the 9th and done on the 8th: the next is the Friday after."""
    series = schedule("FREQ=WEEKLY;BYDAY=FR", "2026-01-02T09:00")
    done, due = utc("2026-01-08T12:00+01:00"), utc("2026-01-09T09:00+01:00")

    assert series.after_completion(done) == due
    assert series.after_completion(done, occurrence=due) == utc("2026-01-16T09:00+01:00")


def test_two_completions_on_one_day_are_two_steps() -> None:
    """ "every! 3 days", done today, and the task due in three days done today as well."""
    series = schedule("FREQ=DAILY;INTERVAL=3", "2026-01-01T09:00")
    done = utc("2026-01-01T12:00+01:00")

    second = series.after_completion(done, occurrence=utc("2026-01-01T09:00+01:00"))

    assert second == utc("2026-01-04T09:00+01:00")
    assert series.after_completion(done, occurrence=second) == utc("2026-01-07T09:00+01:00")


def test_a_task_done_early_by_less_than_the_interval_counts_from_its_completion() -> None:
    series = schedule("FREQ=DAILY;INTERVAL=3", "2026-01-01T09:00")

    following = series.after_completion(
        utc("2026-01-03T12:00+01:00"), occurrence=utc("2026-01-04T09:00+01:00")
    )

    assert following == utc("2026-01-06T09:00+01:00")


def test_completion_counts_what_was_made() -> None:
    series = schedule("FREQ=DAILY;COUNT=3", "2026-01-01T09:00")
    done = utc("2026-03-01T12:00+01:00")

    assert series.after_completion(done) == utc("2026-03-02T09:00+01:00")
    assert series.after_completion(done, made=2) == utc("2026-03-02T09:00+01:00")
    assert series.after_completion(done, made=3) is None


def test_a_moment_without_a_zone_is_no_moment() -> None:
    series = schedule("FREQ=DAILY", "2026-01-01T09:00")

    with pytest.raises(ValueError, match="no time zone"):
        series.after_completion(local("2026-01-01T09:00"))
    with pytest.raises(TypeError, match="offset-naive"):
        series.after(local("2026-01-01T09:00"))


def test_local_times_with_a_zone_are_refused() -> None:
    with pytest.raises(ValueError, match="carry no zone"):
        Schedule(Rule.parse("daily"), utc("2026-01-01T09:00Z"), BERLIN)
    with pytest.raises(ValueError, match="carry no zone"):
        Schedule(
            Rule.parse("daily"), local("2026-01-01T09:00"), BERLIN, frozenset({utc("2026-01-02T09:00Z")})
        )


@pytest.mark.parametrize("year", ["0001", "1899", "3000", "9999"])
def test_a_start_in_a_year_that_nobody_means_is_refused(year: str) -> None:
    with pytest.raises(RuleError, match="The start must lie in 1900 to 2999, not in") as refused:
        schedule("daily", f"{year}-12-31T09:00")

    assert refused.value.field == "start_date"


def test_a_series_ends_before_the_calendar_does() -> None:
    series = schedule("FREQ=YEARLY;INTERVAL=10000", "2026-01-01T09:00")

    assert series.preview(5) == [utc("2026-01-01T09:00+01:00")]
    assert schedule("yearly", "2026-01-01T09:00").after(utc("9998-06-01T00:00Z")) is None


def test_the_engine_needs_neither_settings_nor_models() -> None:
    program = (
        "import sys; from datetime import datetime; from zoneinfo import ZoneInfo\n"
        "from tasks.recurrence import Rule, Schedule\n"
        "print(Schedule(Rule.parse('daily'), datetime(2026, 1, 1, 9), ZoneInfo('UTC')).first())\n"
        "print('tasks.models' in sys.modules or 'django.db' in sys.modules)"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env={}, cwd=ROOT, check=True
    )

    assert done.stdout.splitlines() == ["2026-01-01 09:00:00+00:00", "False"]
