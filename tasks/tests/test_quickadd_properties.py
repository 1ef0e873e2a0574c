"""Quick add holds for any line: it never raises, and what it does not understand it leaves alone."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from time import process_time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.quickadd import parse
from tasks.recurrence import Rule, Schedule

PROJECTS = ("Home", "Lisbon trip")
MOST_CHARACTERS = 1000
LONGER = 4  # times
GROWTH = 12  # times at the most: 4 is as it should be, 16 is time by the square of the length

WORDS = r"""
every every! other day days week weeks month months year weekday weekend monday mon, wed sat sun friday
1st 2nd 15th 29th 31st last first third and & , - to the of on by at in due for until starting from times
today tomorrow tonight this next in a morning evening night noon midnight 5pm 5 pm p.m. 17:30 9 12 31
2026-12-05 2027 9999 jan feb may march daily weekly #Home #Lisbon trip #"a b" @x p1 p4 !high !30m !9999w
\ \today \every " “ ” ( ) . ! … call mum 😀 שלום x's an two ten hours minutes
""".split()  # noqa: SIM905
grammatical = st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join)
lines = st.one_of(grammatical, st.text(max_size=MOST_CHARACTERS))
zones = st.sampled_from(
    [
        "UTC",
        "Europe/Berlin",
        "America/St_Johns",
        "Pacific/Kiritimati",
        "Pacific/Pago_Pago",
        "Australia/Lord_Howe",
    ]
).map(ZoneInfo)
moments = st.datetimes(
    datetime(1990, 1, 1),  # noqa: DTZ001 (hypothesis wants the limits without a zone)
    datetime(2150, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


def letters(text: str) -> str:
    """The text without spaces and punctuation, which the title tidies up."""
    return "".join(filter(str.isalnum, text))


@settings(max_examples=400, deadline=None)
@given(lines, moments, zones, st.integers(0, 6))
def test_any_line(line, now, zone, week_start):
    parsed = parse(line, now=now, zone=zone, week_start=week_start, projects=PROJECTS)

    ends = [0, *(end for chip in parsed.chips for end in (chip.start, chip.end)), len(line)]
    assert ends == sorted(ends), "chips lie in the line, in order, and do not overlap"
    assert all(chip.start < chip.end and chip.text == line[chip.start : chip.end] for chip in parsed.chips)
    assert all(chip.label for chip in parsed.chips)
    rest = "".join(line[begin:end] for begin, end in list(pairwise(ends))[::2])
    assert letters(parsed.title) == letters(rest), "what is no chip is the title"
    assert parsed.title == " ".join(parsed.title.split())


@settings(max_examples=400, deadline=None)
@given(grammatical, moments, zones)
def test_due_date_and_rule_agree(line, now, zone):
    parsed = parse(line, now=now, zone=zone, projects=PROJECTS)

    assert (parsed.due is None) == (parsed.due_date is None)
    assert (parsed.rule is None) == (parsed.start is None)
    if parsed.due is not None:
        shown = parsed.due if parsed.all_day else parsed.due.astimezone(zone)
        assert shown.date() == parsed.due_date
        assert parsed.all_day == (parsed.due_time is None)
    if parsed.rule is not None:
        rule = Rule.parse(parsed.rule)
        assert str(rule) == parsed.rule
        if parsed.due is not None and not parsed.all_day:
            assert parsed.due >= now
            assert parsed.due in Schedule(rule, parsed.start, zone).between(
                parsed.due, datetime.max.replace(tzinfo=UTC)
            )


@settings(max_examples=200, deadline=None)
@given(grammatical, moments)
def test_a_backslash_takes_a_chip_back(line, now):
    zone = ZoneInfo("Europe/Berlin")
    for chip in parse(line, now=now, zone=zone, projects=PROJECTS).chips:
        escaped = f"{line[: chip.start]}\\{line[chip.start :]}"
        chips = parse(escaped, now=now, zone=zone, projects=PROJECTS).chips
        assert all(other.start != chip.start + 1 for other in chips)


@pytest.mark.parametrize(
    "unit",
    ["\\a ", "#a ", "#Home ", "mon ", "every ", "every 1st, ", "1st and ", '"a ', '" ', "\\mon ", "5pm ", "mon,",
     "sun and ", "a", "!", ". ", "\\. ", "fri 5 jan ", ", ", "at ", "5th of ", '#"', "\\every 1st ", "x daily "],
)  # fmt: skip
def test_time_grows_with_the_line_and_not_with_its_square(unit):
    line = (unit * MOST_CHARACTERS)[:MOST_CHARACTERS]
    assert least_time(line) < GROWTH * least_time(line[: MOST_CHARACTERS // LONGER])


def least_time(line):
    """Seconds of processor that reading it takes, without what now and then comes in between."""
    projects = [f"Project {number} with a long name" for number in range(300)]
    times = []
    for _ in range(5):
        begin = process_time()
        parse(line, now=datetime(2026, 11, 20, tzinfo=UTC), zone=ZoneInfo("Europe/Berlin"), projects=projects)
        times.append(process_time() - begin)
    return min(times)
