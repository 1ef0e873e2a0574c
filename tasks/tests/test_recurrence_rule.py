"""Rules as text: what is read, how it is written, and what is refused with which sentence."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from tasks.recurrence import ByDay, Frequency, Rule, RuleError, Skip, Weekday

# What is typed, and how it is written.
TEXTS = [
    ("daily", "FREQ=DAILY"),
    ("Weekly", "FREQ=WEEKLY"),
    (" monthly ", "FREQ=MONTHLY"),
    ("YEARLY", "FREQ=YEARLY"),
    ("RRULE:weekly", "FREQ=WEEKLY"),
    ("FREQ=DAILY", "FREQ=DAILY"),
    ("rrule:freq=daily;interval=2", "FREQ=DAILY;INTERVAL=2"),
    ("FREQ=DAILY;INTERVAL=1", "FREQ=DAILY"),
    ("INTERVAL=3;FREQ=DAILY", "FREQ=DAILY;INTERVAL=3"),
    ("FREQ=DAILY;INTERVAL=+03", "FREQ=DAILY;INTERVAL=3"),
    ("FREQ=WEEKLY;BYDAY=FR,MO,FR", "FREQ=WEEKLY;BYDAY=MO,FR"),
    ("FREQ=WEEKLY;WKST=MO", "FREQ=WEEKLY"),
    ("FREQ=WEEKLY;WKST=SU;INTERVAL=2", "FREQ=WEEKLY;INTERVAL=2;WKST=SU"),
    ("FREQ=MONTHLY;BYDAY=-1SU,+1SU", "FREQ=MONTHLY;BYDAY=1SU,-1SU"),
    ("FREQ=MONTHLY;BYMONTHDAY=-1,15,1", "FREQ=MONTHLY;BYMONTHDAY=1,15,-1"),
    ("FREQ=MONTHLY;BYSETPOS=-1;BYDAY=MO,TU", "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1"),
    ("FREQ=YEARLY;BYMONTHDAY=5;BYMONTH=1", "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=5"),
    ("FREQ=YEARLY;BYYEARDAY=366,-366", "FREQ=YEARLY;BYYEARDAY=366,-366"),
    ("FREQ=YEARLY;BYWEEKNO=53,1,-1", "FREQ=YEARLY;BYWEEKNO=1,53,-1"),
    ("FREQ=YEARLY;BYDAY=53MO,-53MO", "FREQ=YEARLY;BYDAY=53MO,-53MO"),
    ("COUNT=10;FREQ=DAILY", "FREQ=DAILY;COUNT=10"),
    ("FREQ=DAILY;UNTIL=20270105", "FREQ=DAILY;UNTIL=20270105"),
    ("FREQ=DAILY;UNTIL=20270105t090000z", "FREQ=DAILY;UNTIL=20270105T090000Z"),
    ("FREQ=DAILY;UNTIL=09990105T000000Z", "FREQ=DAILY;UNTIL=09990105T000000Z"),
    ("FREQ=MONTHLY;SKIP=BACKWARD", "FREQ=MONTHLY;RSCALE=GREGORIAN;SKIP=BACKWARD"),
    ("RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=OMIT", "FREQ=MONTHLY"),
    ("RSCALE=GREGORIAN;FREQ=DAILY", "FREQ=DAILY"),
]

# What is typed, and what the sentence that refuses it says.
ERRORS = [
    ("", "FREQ=WEEKLY;BYDAY=MO"),
    ("often", "daily, weekly, monthly, yearly"),
    ("every friday", "'EVERY FRIDAY' is not a part of a rule"),
    ("FREQ", "'FREQ' is not a part of a rule"),
    ("FREQ=", "'FREQ=' is not a part of a rule"),
    ("FREQ=DAILY;", "'' is not a part of a rule"),
    ("FREQ=DAILY;;COUNT=1", "'' is not a part of a rule"),
    ("=DAILY", "'=DAILY' is not a part of a rule"),
    ("INTERVAL=2", "FREQ is missing"),
    ("FREQ=HOURLY", "repeats within a day. Use DAILY, WEEKLY, MONTHLY or YEARLY"),
    ("FREQ=MINUTELY;INTERVAL=15", "repeats within a day"),
    ("FREQ=SECONDLY", "repeats within a day"),
    ("FREQ=FORTNIGHTLY", "FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY, not 'FORTNIGHTLY'"),
    ("FREQ=DAILY;FREQ=WEEKLY", "FREQ is given twice"),
    ("FREQ=DAILY;BYHOUR=9", "BYHOUR is not possible"),
    ("FREQ=DAILY;BYMINUTE=30", "BYMINUTE is not possible"),
    ("FREQ=DAILY;BYSECOND=0", "BYSECOND is not possible"),
    ("FREQ=DAILY;BYEASTER=0", "'BYEASTER' is not a part of a rule. Known are FREQ"),
    ("FREQ=DAILY;X-NAME=1", "'X-NAME' is not a part of a rule"),
    ("FREQ=DAILY;INTERVAL=0", "INTERVAL must be from 1 to 10000, not 0"),
    ("FREQ=DAILY;INTERVAL=-1", "INTERVAL must be from 1 to 10000, not -1"),
    ("FREQ=DAILY;INTERVAL=10001", "INTERVAL must be from 1 to 10000"),
    ("FREQ=DAILY;INTERVAL=1.5", "INTERVAL takes whole numbers, not '1.5'"),
    ("FREQ=DAILY;INTERVAL=two", "INTERVAL takes whole numbers, not 'TWO'"),
    ("FREQ=DAILY;INTERVAL=" + "9" * 500, "INTERVAL takes whole numbers, not '" + "9" * 40 + "'"),
    ("FREQ=DAILY;INTERVAL=٣", "INTERVAL takes whole numbers"),
    ("FREQ=DAILY;COUNT=0", "COUNT must be from 1 to 100000, not 0"),
    ("FREQ=DAILY;COUNT=100001", "COUNT must be from 1 to 100000"),
    ("FREQ=DAILY;COUNT=3;UNTIL=20270105", "Give one of them"),
    ("FREQ=DAILY;UNTIL=tomorrow", "UNTIL must be a date (20270105) or a time in UTC (20270105T090000Z)"),
    ("FREQ=DAILY;UNTIL=20270105T090000", "UNTIL must be a date (20270105) or a time in UTC"),
    ("FREQ=DAILY;UNTIL=2027-01-05", "UNTIL must be a date (20270105)"),
    ("FREQ=DAILY;UNTIL=20270230", "not a day and time that exists"),
    ("FREQ=DAILY;UNTIL=20270105T250000Z", "not a day and time that exists"),
    ("FREQ=WEEKLY;BYDAY=XX", "BYDAY takes weekdays as MO, TU, WE, TH, FR, SA or SU, not 'XX'"),
    ("FREQ=WEEKLY;BYDAY=MO,", "BYDAY takes weekdays"),
    ("FREQ=WEEKLY;BYDAY=FRIDAY", "BYDAY takes weekdays as MO, TU, WE, TH, FR, SA or SU, not 'FRIDAY'"),
    ("FREQ=MONTHLY;BYDAY=1.5FR", "BYDAY takes weekdays"),
    ("FREQ=MONTHLY;BYDAY=0FR", "not from 0"),
    ("FREQ=MONTHLY;BYDAY=6FR", "BYDAY counts up to 5: no month has a weekday more often"),
    ("FREQ=YEARLY;BYMONTH=3;BYDAY=-6FR", "BYDAY counts up to 5"),
    ("FREQ=YEARLY;BYDAY=54FR", "BYDAY counts up to 53: no year"),
    ("FREQ=WEEKLY;BYDAY=1FR", "not possible with FREQ=WEEKLY. Use MONTHLY"),
    ("FREQ=DAILY;BYDAY=-1FR", "not possible with FREQ=DAILY"),
    ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=1MO", "not possible together with BYWEEKNO"),
    ("FREQ=WEEKLY;WKST=1", "WKST takes weekdays"),
    ("FREQ=YEARLY;BYMONTH=13", "BYMONTH must be from 1 to 12, not 13"),
    ("FREQ=YEARLY;BYMONTH=-1", "BYMONTH must be from 1 to 12, not -1"),
    ("FREQ=YEARLY;BYMONTH=5L", "BYMONTH takes whole numbers"),
    ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY must be from 1 to 31 or from -31 to -1, not 0"),
    ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY must be from 1 to 31"),
    ("FREQ=MONTHLY;BYMONTHDAY=1,,2", "BYMONTHDAY takes whole numbers, not ''"),
    ("FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY is not possible with FREQ=WEEKLY"),
    ("FREQ=YEARLY;BYYEARDAY=367", "BYYEARDAY must be from 1 to 366"),
    ("FREQ=MONTHLY;BYYEARDAY=1", "BYYEARDAY is only possible with FREQ=YEARLY, not with FREQ=MONTHLY"),
    ("FREQ=YEARLY;BYWEEKNO=54", "BYWEEKNO must be from 1 to 53"),
    ("FREQ=WEEKLY;BYWEEKNO=1", "BYWEEKNO is only possible with FREQ=YEARLY"),
    ("FREQ=DAILY;BYSETPOS=1", "BYSETPOS picks from what another part selects"),
    ("FREQ=DAILY;BYDAY=MO;BYSETPOS=2", "BYSETPOS must be from 1 to 1"),
    ("FREQ=WEEKLY;BYDAY=MO;BYSETPOS=8", "BYSETPOS must be from 1 to 7"),
    ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0", "BYSETPOS must be from 1 to 31 or from -31 to -1"),
    (
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "the longest has 29 days. SKIP=BACKWARD takes the last day instead",
    ),
    ("FREQ=MONTHLY;BYMONTH=4,6;BYMONTHDAY=31", "the longest has 30 days"),
    ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=-30", "the longest has 29 days"),
    ("FREQ=MONTHLY;SKIP=FORWARD", "SKIP must be OMIT or BACKWARD, not 'FORWARD'"),
    ("RSCALE=CHINESE;FREQ=YEARLY", "RSCALE must be GREGORIAN, not 'CHINESE'"),
    ("FREQ=YEARLY;BYYEARDAY=" + ",".join(["1"] * 600), "longer than 1000 characters"),
]


@pytest.mark.parametrize(("typed", "written"), TEXTS)
def test_a_rule_is_written_in_one_way(typed: str, written: str) -> None:
    rule = Rule.parse(typed)

    assert str(rule) == written
    assert Rule.parse(written) == rule
    assert Rule.parse(f"RRULE:{written}") == rule


@pytest.mark.parametrize(("typed", "sentence"), ERRORS)
def test_a_wrong_rule_is_refused_with_a_sentence(typed: str, sentence: str) -> None:
    with pytest.raises(RuleError) as refused:
        Rule.parse(typed)

    assert sentence in str(refused.value)
    assert str(refused.value).endswith(".")
    assert refused.value.field == "recurrence_rule"


def test_every_part_is_read() -> None:
    rule = Rule.parse(
        "FREQ=YEARLY;INTERVAL=2;BYMONTH=1,2;BYWEEKNO=1,-1;BYYEARDAY=5;BYMONTHDAY=5;BYDAY=MO,SU;BYSETPOS=-1;"
        "WKST=SU;COUNT=7;RSCALE=GREGORIAN;SKIP=BACKWARD"
    )

    assert rule == Rule(
        freq=Frequency.YEARLY,
        interval=2,
        by_month=(1, 2),
        by_week_no=(1, -1),
        by_year_day=(5,),
        by_month_day=(5,),
        by_day=(ByDay(Weekday.MO), ByDay(Weekday.SU)),
        by_set_pos=(-1,),
        week_start=Weekday.SU,
        count=7,
        skip=Skip.BACKWARD,
    )


def test_a_rule_is_a_value() -> None:
    first = Rule(Frequency.WEEKLY, by_day=(ByDay(Weekday.FR), ByDay(Weekday.MO)))
    second = Rule.parse("FREQ=WEEKLY;BYDAY=MO,FR")

    assert first == second
    assert len({first, second}) == 1


def test_replace_changes_some_fields_and_checks_them() -> None:
    rule = Rule.parse("FREQ=WEEKLY;BYDAY=FR;COUNT=3")

    assert str(rule.replace(count=None, until=date(2027, 1, 5))) == "FREQ=WEEKLY;BYDAY=FR;UNTIL=20270105"
    with pytest.raises(RuleError, match="Give one of them"):
        rule.replace(until=date(2027, 1, 5))


def test_until_with_a_zone_becomes_utc_in_whole_seconds() -> None:
    until = datetime(2027, 1, 5, 9, 0, 0, 500_000, tzinfo=timezone(timedelta(hours=2)))

    rule = Rule(Frequency.DAILY, until=until)

    assert rule.until == datetime(2027, 1, 5, 7, tzinfo=UTC)
    assert Rule.parse(str(rule)) == rule


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"freq": "HOURLY"}, "repeats within a day"),
        ({"interval": 0}, "INTERVAL must be"),
        ({"skip": "FORWARD"}, "SKIP must be"),
        ({"by_month": (0,)}, "BYMONTH must be"),
        ({"until": datetime(2027, 1, 5)}, "UNTIL needs a time zone"),  # noqa: DTZ001 - what is refused
    ],
)
def test_a_rule_that_is_built_is_checked_like_one_that_is_read(fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(RuleError, match=sentence):
        Rule(**{"freq": Frequency.DAILY, **fields})


def test_an_error_can_name_another_field() -> None:
    assert RuleError("No.", field="start_date").field == "start_date"
