"""Quick add at other moments and places: ends of days and months, leap years, daylight saving, far zones."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from tasks.quickadd import parse
from tasks.recurrence import Rule, Schedule

BERLIN = "Europe/Berlin"
NEW_YORK = "America/New_York"
KIRITIMATI = "Pacific/Kiritimati"  # UTC+14
PAGO_PAGO = "Pacific/Pago_Pago"  # UTC-11


def parse_at(line, now, zone=BERLIN, **options):
    """What the line means when clocks in the zone show ``now``."""
    place = ZoneInfo(zone)
    return parse(line, now=datetime.fromisoformat(now).replace(tzinfo=place), zone=place, **options)


def local_due(parsed):
    return f"{parsed.due_date} {parsed.due_time:%H:%M}" if parsed.due_time else str(parsed.due_date)


@pytest.mark.parametrize(
    ("now", "line", "due"),
    [
        ("2026-11-20T23:59", "x today", "2026-11-20"),
        ("2026-11-20T23:59", "x tomorrow", "2026-11-21"),
        ("2026-11-20T23:59", "x 23:59", "2026-11-20 23:59"),
        ("2026-11-20T23:59", "x 23:58", "2026-11-21 23:58"),
        ("2026-11-20T23:59", "x midnight", "2026-11-21 00:00"),
        ("2026-11-20T23:59", "x in 2 minutes", "2026-11-21 00:01"),
        ("2026-11-20T23:59", "x tonight", "2026-11-20"),
        ("2026-11-20T19:59", "x tonight", "2026-11-20 20:00"),
        ("2026-11-20T23:59", "x every day 9am", "2026-11-21 09:00"),
        ("2026-11-20T23:59", "x every day", "2026-11-20"),
        ("2026-11-20T00:00", "x midnight", "2026-11-20 00:00"),
        ("2026-11-20T00:00", "x every friday at midnight", "2026-11-20 00:00"),
        ("2026-12-31T12:00", "x tomorrow", "2027-01-01"),
        ("2026-12-31T12:00", "x next month", "2027-01-01"),
        ("2026-12-31T12:00", "x 31 dec", "2026-12-31"),
        ("2026-12-31T12:00", "x 30 dec", "2027-12-30"),
        ("2027-01-31T12:00", "x next month", "2027-02-01"),
        ("2027-01-31T12:00", "x in 1 month", "2027-02-28"),
        ("2028-01-31T12:00", "x in 1 month", "2028-02-29"),
        ("2027-01-31T12:00", "x 31st", "2027-01-31"),
        ("2027-02-01T12:00", "x 31st", "2027-03-31"),
        ("2027-01-31T12:00", "x 30th", "2027-03-30"),
        ("2027-01-31T12:00", "x every month", "2027-01-31"),
        ("2027-01-31T12:00", "x every month 9am", "2027-02-28 09:00"),
        ("2027-02-15T12:00", "x every 31st", "2027-02-28"),
        ("2027-01-31T12:00", "x every last day 9am", "2027-02-28 09:00"),
        ("2028-02-29T12:00", "x today", "2028-02-29"),
        ("2028-02-29T12:00", "x 29 feb", "2028-02-29"),
        ("2028-02-29T12:00", "x 29th", "2028-02-29"),
        ("2028-02-29T12:00", "x in 1 year", "2029-02-28"),
        ("2028-02-29T12:00", "x every year 9am", "2029-02-28 09:00"),
        ("2028-03-01T12:00", "x feb 29", "2032-02-29"),
        ("2099-03-01T12:00", "x feb 29", "2104-02-29"),  # 2100 has none
        ("2026-11-21T12:00", "x every weekday", "2026-11-23"),
        ("2026-11-22T12:00", "x every weekday", "2026-11-23"),
        ("2026-11-22T12:00", "x this weekend", "2026-11-22"),
        ("2026-11-22T12:00", "x every weekend", "2026-11-28"),
        ("2026-11-20T12:00", "x every other friday 9am", "2026-11-27 09:00"),
    ],
)
def test_ends_of_days_months_and_years(now, line, due):
    assert local_due(parse_at(line, now)) == due


@pytest.mark.parametrize(
    ("line", "monday", "sunday", "saturday"),
    [
        ("x next week", "2026-11-23", "2026-11-22", "2026-11-21"),
        ("x next sunday", "2026-11-29", "2026-11-22", "2026-11-22"),
        ("x next saturday", "2026-11-28", "2026-11-28", "2026-11-21"),
        ("x next friday", "2026-11-27", "2026-11-27", "2026-11-27"),
        ("x sunday", "2026-11-22", "2026-11-22", "2026-11-22"),
    ],
)
def test_next_counts_from_the_day_on_which_weeks_start(line, monday, sunday, saturday):
    dues = [local_due(parse_at(line, "2026-11-20T12:00", week_start=week_start)) for week_start in (0, 6, 5)]
    assert dues == [monday, sunday, saturday]


def test_every_other_week_counts_weeks_from_the_day_on_which_they_start():
    line = "x every 2 weeks on sun and mon"
    on_monday = parse_at(line, "2026-11-20T12:00", week_start=0)
    on_sunday = parse_at(line, "2026-11-20T12:00", week_start=6)
    assert on_monday.rule == "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU"
    assert on_sunday.rule == "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU"


@pytest.mark.parametrize(
    ("now", "zone", "line", "due", "instant"),
    [
        # Clocks jump from 02:00 to 03:00: a time in the gap moves forward.
        ("2027-03-27T12:00", BERLIN, "x tomorrow 2:30am", "2027-03-28 03:30", "2027-03-28T01:30"),
        ("2027-03-27T12:00", BERLIN, "x tomorrow 3:30am", "2027-03-28 03:30", "2027-03-28T01:30"),
        ("2027-03-28T00:30", BERLIN, "x 2:30", "2027-03-28 03:30", "2027-03-28T01:30"),
        ("2027-03-28T00:30", BERLIN, "x in 2 hours", "2027-03-28 03:30", "2027-03-28T01:30"),
        ("2027-03-27T12:00", BERLIN, "x every day 2:30am", "2027-03-28 03:30", "2027-03-28T01:30"),
        ("2027-03-13T12:00", NEW_YORK, "x tomorrow 2:30am", "2027-03-14 03:30", "2027-03-14T07:30"),
        # Clocks go back from 03:00 to 02:00: the first of the two is meant.
        ("2027-10-30T12:00", BERLIN, "x tomorrow 2:30am", "2027-10-31 02:30", "2027-10-31T00:30"),
        ("2027-10-31T00:30", BERLIN, "x in 3 hours", "2027-10-31 02:30", "2027-10-31T01:30"),
        ("2027-11-06T12:00", NEW_YORK, "x tomorrow 1:30am", "2027-11-07 01:30", "2027-11-07T05:30"),
        ("2027-10-30T12:00", BERLIN, "x every day 9am", "2027-10-31 09:00", "2027-10-31T08:00"),
        # The same moment is another day elsewhere.
        ("2026-11-20T00:30", KIRITIMATI, "x today 9am", "2026-11-20 09:00", "2026-11-19T19:00"),
        ("2026-11-20T23:30", PAGO_PAGO, "x today 11:45pm", "2026-11-20 23:45", "2026-11-21T10:45"),
        ("2026-11-20T23:30", PAGO_PAGO, "x every friday 9am", "2026-11-27 09:00", "2026-11-27T20:00"),
        ("2026-11-20T00:30", KIRITIMATI, "x every 20th 9am", "2026-11-20 09:00", "2026-11-19T19:00"),
    ],
)
def test_wall_clock_to_instant(now, zone, line, due, instant):
    parsed = parse_at(line, now, zone)
    assert local_due(parsed) == due
    assert parsed.due == datetime.fromisoformat(instant).replace(tzinfo=UTC)


def test_a_time_in_the_hour_that_comes_twice_may_be_its_second_coming():
    berlin = ZoneInfo(BERLIN)
    second_coming = datetime(2027, 10, 31, 2, 40, tzinfo=berlin, fold=1)
    parsed = parse("x 2:45", now=second_coming, zone=berlin)
    assert parsed.due == datetime(2027, 10, 31, 1, 45, tzinfo=UTC)


def test_now_may_come_in_any_zone():
    now = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
    assert parse("x today", now=now, zone=ZoneInfo(KIRITIMATI)).due_date == date(2026, 11, 21)
    assert parse("x today", now=now, zone=ZoneInfo(PAGO_PAGO)).due_date == date(2026, 11, 19)


@pytest.mark.parametrize("zone", [BERLIN, NEW_YORK, KIRITIMATI, PAGO_PAGO])
@pytest.mark.parametrize("line", ["x tomorrow", "x every day starting tomorrow", "x 21 nov", "x 2026-11-21"])
def test_all_day_is_a_floating_date(zone, line):
    parsed = parse_at(line, "2026-11-20T12:00", zone)
    assert parsed.all_day is True
    assert parsed.due == datetime(2026, 11, 21, tzinfo=UTC)
    assert (parsed.due_date, parsed.due_time) == (date(2026, 11, 21), None)


def test_all_day_counts_today_until_its_last_minute():
    parsed = parse_at("x every friday", "2026-11-20T23:59", PAGO_PAGO)
    assert parsed.due_date == date(2026, 11, 20)


def test_timed_is_not_all_day():
    parsed = parse_at("x tomorrow at midnight", "2026-11-20T12:00")
    assert (parsed.all_day, parsed.due_time) == (False, time(0))


@pytest.mark.parametrize(
    ("line", "start", "due"),
    [
        ("x", "None", "None"),
        ("x tomorrow 9am", "None", "2026-11-21 09:00"),
        ("x every day", "2026-11-20 00:00", "2026-11-20"),
        ("x every day 9am", "2026-11-21 09:00", "2026-11-21 09:00"),
        ("x every weekday 9am", "2026-11-23 09:00", "2026-11-23 09:00"),
        ("x every 3 days starting 1 nov 2026", "2026-11-01 00:00", "2026-11-22"),
        ("x every 2 weeks starting 5 nov 2026 8am", "2026-11-05 08:00", "2026-12-03 08:00"),
        ("x every day starting today 9am", "2026-11-20 09:00", "2026-11-21 09:00"),
    ],
)
def test_a_series_starts_on_its_first_date(line, start, due):
    parsed = parse_at(line, "2026-11-20T12:00")
    assert str(parsed.start).removesuffix(":00") == start
    assert local_due(parsed) == due


def test_start_keeps_its_wall_clock_time_where_the_first_date_falls_into_a_gap():
    parsed = parse_at("x every day 2:30am", "2027-03-27T12:00")
    assert f"{parsed.start:%Y-%m-%d %H:%M}" == "2027-03-28 02:30"
    assert parsed.due_time == time(3, 30)


@pytest.mark.parametrize(
    ("line", "dues"),
    [
        ("x every 31st", ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]),
        ("x every month", ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]),
        ("x every last day", ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]),
        ("x every 2 weeks on sat", ["2027-02-06", "2027-02-20", "2027-03-06", "2027-03-20"]),
        ("x every 3 months on the 1st", ["2027-02-01", "2027-05-01", "2027-08-01", "2027-11-01"]),
        ("x every day until 1 feb", ["2027-01-31", "2027-02-01"]),
        ("x every day for 3 times", ["2027-01-31", "2027-02-01", "2027-02-02"]),
        ("x every day for 2 days", ["2027-01-31", "2027-02-01"]),
        ("x every monday for 2 weeks", ["2027-02-01", "2027-02-08"]),
    ],
)
def test_the_dates_that_follow(line, dues):
    parsed = parse_at(line, "2027-01-31T12:00")
    series = Schedule(Rule.parse(parsed.rule), parsed.start, ZoneInfo(BERLIN)).preview(4)
    assert [str(instant.astimezone(ZoneInfo(BERLIN)).date()) for instant in series] == dues
    assert str(parsed.due_date) == dues[0]


def test_a_month_from_completion_is_not_tied_to_a_day():
    assert parse_at("x every! month", "2027-01-31T12:00").rule == "FREQ=MONTHLY"
