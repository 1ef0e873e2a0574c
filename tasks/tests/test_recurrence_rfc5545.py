"""The examples of RFC 5545 section 3.8.5.3: all that repeat daily or slower, with their printed dates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from tasks.recurrence import Rule, Schedule

NEW_YORK = ZoneInfo("America/New_York")
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
JANUARIES = "1998 Jan 1-31 / 1999 Jan 1-31 / 2000 Jan 1-31"
FIVE_WEEKS = "1997 Sep 2,4,9,11,16,18,23,25,30; Oct 2"

# The rule, the start, the dates, and whether the RFC says that the series ends with them.
ENDING = [
    ("FREQ=DAILY;COUNT=10", "1997-09-02", "1997 Sep 2-11"),
    ("FREQ=DAILY;UNTIL=19971224T000000Z", "1997-09-02", "1997 Sep 2-30; Oct 1-31; Nov 1-30; Dec 1-23"),
    ("FREQ=DAILY;INTERVAL=10;COUNT=5", "1997-09-02", "1997 Sep 2,12,22; Oct 2,12"),
    (
        "FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA",
        "1998-01-01",
        JANUARIES,
    ),
    ("FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1", "1998-01-01", JANUARIES),
    ("FREQ=WEEKLY;COUNT=10", "1997-09-02", "1997 Sep 2,9,16,23,30; Oct 7,14,21,28; Nov 4"),
    (
        "FREQ=WEEKLY;UNTIL=19971224T000000Z",
        "1997-09-02",
        "1997 Sep 2,9,16,23,30; Oct 7,14,21,28; Nov 4,11,18,25; Dec 2,9,16,23",
    ),
    ("FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH", "1997-09-02", FIVE_WEEKS),
    ("FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH", "1997-09-02", FIVE_WEEKS),
    (
        "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR",
        "1997-09-01",
        "1997 Sep 1,3,5,15,17,19,29; Oct 1,3,13,15,17,27,29,31; Nov 10,12,14,24,26,28; Dec 8,10,12,22",
    ),
    (
        "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH",
        "1997-09-02",
        "1997 Sep 2,4,16,18,30; Oct 2,14,16",
    ),
    (
        "FREQ=MONTHLY;COUNT=10;BYDAY=1FR",
        "1997-09-05",
        "1997 Sep 5; Oct 3; Nov 7; Dec 5 / 1998 Jan 2; Feb 6; Mar 6; Apr 3; May 1; Jun 5",
    ),
    ("FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR", "1997-09-05", "1997 Sep 5; Oct 3; Nov 7; Dec 5"),
    (
        "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
        "1997-09-07",
        "1997 Sep 7,28; Nov 2,30 / 1998 Jan 4,25; Mar 1,29; May 3,31",
    ),
    (
        "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO",
        "1997-09-22",
        "1997 Sep 22; Oct 20; Nov 17; Dec 22 / 1998 Jan 19; Feb 16",
    ),
    (
        "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15",
        "1997-09-02",
        "1997 Sep 2,15; Oct 2,15; Nov 2,15; Dec 2,15 / 1998 Jan 2,15",
    ),
    (
        "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1",
        "1997-09-30",
        "1997 Sep 30; Oct 1,31; Nov 1,30; Dec 1,31 / 1998 Jan 1,31; Feb 1",
    ),
    (
        "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15",
        "1997-09-10",
        "1997 Sep 10-15 / 1999 Mar 10-13",
    ),
    (
        "FREQ=YEARLY;COUNT=10;BYMONTH=6,7",
        "1997-06-10",
        "1997 Jun 10; Jul 10 / 1998 Jun 10; Jul 10 / 1999 Jun 10; Jul 10 / 2000 Jun 10; Jul 10"
        " / 2001 Jun 10; Jul 10",
    ),
    (
        "FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3",
        "1997-03-10",
        "1997 Mar 10 / 1999 Jan 10; Feb 10; Mar 10 / 2001 Jan 10; Feb 10; Mar 10"
        " / 2003 Jan 10; Feb 10; Mar 10",
    ),
    (
        "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200",
        "1997-01-01",
        "1997 Jan 1; Apr 10; Jul 19 / 2000 Jan 1; Apr 9; Jul 18 / 2003 Jan 1; Apr 10; Jul 19 / 2006 Jan 1",
    ),
    ("FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "1997-09-04", "1997 Sep 4; Oct 7; Nov 6"),
    ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997-08-05", "1997 Aug 5,10,19,24"),
    ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997-08-05", "1997 Aug 5,17,19,31"),
    ("FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "2007-01-15", "2007 Jan 15,30; Feb 15; Mar 15,30"),
]

ENDLESS = [
    (
        "FREQ=DAILY;INTERVAL=2",
        "1997-09-02",
        "1997 Sep 2,4,6,8,10,12,14,16,18,20,22,24,26,28,30; Oct 2,4,6,8,10,12,14,16,18,20,22,24,26,28,30;"
        " Nov 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29; Dec 1,3",
    ),
    (
        "FREQ=WEEKLY;INTERVAL=2;WKST=SU",
        "1997-09-02",
        "1997 Sep 2,16,30; Oct 14,28; Nov 11,25; Dec 9,23 / 1998 Jan 6,20; Feb 3,17",
    ),
    (
        "FREQ=MONTHLY;BYMONTHDAY=-3",
        "1997-09-28",
        "1997 Sep 28; Oct 29; Nov 28; Dec 29 / 1998 Jan 29; Feb 26",
    ),
    (
        "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU",
        "1997-09-02",
        "1997 Sep 2,9,16,23,30; Nov 4,11,18,25 / 1998 Jan 6,13,20,27; Mar 3,10,17,24,31",
    ),
    ("FREQ=YEARLY;BYDAY=20MO", "1997-05-19", "1997 May 19 / 1998 May 18 / 1999 May 17"),
    ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "1997-05-12", "1997 May 12 / 1998 May 11 / 1999 May 17"),
    (
        "FREQ=YEARLY;BYMONTH=3;BYDAY=TH",
        "1997-03-13",
        "1997 Mar 13,20,27 / 1998 Mar 5,12,19,26 / 1999 Mar 4,11,18,25",
    ),
    (
        "FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8",
        "1997-06-05",
        "1997 Jun 5,12,19,26; Jul 3,10,17,24,31; Aug 7,14,21,28"
        " / 1998 Jun 4,11,18,25; Jul 2,9,16,23,30; Aug 6,13,20,27"
        " / 1999 Jun 3,10,17,24; Jul 1,8,15,22,29; Aug 5,12,19,26",
    ),
    (
        "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
        "1997-09-02",
        "1998 Feb 13; Mar 13; Nov 13 / 1999 Aug 13 / 2000 Oct 13",
    ),
    (
        "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
        "1997-09-13",
        "1997 Sep 13; Oct 11; Nov 8; Dec 13 / 1998 Jan 10; Feb 7; Mar 7; Apr 11; May 9; Jun 13",
    ),
    (
        "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
        "1996-11-05",
        "1996 Nov 5 / 2000 Nov 7 / 2004 Nov 2",
    ),
    (
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
        "1997-09-29",
        "1997 Sep 29; Oct 30; Nov 27; Dec 30 / 1998 Jan 29; Feb 26; Mar 30",
    ),
]


def nine_o_clock(day: date) -> datetime:
    return datetime.combine(day, time(9))


def printed(text: str) -> list[datetime]:
    """The days of "1997 Sep 2-4; Oct 1,3 / 1998 Jan 1", at nine o'clock."""
    return [nine_o_clock(day) for year in text.split(" / ") for day in days_of_year(year)]


