"""Rules in words."""

from __future__ import annotations

from datetime import time
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from tasks.recurrence import Rule, describe

ON_SCHEDULE = [
    ("daily", "Every day"),
    ("FREQ=DAILY;INTERVAL=2", "Every 2 days"),
    ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", "Every weekday"),
    ("FREQ=DAILY;INTERVAL=3;BYDAY=MO,TU,WE,TH,FR", "Every 3 days, only on weekdays"),
    ("FREQ=DAILY;BYMONTH=1", "Every day in January"),
    ("FREQ=DAILY;BYMONTHDAY=13", "Every day, only on the 13th"),
    ("weekly", "Every week"),
    ("FREQ=WEEKLY;INTERVAL=2", "Every 2 weeks"),
    ("FREQ=WEEKLY;BYDAY=FR", "Every Friday"),
    ("FREQ=WEEKLY;BYDAY=MO,FR", "Every Monday and Friday"),
    ("FREQ=WEEKLY;BYDAY=MO,WE,FR", "Every Monday, Wednesday and Friday"),
    ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "Every weekday"),
    ("FREQ=WEEKLY;BYDAY=SA,SU", "Every Saturday and Sunday"),
    ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", "Every day"),
    ("FREQ=WEEKLY;BYDAY=FR;BYMONTH=6,7,8", "Every Friday in June, July and August"),
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "Every 2 weeks on Friday"),
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR", "Every 2 weeks on weekdays"),
    ("FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=1", "Every week on Monday and Tuesday, only the 1st of these"),
    ("monthly", "Every month"),
    ("FREQ=MONTHLY;SKIP=BACKWARD", "Every month"),
    ("FREQ=MONTHLY;INTERVAL=3", "Every 3 months"),
    ("FREQ=MONTHLY;BYMONTHDAY=1", "Every month on the 1st"),
    ("FREQ=MONTHLY;BYMONTHDAY=2,3,4", "Every month on the 2nd, the 3rd and the 4th"),
    ("FREQ=MONTHLY;BYMONTHDAY=11,12,13", "Every month on the 11th, the 12th and the 13th"),
    ("FREQ=MONTHLY;BYMONTHDAY=21,22,23", "Every month on the 21st, the 22nd and the 23rd"),
    ("FREQ=MONTHLY;BYMONTHDAY=31", "Every month on the 31st"),
    ("FREQ=MONTHLY;BYMONTHDAY=31;SKIP=BACKWARD", "Every month on the 31st (or the month's last day)"),
    ("FREQ=MONTHLY;BYMONTHDAY=28;SKIP=BACKWARD", "Every month on the 28th"),
    ("FREQ=MONTHLY;BYMONTH=4;BYMONTHDAY=30;SKIP=BACKWARD", "Every month on the 30th in April"),
    ("FREQ=MONTHLY;BYMONTHDAY=-1", "Every month on the last day"),
    ("FREQ=MONTHLY;BYMONTHDAY=-2", "Every month on the 2nd to last day"),
    ("FREQ=MONTHLY;BYMONTHDAY=1,-1", "Every month on the 1st and the last day"),
    ("FREQ=MONTHLY;BYDAY=3FR", "Every 3rd Friday"),
    ("FREQ=MONTHLY;BYDAY=-1FR", "Every last Friday"),
    ("FREQ=MONTHLY;INTERVAL=2;BYDAY=3FR", "Every 2 months on the 3rd Friday"),
    ("FREQ=MONTHLY;BYDAY=1SU,-1SU", "Every month on the 1st Sunday and the last Sunday"),
    ("FREQ=MONTHLY;BYDAY=TU", "Every month on every Tuesday"),
    ("FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR", "Every month on Friday if it is the 13th"),
    ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "Every month on the last weekday"),
    ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1", "Every month on the 1st weekday"),
    ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=-1", "Every month on the last day"),
    ("FREQ=MONTHLY;BYDAY=TU,WE,TH;BYSETPOS=3", "Every month on the 3rd Tuesday, Wednesday or Thursday"),
    (
        "FREQ=MONTHLY;BYMONTHDAY=10,20;BYSETPOS=-1",
        "Every month on the 10th and the 20th, only the last of these",
    ),
    ("yearly", "Every year"),
    ("FREQ=YEARLY;INTERVAL=4", "Every 4 years"),
    ("FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=5", "Every year on 5 January"),
    (
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;SKIP=BACKWARD",
        "Every year on 29 February (or the month's last day)",
    ),
    ("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31;SKIP=BACKWARD", "Every year on 31 December"),
    ("FREQ=YEARLY;BYMONTH=1,7;BYMONTHDAY=1", "Every year on the 1st in January and July"),
    ("FREQ=YEARLY;BYMONTH=6,7", "Every year in June and July"),
    ("FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", "Every year on the 4th Thursday in November"),
    ("FREQ=YEARLY;BYMONTH=3;BYDAY=TH", "Every year on every Thursday in March"),
    ("FREQ=YEARLY;BYDAY=20MO", "Every year on the 20th Monday"),
    ("FREQ=YEARLY;BYMONTH=3;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "Every year on the last weekday in March"),
    ("FREQ=YEARLY;BYDAY=MO;BYSETPOS=-1", "Every year on every Monday, only the last of these"),
    ("FREQ=YEARLY;BYYEARDAY=100", "Every year on the 100th day of the year"),
    ("FREQ=YEARLY;BYYEARDAY=1,-1", "Every year on the 1st and the last day of the year"),
    (
        "FREQ=YEARLY;BYYEARDAY=1,2;BYDAY=MO",
        "Every year on Monday if it is the 1st or the 2nd day of the year",
    ),
    ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "Every year on Monday in week 20"),
    ("FREQ=YEARLY;BYWEEKNO=1,-1", "Every year in week 1 and the last week"),
    ("FREQ=DAILY;COUNT=1", "Every day, 1 time"),
    ("FREQ=DAILY;COUNT=10", "Every day, 10 times"),
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;UNTIL=20270105", "Every 2 weeks on Friday, until 5 Jan 2027"),
]

