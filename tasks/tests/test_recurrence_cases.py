"""Reference cases: a rule, its start, and the dates that a calendar on the wall gives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from tasks.recurrence import Rule, Schedule

NINE = time(9)
END = "end"


@dataclass(frozen=True)
class Case:
    """``expected`` are local dates, or instants where they end in Z; a final "end" says that no more follow.

    ``start`` is a date (at nine o'clock) or a local time. ``left_out`` are dates without an occurrence.
    ``done`` is the local time of a completion; then ``expected`` is the one occurrence that follows it.
    """

    rule: str
    start: str
    expected: str
    zone: str = "UTC"
    left_out: str = ""
    done: str = ""

    @property
    def schedule(self) -> Schedule:
        left_out = frozenset(datetime.combine(date.fromisoformat(day), NINE) for day in self.left_out.split())
        return Schedule(Rule.parse(self.rule), local(self.start), ZoneInfo(self.zone), left_out)

    @property
    def instants(self) -> list[datetime]:
        return [self.instant(text) for text in self.expected.split() if text != END]

    @property
    def ends(self) -> bool:
        return self.expected.split()[-1] == END

    def instant(self, text: str) -> datetime:
        if text.endswith("Z"):
            return datetime.fromisoformat(text).astimezone(UTC)
        at = datetime.combine(date.fromisoformat(text), local(self.start).time())
        return at.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC)

    def __str__(self) -> str:
        return " ".join(filter(None, (self.rule, "from", self.start, self.zone, self.left_out, self.done)))


def local(text: str) -> datetime:
    """ "2026-01-31" as nine o'clock of that day, "2026-01-31T18:30" as it stands."""
    moment = datetime.fromisoformat(text)
    return moment if "T" in text else datetime.combine(moment.date(), NINE)


DAILY = [
    Case("FREQ=DAILY", "2026-02-27", "2026-02-27 2026-02-28 2026-03-01 2026-03-02"),
    Case("FREQ=DAILY", "2028-02-28", "2028-02-28 2028-02-29 2028-03-01"),
    Case("FREQ=DAILY", "2026-12-30", "2026-12-30 2026-12-31 2027-01-01"),
    Case("FREQ=DAILY;INTERVAL=2", "2026-12-30", "2026-12-30 2027-01-01 2027-01-03"),
    Case("FREQ=DAILY;INTERVAL=3", "2026-02-25", "2026-02-25 2026-02-28 2026-03-03"),
    Case("FREQ=DAILY;INTERVAL=7", "2026-03-26", "2026-03-26 2026-04-02 2026-04-09"),
    Case("FREQ=DAILY;INTERVAL=30", "2026-01-01", "2026-01-01 2026-01-31 2026-03-02 2026-04-01"),
    Case("FREQ=DAILY;INTERVAL=365", "2027-03-01", "2027-03-01 2028-02-29 2029-02-28"),
    Case("FREQ=DAILY;INTERVAL=366", "2028-01-01", "2028-01-01 2029-01-01 2030-01-02"),
    Case("FREQ=DAILY;INTERVAL=1000", "2026-01-01", "2026-01-01 2028-09-27 2031-06-24"),
    Case("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", "2026-01-01", "2026-01-01 2026-01-02 2026-01-05 2026-01-06"),
    Case("FREQ=DAILY;BYDAY=SA,SU", "2026-01-01", "2026-01-03 2026-01-04 2026-01-10"),
    Case("FREQ=DAILY;INTERVAL=2;BYDAY=TH", "2026-01-01", "2026-01-01 2026-01-15 2026-01-29"),
    Case("FREQ=DAILY;BYMONTH=2", "2027-02-27", "2027-02-27 2027-02-28 2028-02-01"),
    Case("FREQ=DAILY;BYMONTH=2,12", "2026-02-28", "2026-02-28 2026-12-01 2026-12-02"),
    Case("FREQ=DAILY;BYMONTHDAY=1,-1", "2026-01-15", "2026-01-31 2026-02-01 2026-02-28 2026-03-01"),
    Case("FREQ=DAILY;BYMONTHDAY=13;BYDAY=FR", "2026-01-01", "2026-02-13 2026-03-13 2026-11-13"),
    Case("FREQ=DAILY;INTERVAL=10;BYMONTHDAY=31", "2026-01-31", "2026-01-31 2026-05-31"),
    Case("daily", "2026-05-31", "2026-05-31 2026-06-01"),
]

WEEKLY = [
    Case("FREQ=WEEKLY", "2026-01-01", "2026-01-01 2026-01-08 2026-01-15"),
    Case("FREQ=WEEKLY", "2026-12-25", "2026-12-25 2027-01-01 2027-01-08"),
    Case("FREQ=WEEKLY;INTERVAL=2", "2026-11-20", "2026-11-20 2026-12-04 2026-12-18 2027-01-01"),
    Case("FREQ=WEEKLY;INTERVAL=4", "2028-02-01", "2028-02-01 2028-02-29 2028-03-28"),
    Case("FREQ=WEEKLY;INTERVAL=52", "2026-01-01", "2026-01-01 2026-12-31 2027-12-30"),
    Case("FREQ=WEEKLY;BYDAY=FR", "2026-01-01", "2026-01-02 2026-01-09 2026-01-16"),
    Case("FREQ=WEEKLY;BYDAY=TH", "2026-01-01", "2026-01-01 2026-01-08"),
    Case("FREQ=WEEKLY;BYDAY=MO,WE,FR", "2026-01-01", "2026-01-02 2026-01-05 2026-01-07 2026-01-09"),
    Case("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "2026-01-02", "2026-01-02 2026-01-05 2026-01-06"),
    Case("FREQ=WEEKLY;BYDAY=SU", "2026-01-01", "2026-01-04 2026-01-11"),
    Case("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "2026-01-01", "2026-01-02 2026-01-16 2026-01-30"),
    Case("FREQ=WEEKLY;INTERVAL=2;BYDAY=WE", "2026-01-01", "2026-01-14 2026-01-28"),
    Case("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU", "2026-01-01", "2026-01-04 2026-01-12 2026-01-18 2026-01-26"),
    Case("FREQ=WEEKLY;INTERVAL=3;BYDAY=TU,TH", "2026-01-01", "2026-01-01 2026-01-20 2026-01-22 2026-02-10"),
    Case("FREQ=WEEKLY;BYMONTH=7", "2026-07-23", "2026-07-23 2026-07-30 2027-07-01"),
    Case("FREQ=WEEKLY;BYMONTH=2;BYDAY=SU", "2026-02-15", "2026-02-15 2026-02-22 2027-02-07"),
    Case("FREQ=WEEKLY;BYDAY=TU,TH,SA;BYSETPOS=-1", "2026-01-01", "2026-01-03 2026-01-10"),
    Case("FREQ=WEEKLY;BYDAY=TU,TH,SA;BYSETPOS=1,2", "2026-01-01", "2026-01-01 2026-01-06 2026-01-08"),
    Case("weekly", "2026-02-26", "2026-02-26 2026-03-05"),
]

WEEK_START = [
    Case("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU", "2026-01-06", "2026-01-06 2026-01-11 2026-01-20 2026-01-25"),
    Case(
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU",
        "2026-01-06",
        "2026-01-06 2026-01-18 2026-01-20 2026-02-01",
    ),
    Case(
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR,SA;WKST=SA",
        "2026-01-02",
        "2026-01-02 2026-01-10 2026-01-16 2026-01-24",
    ),
    Case("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR,SA", "2026-01-02", "2026-01-02 2026-01-03 2026-01-16 2026-01-17"),
    Case("FREQ=WEEKLY;BYDAY=TU,SU;WKST=SU", "2026-01-06", "2026-01-06 2026-01-11 2026-01-13"),
    Case("FREQ=WEEKLY;INTERVAL=2;WKST=WE", "2026-01-06", "2026-01-06 2026-01-20"),
    Case("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,WE;WKST=WE", "2026-01-06", "2026-01-06 2026-01-14 2026-01-20"),
    Case("FREQ=WEEKLY;BYDAY=SU,MO;BYSETPOS=1", "2026-01-01", "2026-01-05 2026-01-12"),
    Case("FREQ=WEEKLY;BYDAY=SU,MO;BYSETPOS=1;WKST=SU", "2026-01-01", "2026-01-04 2026-01-11"),
    Case("FREQ=YEARLY;BYWEEKNO=1;BYDAY=SU", "2026-01-01", "2026-01-04 2027-01-10 2028-01-09"),
    Case("FREQ=YEARLY;BYWEEKNO=1;BYDAY=SU;WKST=SU", "2026-01-05", "2027-01-03 2028-01-02"),
]

MONTHLY = [
    Case("FREQ=MONTHLY", "2026-01-15", "2026-01-15 2026-02-15 2026-03-15"),
    Case("FREQ=MONTHLY;INTERVAL=2", "2026-11-05", "2026-11-05 2027-01-05 2027-03-05"),
    Case("FREQ=MONTHLY;INTERVAL=3", "2026-10-31", "2026-10-31 2027-01-31 2027-07-31"),
    Case("FREQ=MONTHLY;INTERVAL=12", "2026-02-01", "2026-02-01 2027-02-01"),
    Case("FREQ=MONTHLY;INTERVAL=13", "2026-01-10", "2026-01-10 2027-02-10 2028-03-10"),
    Case("FREQ=MONTHLY;BYMONTHDAY=1", "2026-01-15", "2026-02-01 2026-03-01"),
    Case("FREQ=MONTHLY;BYMONTHDAY=1,15", "2026-01-10", "2026-01-15 2026-02-01 2026-02-15"),
    Case("FREQ=MONTHLY;BYMONTHDAY=10,-10", "2026-02-01", "2026-02-10 2026-02-19 2026-03-10 2026-03-22"),
    Case("FREQ=MONTHLY;BYDAY=1MO", "2026-01-01", "2026-01-05 2026-02-02 2026-03-02"),
    Case("FREQ=MONTHLY;BYDAY=3FR", "2026-01-01", "2026-01-16 2026-02-20 2026-03-20"),
    Case("FREQ=MONTHLY;BYDAY=-1FR", "2026-01-01", "2026-01-30 2026-02-27 2026-03-27"),
    Case("FREQ=MONTHLY;BYDAY=5TH", "2026-01-01", "2026-01-29 2026-04-30 2026-07-30 2026-10-29"),
    Case("FREQ=MONTHLY;BYDAY=-5SU", "2026-01-01", "2026-03-01 2026-05-03 2026-08-02 2026-11-01"),
    Case("FREQ=MONTHLY;BYDAY=2TU,4TU", "2026-01-14", "2026-01-27 2026-02-10 2026-02-24"),
    Case("FREQ=MONTHLY;BYDAY=1SA,-1SU", "2026-01-01", "2026-01-03 2026-01-25 2026-02-07 2026-02-22"),
    Case("FREQ=MONTHLY;BYDAY=WE", "2026-01-20", "2026-01-21 2026-01-28 2026-02-04"),
    Case("FREQ=MONTHLY;INTERVAL=2;BYDAY=1WE", "2026-01-01", "2026-01-07 2026-03-04 2026-05-06"),
    Case("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "2026-01-01", "2026-02-13 2026-03-13 2026-11-13"),
    Case("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1", "2026-01-01", "2026-01-01 2026-02-02 2026-03-02"),
    Case("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-01-01", "2026-01-30 2026-02-27 2026-03-31"),
    Case("FREQ=MONTHLY;BYDAY=SA,SU;BYSETPOS=2", "2026-01-01", "2026-01-04 2026-02-07 2026-03-07"),
    Case("FREQ=MONTHLY;BYMONTHDAY=5,10,15;BYSETPOS=1,-1", "2026-01-01", "2026-01-05 2026-01-15 2026-02-05"),
    Case("FREQ=MONTHLY;BYMONTH=1,7", "2026-01-20", "2026-01-20 2026-07-20 2027-01-20"),
    Case("FREQ=MONTHLY;BYMONTH=3;BYDAY=-1SU", "2026-01-01", "2026-03-29 2027-03-28"),
    Case("monthly", "2026-12-01", "2026-12-01 2027-01-01"),
]

MONTH_ENDS = [
    Case("FREQ=MONTHLY", "2026-01-31", "2026-01-31 2026-03-31 2026-05-31 2026-07-31 2026-08-31"),
    Case("FREQ=MONTHLY", "2026-01-30", "2026-01-30 2026-03-30 2026-04-30"),
    Case("FREQ=MONTHLY", "2026-01-29", "2026-01-29 2026-03-29 2026-04-29"),
    Case("FREQ=MONTHLY", "2028-01-29", "2028-01-29 2028-02-29 2028-03-29"),
    Case("FREQ=MONTHLY;BYMONTHDAY=31", "2026-04-01", "2026-05-31 2026-07-31 2026-08-31 2026-10-31"),
    Case("FREQ=MONTHLY;BYMONTHDAY=29", "2027-01-30", "2027-03-29 2027-04-29"),
    Case("FREQ=MONTHLY;BYMONTHDAY=-1", "2026-01-31", "2026-01-31 2026-02-28 2026-03-31 2026-04-30"),
    Case("FREQ=MONTHLY;BYMONTHDAY=-1", "2028-02-01", "2028-02-29 2028-03-31"),
    Case("FREQ=MONTHLY;BYMONTHDAY=-31", "2026-02-01", "2026-03-01 2026-05-01 2026-07-01"),
    Case("FREQ=MONTHLY;BYMONTHDAY=-29", "2026-01-31", "2026-03-03 2026-04-02"),
    Case(
        "FREQ=MONTHLY;SKIP=BACKWARD", "2026-01-31", "2026-01-31 2026-02-28 2026-03-31 2026-04-30 2026-05-31"
    ),
    Case("FREQ=MONTHLY;SKIP=BACKWARD", "2028-01-30", "2028-01-30 2028-02-29 2028-03-30"),
    Case("FREQ=MONTHLY;SKIP=BACKWARD", "2026-01-28", "2026-01-28 2026-02-28 2026-03-28"),
    Case("FREQ=MONTHLY;SKIP=OMIT", "2026-01-31", "2026-01-31 2026-03-31"),
    Case("FREQ=MONTHLY;BYMONTHDAY=31;SKIP=BACKWARD", "2026-02-01", "2026-02-28 2026-03-31 2026-04-30"),
    Case("FREQ=MONTHLY;BYMONTHDAY=29,30,31;SKIP=BACKWARD", "2026-02-01", "2026-02-28 2026-03-29 2026-03-30"),
    Case("FREQ=MONTHLY;BYMONTHDAY=15,31;SKIP=BACKWARD", "2026-04-01", "2026-04-15 2026-04-30 2026-05-15"),
    Case(
        "FREQ=MONTHLY;INTERVAL=3;SKIP=BACKWARD", "2026-08-31", "2026-08-31 2026-11-30 2027-02-28 2027-05-31"
    ),
    Case(
        "FREQ=MONTHLY;BYMONTHDAY=31;BYDAY=FR;SKIP=BACKWARD", "2026-01-01", "2026-07-31 2027-04-30 2027-12-31"
    ),
    Case("FREQ=DAILY;BYMONTHDAY=31;SKIP=BACKWARD", "2026-01-31", "2026-01-31 2026-02-28 2026-03-31"),
    Case(
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;SKIP=BACKWARD", "2027-01-01", "2027-02-28 2028-02-29 2029-02-28"
    ),
    Case("RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD;COUNT=2", "2026-01-31", "2026-01-31 2026-02-28 end"),
]

YEARLY = [
    Case("FREQ=YEARLY", "2026-03-10", "2026-03-10 2027-03-10 2028-03-10"),
    Case("FREQ=YEARLY;INTERVAL=4", "2026-02-28", "2026-02-28 2030-02-28"),
    Case("FREQ=YEARLY;INTERVAL=5", "2026-12-31", "2026-12-31 2031-12-31 2036-12-31"),
    Case("FREQ=YEARLY;INTERVAL=100", "2026-01-01", "2026-01-01 2126-01-01"),
    Case("FREQ=YEARLY;BYMONTH=6", "2026-03-10", "2026-06-10 2027-06-10"),
    Case("FREQ=YEARLY;BYMONTH=1,6", "2026-03-10", "2026-06-10 2027-01-10 2027-06-10"),
    Case("FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=5", "2026-01-01", "2026-01-05 2027-01-05"),
    Case(
        "FREQ=YEARLY;BYMONTH=4,11;BYMONTHDAY=1,-1",
        "2026-04-15",
        "2026-04-30 2026-11-01 2026-11-30 2027-04-01",
    ),
    Case("FREQ=YEARLY;BYMONTHDAY=31", "2026-02-01", "2026-03-31 2026-05-31 2026-07-31"),
    Case("FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", "2026-01-01", "2026-11-26 2027-11-25"),
    Case("FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO", "2026-01-01", "2026-05-25 2027-05-31"),
    Case("FREQ=YEARLY;BYDAY=1MO", "2026-01-01", "2026-01-05 2027-01-04"),
    Case("FREQ=YEARLY;BYDAY=-1FR", "2026-01-01", "2026-12-25 2027-12-31"),
    Case("FREQ=YEARLY;BYDAY=53TH", "2026-01-01", "2026-12-31 2032-12-30"),
    Case("FREQ=YEARLY;BYDAY=SU;BYSETPOS=1,-1", "2026-01-01", "2026-01-04 2026-12-27 2027-01-03"),
    Case("FREQ=YEARLY;BYMONTH=1,2;BYDAY=MO;BYSETPOS=-1", "2026-01-01", "2026-02-23 2027-02-22"),
    Case("FREQ=YEARLY;BYYEARDAY=1,-1", "2026-01-01", "2026-01-01 2026-12-31 2027-01-01"),
    Case("FREQ=YEARLY;BYYEARDAY=60", "2027-01-01", "2027-03-01 2028-02-29 2029-03-01"),
    Case("FREQ=YEARLY;BYYEARDAY=-307", "2027-01-01", "2027-02-28 2028-02-29"),
    Case("FREQ=YEARLY;BYYEARDAY=100;BYDAY=FR", "2026-01-01", "2026-04-10 2032-04-09"),
    Case("FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO", "2025-01-01", "2025-12-29 2027-01-04 2028-01-03"),
    Case("FREQ=YEARLY;BYWEEKNO=53;BYDAY=TH", "2026-01-01", "2026-12-31 2032-12-30"),
    Case("FREQ=YEARLY;BYWEEKNO=-1;BYDAY=FR", "2026-01-03", "2027-01-01 2027-12-31 2028-12-29"),
    Case("FREQ=YEARLY;BYWEEKNO=20", "2026-01-01", "2026-05-14 2027-05-20"),
    Case("FREQ=YEARLY;BYWEEKNO=1,52;BYMONTH=12;BYDAY=WE", "2025-01-01", "2025-12-24 2025-12-31 2026-12-23"),
    Case("FREQ=YEARLY;BYMONTH=10;BYDAY=FR;BYMONTHDAY=13", "2026-01-01", "2028-10-13 2034-10-13"),
    Case("yearly", "2026-07-04", "2026-07-04 2027-07-04"),
]

LEAP_YEARS = [
    Case("FREQ=YEARLY", "2024-02-29", "2024-02-29 2028-02-29 2032-02-29"),
    Case("FREQ=YEARLY", "2096-02-29", "2096-02-29 2104-02-29"),
    Case("FREQ=YEARLY", "1996-02-29", "1996-02-29 2000-02-29 2004-02-29"),
    Case("FREQ=YEARLY;SKIP=BACKWARD", "2024-02-29", "2024-02-29 2025-02-28 2026-02-28 2027-02-28 2028-02-29"),
    Case("FREQ=YEARLY;SKIP=BACKWARD", "2096-02-29", "2096-02-29 2097-02-28 2098-02-28 2099-02-28 2100-02-28"),
    Case("FREQ=YEARLY;INTERVAL=4", "2088-02-29", "2088-02-29 2092-02-29 2096-02-29 2104-02-29"),
    Case("FREQ=YEARLY;INTERVAL=3", "2024-02-29", "2024-02-29 2036-02-29"),
    Case("FREQ=YEARLY;INTERVAL=100", "2000-02-29", "2000-02-29 2400-02-29 2800-02-29"),
    Case("FREQ=MONTHLY;BYMONTHDAY=29;BYMONTH=2", "2097-01-01", "2104-02-29 2108-02-29"),
    Case("FREQ=MONTHLY;BYMONTHDAY=-1;BYMONTH=2", "2099-01-01", "2099-02-28 2100-02-28 2101-02-28"),
    Case("FREQ=DAILY", "2100-02-27", "2100-02-27 2100-02-28 2100-03-01"),
    Case("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29", "2096-03-01", "2104-02-29"),
    Case("FREQ=YEARLY;BYYEARDAY=366", "2096-01-01", "2096-12-31 2104-12-31"),
    Case("FREQ=YEARLY;BYYEARDAY=366;SKIP=BACKWARD", "2096-01-01", "2096-12-31 2097-12-31"),
    Case("FREQ=YEARLY;BYYEARDAY=-366", "2096-01-01", "2096-01-01 2104-01-01"),
    Case("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO", "2026-01-01", "2044-02-29 2072-02-29 2112-02-29"),
    Case("FREQ=WEEKLY", "2100-02-25", "2100-02-25 2100-03-04"),
]

NEVER = [
    Case("FREQ=YEARLY;BYMONTH=2", "2026-01-30", END),
    Case("FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=30", "2026-02-01", END),
    Case("FREQ=YEARLY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=29", "2025-01-01", END),
    Case("FREQ=DAILY;INTERVAL=7;BYDAY=FR", "2026-01-01", END),
    Case("FREQ=YEARLY;BYYEARDAY=1;BYMONTH=2", "2026-01-01", END),
    Case("FREQ=YEARLY;BYWEEKNO=30;BYMONTH=1", "2026-01-01", END),
    Case("FREQ=MONTHLY;BYMONTHDAY=1;BYSETPOS=2", "2026-01-01", END),
    Case("FREQ=YEARLY;INTERVAL=10000", "2026-01-01", "2026-01-01 end"),
]

COUNT = [
    Case("FREQ=DAILY;COUNT=1", "2026-01-01", "2026-01-01 end"),
    Case("FREQ=DAILY;COUNT=3", "2026-01-30", "2026-01-30 2026-01-31 2026-02-01 end"),
    Case("FREQ=WEEKLY;COUNT=3;BYDAY=FR", "2026-01-01", "2026-01-02 2026-01-09 2026-01-16 end"),
    Case("FREQ=WEEKLY;COUNT=3;BYDAY=TH,FR", "2026-01-02", "2026-01-02 2026-01-08 2026-01-09 end"),
    Case("FREQ=MONTHLY;COUNT=3", "2026-01-31", "2026-01-31 2026-03-31 2026-05-31 end"),
    Case("FREQ=MONTHLY;COUNT=3;SKIP=BACKWARD", "2026-01-31", "2026-01-31 2026-02-28 2026-03-31 end"),
    Case("FREQ=YEARLY;COUNT=2", "2024-02-29", "2024-02-29 2028-02-29 end"),
    Case("FREQ=MONTHLY;COUNT=2;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-05-30", "2026-06-30 2026-07-31 end"),
]

UNTIL = [
    Case("FREQ=DAILY;UNTIL=20260103", "2026-01-01", "2026-01-01 2026-01-02 2026-01-03 end"),
    Case("FREQ=DAILY;UNTIL=20260103T090000Z", "2026-01-01", "2026-01-01 2026-01-02 2026-01-03 end"),
    Case("FREQ=DAILY;UNTIL=20260103T085959Z", "2026-01-01", "2026-01-01 2026-01-02 end"),
    Case("FREQ=DAILY;UNTIL=20251231", "2026-01-01", END),
    Case("FREQ=WEEKLY;UNTIL=20260114", "2026-01-01", "2026-01-01 2026-01-08 end"),
    Case("FREQ=MONTHLY;UNTIL=20260430", "2026-01-31", "2026-01-31 2026-03-31 end"),
    Case("FREQ=MONTHLY;UNTIL=20260430;SKIP=BACKWARD", "2026-03-31", "2026-03-31 2026-04-30 end"),
    Case("FREQ=YEARLY;UNTIL=20271231", "2026-12-31", "2026-12-31 2027-12-31 end"),
    # The date counts in the schedule's zone: 23:30 on 3 January in New York is the 4th in UTC.
    Case(
        "FREQ=DAILY;UNTIL=20260103", "2026-01-02T23:30", "2026-01-02 2026-01-03 end", zone="America/New_York"
    ),
    Case("FREQ=DAILY;UNTIL=20260103", "2026-01-02T06:00", "2026-01-02 2026-01-03 end", zone="Asia/Tokyo"),
    Case("FREQ=DAILY;UNTIL=20260103T235959Z", "2026-01-02T23:30", "2026-01-02 end", zone="America/New_York"),
    Case(
        "FREQ=DAILY;UNTIL=20260401T080000Z", "2026-03-31", "2026-03-31 2026-04-01 end", zone="Europe/London"
    ),
]

EXCEPTIONS = [
    Case("FREQ=DAILY", "2026-01-01", "2026-01-01 2026-01-03", left_out="2026-01-02"),
    Case("FREQ=DAILY", "2026-01-01", "2026-01-02 2026-01-03", left_out="2026-01-01"),
    Case("FREQ=DAILY", "2026-01-01", "2026-01-04 2026-01-05", left_out="2026-01-01 2026-01-02 2026-01-03"),
    Case("FREQ=WEEKLY;BYDAY=MO,FR", "2026-01-01", "2026-01-02 2026-01-09 2026-01-12", left_out="2026-01-05"),
    Case("FREQ=WEEKLY", "2026-01-01", "2026-01-01 2026-01-08", left_out="2026-01-02"),
    Case("FREQ=MONTHLY;BYMONTHDAY=-1", "2026-01-01", "2026-01-31 2026-03-31", left_out="2026-02-28"),
    Case("FREQ=DAILY;COUNT=3", "2026-01-01", "2026-01-01 2026-01-03 end", left_out="2026-01-02"),
    Case("FREQ=DAILY;COUNT=3", "2026-01-01", "2026-01-01 2026-01-02 end", left_out="2026-01-03"),
    Case("FREQ=DAILY;COUNT=3", "2026-01-01", "2026-01-01 2026-01-02 2026-01-03 end", left_out="2026-01-04"),
    Case("FREQ=DAILY;COUNT=1", "2026-01-01", END, left_out="2026-01-01"),
    Case("FREQ=DAILY;UNTIL=20260103", "2026-01-01", "2026-01-01 2026-01-02 end", left_out="2026-01-03"),
    Case("FREQ=YEARLY", "2024-02-29", "2024-02-29 2032-02-29", left_out="2028-02-29"),
    Case("FREQ=DAILY", "2026-03-28", "2026-03-28 2026-03-30", zone="Europe/Berlin", left_out="2026-03-29"),
]

# In 2026 clocks go forward on 8 March in New York, 29 March in Berlin and London, 24 April in Cairo, and on
# 4 October in Sydney and on Lord Howe. They go back on 5 April there, on 25 October in Berlin and London, on
# 30 October in Cairo, on 1 November in New York.
DAYLIGHT_SAVING = [
    Case(
        "FREQ=DAILY",
        "2026-03-28T09:00",
        "2026-03-28T08:00Z 2026-03-29T07:00Z 2026-03-30T07:00Z",
        zone="Europe/Berlin",
    ),
    Case(
        "FREQ=DAILY",
        "2026-10-24T09:00",
        "2026-10-24T07:00Z 2026-10-25T08:00Z 2026-10-26T08:00Z",
        zone="Europe/Berlin",
    ),
    # 02:30 does not exist on the 29th: it becomes 03:30, and the day after is 02:30 again.
    Case(
        "FREQ=DAILY",
        "2026-03-28T02:30",
        "2026-03-28T01:30Z 2026-03-29T01:30Z 2026-03-30T00:30Z",
        zone="Europe/Berlin",
    ),
    # 02:30 comes twice on the 25th: the first is meant.
    Case(
        "FREQ=DAILY",
        "2026-10-24T02:30",
        "2026-10-24T00:30Z 2026-10-25T00:30Z 2026-10-26T01:30Z",
        zone="Europe/Berlin",
    ),
    Case("FREQ=DAILY", "2026-03-29T02:00", "2026-03-29T01:00Z 2026-03-30T00:00Z", zone="Europe/Berlin"),
    Case("FREQ=DAILY", "2026-03-29T03:00", "2026-03-29T01:00Z 2026-03-30T01:00Z", zone="Europe/Berlin"),
    Case("FREQ=DAILY", "2026-10-25T03:00", "2026-10-25T02:00Z 2026-10-26T02:00Z", zone="Europe/Berlin"),
    Case(
        "FREQ=WEEKLY",
        "2026-03-22T02:30",
        "2026-03-22T01:30Z 2026-03-29T01:30Z 2026-04-05T00:30Z",
        zone="Europe/Berlin",
    ),
    Case(
        "FREQ=MONTHLY",
        "2026-02-15T18:00",
        "2026-02-15T17:00Z 2026-03-15T17:00Z 2026-04-15T16:00Z",
        zone="Europe/Berlin",
    ),
    Case(
        "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
        "2026-01-01T02:15",
        "2026-03-29T01:15Z 2027-03-28T01:15Z",
        zone="Europe/Berlin",
    ),
    Case(
        "FREQ=DAILY",
        "2026-03-28T01:30",
        "2026-03-28T01:30Z 2026-03-29T01:30Z 2026-03-30T00:30Z",
        zone="Europe/London",
    ),
    Case(
        "FREQ=DAILY",
        "2026-10-24T01:30",
        "2026-10-24T00:30Z 2026-10-25T00:30Z 2026-10-26T01:30Z",
        zone="Europe/London",
    ),
    Case(
        "FREQ=DAILY",
        "2026-03-07T02:30",
        "2026-03-07T07:30Z 2026-03-08T07:30Z 2026-03-09T06:30Z",
        zone="America/New_York",
    ),
    Case(
        "FREQ=DAILY",
        "2026-10-31T01:30",
        "2026-10-31T05:30Z 2026-11-01T05:30Z 2026-11-02T06:30Z",
        zone="America/New_York",
    ),
    Case("FREQ=DAILY", "2026-03-07T09:00", "2026-03-07T14:00Z 2026-03-08T13:00Z", zone="America/New_York"),
    Case(
        "FREQ=WEEKLY;BYDAY=FR",
        "2026-10-30T17:00",
        "2026-10-30T21:00Z 2026-11-06T22:00Z",
        zone="America/New_York",
    ),
    Case(
        "FREQ=DAILY",
        "2026-10-03T02:30",
        "2026-10-02T16:30Z 2026-10-03T16:30Z 2026-10-04T15:30Z",
        zone="Australia/Sydney",
    ),
    Case(
        "FREQ=DAILY",
        "2026-04-04T02:30",
        "2026-04-03T15:30Z 2026-04-04T15:30Z 2026-04-05T16:30Z",
        zone="Australia/Sydney",
    ),
    Case("FREQ=DAILY", "2026-10-03T09:00", "2026-10-02T23:00Z 2026-10-03T22:00Z", zone="Australia/Sydney"),
    # Lord Howe changes by half an hour: 02:15 becomes 02:45, and 01:45 comes twice.
    Case(
        "FREQ=DAILY",
        "2026-10-03T02:15",
        "2026-10-02T15:45Z 2026-10-03T15:45Z 2026-10-04T15:15Z",
        zone="Australia/Lord_Howe",
    ),
    Case(
        "FREQ=DAILY",
        "2026-04-04T01:45",
        "2026-04-03T14:45Z 2026-04-04T14:45Z 2026-04-05T15:15Z",
        zone="Australia/Lord_Howe",
    ),
    Case("FREQ=DAILY", "2026-10-03T09:00", "2026-10-02T22:30Z 2026-10-03T22:00Z", zone="Australia/Lord_Howe"),
    Case(
        "FREQ=MONTHLY;BYDAY=1SU",
        "2026-09-06T02:00",
        "2026-09-05T15:30Z 2026-10-03T15:30Z 2026-10-31T15:00Z",
        zone="Australia/Lord_Howe",
    ),
    # Cairo changes at midnight, so the day itself begins at one o'clock, or has its last hour twice.
    Case(
        "FREQ=DAILY",
        "2026-04-23T00:00",
        "2026-04-22T22:00Z 2026-04-23T22:00Z 2026-04-24T21:00Z",
        zone="Africa/Cairo",
    ),
    Case(
        "FREQ=DAILY",
        "2026-10-28T23:30",
        "2026-10-28T20:30Z 2026-10-29T20:30Z 2026-10-30T21:30Z",
        zone="Africa/Cairo",
    ),
    # Samoa had no 30 December 2011: that day's occurrence falls on the 31st, once.
    Case(
        "FREQ=DAILY",
        "2011-12-29T09:00",
        "2011-12-29T19:00Z 2011-12-30T19:00Z 2011-12-31T19:00Z",
        zone="Pacific/Apia",
    ),
    Case("FREQ=DAILY", "2026-06-01T09:00", "2026-06-01T03:30Z 2026-06-02T03:30Z", zone="Asia/Kolkata"),
    Case(
        "FREQ=MONTHLY;BYMONTHDAY=1",
        "2026-01-01T00:00",
        "2025-12-31T15:00Z 2026-01-31T15:00Z",
        zone="Asia/Tokyo",
    ),
]

COMPLETION = [
    Case("FREQ=DAILY", "2026-01-01", "2026-01-06", done="2026-01-05T18:00"),
    Case("FREQ=DAILY;INTERVAL=3", "2026-01-01", "2026-01-04", done="2026-01-01T23:59"),
    Case("FREQ=DAILY;INTERVAL=3", "2026-01-01", "2026-03-02", done="2026-02-27T00:00"),
    Case("FREQ=DAILY;INTERVAL=10", "2028-02-20", "2028-03-01", done="2028-02-20T12:00"),
    Case("FREQ=WEEKLY", "2026-01-01", "2026-01-13", done="2026-01-06T10:00"),
    Case("FREQ=WEEKLY;INTERVAL=2", "2026-01-01", "2026-01-20", done="2026-01-06T10:00"),
    Case("FREQ=MONTHLY", "2026-01-15", "2026-02-28", done="2026-01-31T10:00"),
    Case("FREQ=MONTHLY", "2028-01-15", "2028-02-29", done="2028-01-31T10:00"),
    Case("FREQ=MONTHLY", "2026-01-31", "2026-03-28", done="2026-02-28T10:00"),
    Case("FREQ=MONTHLY", "2026-01-01", "2026-02-10", done="2026-01-10T10:00"),
    Case("FREQ=MONTHLY;INTERVAL=6", "2026-01-01", "2027-02-28", done="2026-08-31T10:00"),
    Case("FREQ=MONTHLY;INTERVAL=6;SKIP=BACKWARD", "2026-01-01", "2027-02-28", done="2026-08-29T10:00"),
    Case("FREQ=YEARLY", "2024-02-29", "2025-02-28", done="2024-02-29T10:00"),
    Case("FREQ=YEARLY;INTERVAL=4", "2024-02-29", "2028-02-29", done="2024-02-29T10:00"),
    Case("FREQ=YEARLY", "2096-02-29", "2100-03-01", done="2099-03-01T10:00"),
    # With BY parts: the first date that they name after the completion.
    Case("FREQ=WEEKLY;BYDAY=FR", "2026-01-01", "2026-01-09", done="2026-01-05T10:00"),
    Case("FREQ=WEEKLY;BYDAY=FR", "2026-01-01", "2026-01-16", done="2026-01-09T10:00"),
    Case("FREQ=WEEKLY;BYDAY=FR", "2026-01-01", "2026-01-16", done="2026-01-10T10:00"),
    Case("FREQ=WEEKLY;BYDAY=MO,TH", "2026-01-01", "2026-01-08", done="2026-01-05T10:00"),
    Case("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", "2026-01-01", "2026-01-12", done="2026-01-09T10:00"),
    Case("FREQ=DAILY;INTERVAL=3;BYDAY=MO,TU,WE,TH,FR", "2026-01-01", "2026-01-12", done="2026-01-07T10:00"),
    Case("FREQ=MONTHLY;BYMONTHDAY=1", "2026-01-01", "2026-02-01", done="2026-01-02T10:00"),
    Case("FREQ=MONTHLY;BYMONTHDAY=31", "2026-01-01", "2026-03-31", done="2026-01-31T10:00"),
    Case("FREQ=MONTHLY;BYMONTHDAY=31;SKIP=BACKWARD", "2026-01-01", "2026-02-28", done="2026-01-31T10:00"),
    Case("FREQ=MONTHLY;BYDAY=3FR", "2026-01-01", "2026-02-20", done="2026-01-16T10:00"),
    Case(
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-01-01", "2026-01-30", done="2026-01-05T10:00"
    ),
    Case("FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=5", "2026-01-05", "2027-01-05", done="2026-01-05T10:00"),
    Case("FREQ=YEARLY;BYMONTH=6", "2026-03-10", "2027-06-10", done="2026-06-11T10:00"),
    # With an interval as well: from the period that many periods later.
    Case("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "2026-01-02", "2026-01-23", done="2026-01-09T10:00"),
    Case("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "2026-01-02", "2026-01-23", done="2026-01-07T10:00"),
    Case("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "2026-01-02", "2026-01-23", done="2026-01-10T10:00"),
    Case("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;WKST=SA", "2026-01-02", "2026-01-30", done="2026-01-10T10:00"),
    Case("FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=15", "2026-01-15", "2026-03-15", done="2026-01-20T10:00"),
    Case("FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=15", "2026-01-15", "2026-02-15", done="2026-01-20T10:00"),
    Case(
        "FREQ=YEARLY;INTERVAL=2;BYMONTH=6;BYMONTHDAY=1", "2026-06-01", "2028-06-01", done="2026-07-01T10:00"
    ),
    # How it ends, and what it never does.
    Case("FREQ=DAILY;INTERVAL=3;UNTIL=20260107", "2026-01-01", "2026-01-07", done="2026-01-04T10:00"),
    Case("FREQ=DAILY;INTERVAL=3;UNTIL=20260107", "2026-01-01", END, done="2026-01-05T10:00"),
    Case("FREQ=DAILY;COUNT=1", "2026-01-01", END, done="2026-01-01T10:00"),
    Case("FREQ=DAILY;INTERVAL=3", "2026-01-01", "2026-01-07", done="2026-01-01T10:00", left_out="2026-01-04"),
    Case("FREQ=WEEKLY;BYDAY=FR", "2026-01-01", "2026-01-16", done="2026-01-05T10:00", left_out="2026-01-09"),
    Case("FREQ=DAILY", "2026-01-10", "2026-01-10", done="2026-01-05T10:00"),
    Case("FREQ=YEARLY;INTERVAL=10000", "2026-01-01", END, done="2026-01-05T10:00"),
    Case("FREQ=WEEKLY;INTERVAL=10000;BYDAY=FR;UNTIL=22000101", "2026-01-01", END, done="2026-01-05T10:00"),
    # The day of completion is that of the schedule's zone.
    Case("FREQ=DAILY", "2026-01-01", "2026-01-06", done="2026-01-05T23:59", zone="America/New_York"),
    Case("FREQ=DAILY", "2026-01-01", "2026-01-06", done="2026-01-05T00:01", zone="Asia/Tokyo"),
    # Wall-clock time holds here too.
    Case(
        "FREQ=DAILY", "2026-01-01T02:30", "2026-03-29T01:30Z", done="2026-03-28T10:00", zone="Europe/Berlin"
    ),
    Case(
        "FREQ=WEEKLY", "2026-01-01T09:00", "2026-10-29T08:00Z", done="2026-10-22T10:00", zone="Europe/Berlin"
    ),
]

SERIES = [
    *DAILY,
    *WEEKLY,
    *WEEK_START,
    *MONTHLY,
    *MONTH_ENDS,
    *YEARLY,
    *LEAP_YEARS,
    *NEVER,
    *COUNT,
    *UNTIL,
    *EXCEPTIONS,
    *DAYLIGHT_SAVING,
]


@pytest.mark.parametrize("case", SERIES, ids=str)
def test_a_series_has_the_dates_of_the_calendar(case: Case) -> None:
    number = len(case.instants)

    found = case.schedule.preview(number + 1)

    assert found[:number] == case.instants
    assert (len(found) == number) is case.ends


@pytest.mark.parametrize("case", SERIES, ids=str)
def test_each_date_follows_from_the_one_before(case: Case) -> None:
    found = [case.schedule.first()]

    while found[-1] is not None and len(found) <= len(case.instants):
        found.append(case.schedule.after(found[-1]))

    assert found[: len(case.instants)] == case.instants
    assert (found[len(case.instants)] is None) is case.ends


@pytest.mark.parametrize("case", COMPLETION, ids=str)
def test_completion_moves_the_next_date(case: Case) -> None:
    done = local(case.done).replace(tzinfo=ZoneInfo(case.zone))

    following = case.schedule.after_completion(done)

    assert following == (None if case.ends else case.instants[0])