def days_of_year(text: str) -> Iterator[date]:
    year, months = text.split(" ", 1)
    for month in months.split(";"):
        name, days = month.split()
        for part in days.split(","):
            first, _, last = part.partition("-")
            for day in range(int(first), int(last or first) + 1):
                yield date(int(year), MONTHS.index(name) + 1, day)


def in_new_york(rule: str, start: str) -> Schedule:
    return Schedule(Rule.parse(rule), nine_o_clock(date.fromisoformat(start)), NEW_YORK)


def on_the_clock(instants: list[datetime]) -> list[datetime]:
    return [instant.astimezone(NEW_YORK).replace(tzinfo=None) for instant in instants]


@pytest.mark.parametrize(("rule", "start", "dates"), ENDING)
def test_a_series_that_ends(rule: str, start: str, dates: str) -> None:
    found = in_new_york(rule, start).preview(10_000)

    assert on_the_clock(found) == printed(dates)


@pytest.mark.parametrize(("rule", "start", "dates"), ENDLESS)
def test_a_series_without_end(rule: str, start: str, dates: str) -> None:
    expected = printed(dates)

    found = in_new_york(rule, start).preview(len(expected) + 1)

    assert on_the_clock(found)[:-1] == expected
    assert len(found) == len(expected) + 1


def test_a_start_that_is_left_out_and_does_not_match() -> None:
    """Friday the 13th with EXDATE on its DTSTART, as the RFC prints it."""
    start = datetime(1997, 9, 2, 9)  # noqa: DTZ001 - local time
    schedule = Schedule(
        Rule.parse("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13"), start, NEW_YORK, frozenset({start})
    )

    assert on_the_clock(schedule.preview(2)) == printed("1998 Feb 13; Mar 13")