AFTER_COMPLETION = [
    ("daily", "1 day after done"),
    ("FREQ=DAILY;INTERVAL=3", "3 days after done"),
    ("weekly", "1 week after done"),
    ("FREQ=WEEKLY;INTERVAL=2", "2 weeks after done"),
    ("monthly", "1 month after done"),
    ("FREQ=MONTHLY;INTERVAL=6", "6 months after done"),
    ("yearly", "1 year after done"),
    ("FREQ=YEARLY;INTERVAL=2", "2 years after done"),
    ("FREQ=WEEKLY;BYDAY=FR", "Every Friday, counted from done"),
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "Every 2 weeks on Friday, counted from done"),
    ("FREQ=DAILY;INTERVAL=3;COUNT=10", "3 days after done, 10 times"),
    ("FREQ=DAILY;INTERVAL=3;UNTIL=20270105", "3 days after done, until 5 Jan 2027"),
]


@pytest.mark.parametrize(("rule", "words"), ON_SCHEDULE)
def test_a_rule_in_words(rule: str, words: str) -> None:
    assert describe(Rule.parse(rule)) == words


@pytest.mark.parametrize(("rule", "words"), AFTER_COMPLETION)
def test_a_rule_from_completion_in_words(rule: str, words: str) -> None:
    assert describe(Rule.parse(rule), anchor="completion") == words


def test_the_last_date_is_that_of_the_schedules_zone() -> None:
    rule = Rule.parse("FREQ=DAILY;UNTIL=20270105T020000Z")

    assert describe(rule) == "Every day, until 5 Jan 2027"
    assert describe(rule, zone=ZoneInfo("America/New_York")) == "Every day, until 4 Jan 2027"


def test_names_of_days_and_months_are_the_readers() -> None:
    with translation.override("de"):
        words = describe(Rule.parse("FREQ=WEEKLY;BYDAY=FR;BYMONTH=1;UNTIL=20270305"))

    assert "Freitag" in words
    assert "Januar" in words
    assert "Mär" in words


def test_the_time_of_day_stands_before_the_end() -> None:
    words = describe(Rule.parse("FREQ=WEEKLY;BYDAY=FR;COUNT=3"), at=time(14, 30))

    assert words == "Every Friday at 14:30, 3 times"
