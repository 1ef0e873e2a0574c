"""Quick add: what the chips say, how they are turned back into text, and what is refused."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tasks.quickadd import Chip, parse

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 20, 11, 30, tzinfo=BERLIN)


def parse_now(line, **options):
    return parse(line, now=NOW, zone=BERLIN, **options)


def test_every_part_of_a_line_has_its_chip():
    line = "Pay rent every 1st 9am #Home @bills p1 !30m"
    assert parse_now(line).chips == (
        Chip("repeat", "every 1st 9am", 9, 22, "Every month on the 1st, next Tue 1 Dec 09:00"),
        Chip("project", "#Home", 23, 28, "#Home"),
        Chip("tag", "@bills", 29, 35, "@bills"),
        Chip("priority", "p1", 36, 38, "Priority 1"),
        Chip("reminder", "!30m", 39, 43, "30 min before"),
    )


@pytest.mark.parametrize(
    ("line", "labels"),
    [
        ("x", []),
        ("x tomorrow", ["Sat 21 Nov"]),
        ("x tomorrow 5pm", ["Sat 21 Nov 17:00"]),
        ("x 5 jan", ["Tue 5 Jan 2027"]),
        ("x 9am", ["Sat 21 Nov 09:00"]),
        ("x tomorrow about rent 5pm", ["Sat 21 Nov 17:00", "17:00"]),
        ("9am x tomorrow", ["09:00", "Sat 21 Nov 09:00"]),
        ("9am x every day", ["09:00", "Every day, next Sat 21 Nov 09:00"]),
        ("x in 2 hours", ["Fri 20 Nov 13:30"]),
        ("x every other friday", ["Every 2 weeks on Friday, next Fri 20 Nov"]),
        ("x every! 3 days", ["3 days after done, next Fri 20 Nov"]),
        ("x every day until 1 dec", ["Every day, until 1 Dec 2026, next Fri 20 Nov"]),
        ("x every day for 5 times", ["Every day, 5 times, next Fri 20 Nov"]),
        ("x every 31st", ["Every month on the 31st (or the month's last day), next Mon 30 Nov"]),
        ("x #home @Bills", ["#Home", "@Bills"]),
        ('x #"New  project"', ["#New project"]),
        ("x p2 !low", ["Priority 2"]),
        ("x !medium", ["Priority 3"]),
        ("x 5pm !15m !90m", ["Fri 20 Nov 17:00", "15 min before", "90 min before"]),
        ("x 5pm !1h !3h", ["Fri 20 Nov 17:00", "1 hour before", "3 hours before"]),
        ("x 5pm !1d !2w !0m", ["Fri 20 Nov 17:00", "1 day before", "14 days before", "When due"]),
    ],
)
def test_labels(line, labels):
    assert [chip.label for chip in parse_now(line, projects=["Home"]).chips] == labels


@pytest.mark.parametrize(
    "line",
    [
        "Pay rent every 1st 9am #Home @bills p1 !30m",
        "Call mum friday 5pm about rent",
        "Dentist on the 5th of january 2027 at noon",
        "Book hotel #Lisbon trip next week",
        'Fix #"Two words" today',
        "every! 3 days water plants",
        "Standup every weekday at 9:15 until 5 jan",
        "Meet in 2 hours",
        "Stretch daily at 7am",
    ],
)
def test_a_backslash_turns_a_chip_back_into_text(line):
    chips = parse_now(line, projects=["Lisbon trip"]).chips
    assert chips
    for chip in chips:
        parsed = parse_now(f"{line[: chip.start]}\\{line[chip.start :]}", projects=["Lisbon trip"])
        assert chip.text in parsed.title
        assert [left.text for left in parsed.chips] == [left.text for left in chips if left != chip]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("", "Say what is to be done: the task has no title."),
        ("   ", "Say what is to be done: the task has no title."),
        ("tomorrow 5pm #Home", "Say what is to be done: the task has no title."),
        ("x" * 201, "The title has 201 characters; 200 is the most."),
        ("x #Home #Work", "A task is in one project; this names #Home and #Work."),
        ("x !30m", "A reminder needs a due date to count back from, such as “tomorrow 9am”."),
        ("x every day until 1 nov 2026", "This never comes due: it ends before it begins."),
        ("x every monday until saturday 9am !1h", "This never comes due: it ends before it begins."),
        ("x every day until 1 nov 2026, 5pm", "This never comes due: it ends before it begins."),
    ],
)
def test_errors(line, error):
    assert parse_now(line).errors == (error,)


def test_every_error_is_told():
    assert len(parse_now("#Home #Work !30m " + "x" * 201).errors) == 3


@pytest.mark.parametrize(
    "line", ["x" * 200, "x tomorrow 9am !1h", "x #Home", f"{'x' * 200} tomorrow #Home p1"]
)
def test_no_errors(line):
    assert parse_now(line).errors == ()


def test_a_series_that_is_over_has_no_due_date_but_its_chips():
    parsed = parse_now("9am x every day until 1 nov 2026")
    assert (parsed.due, parsed.due_date, parsed.due_time, parsed.all_day) == (None, None, None, False)
    assert [chip.label for chip in parsed.chips] == ["09:00", "Every day, until 1 Nov 2026"]


@pytest.mark.parametrize(
    ("line", "projects", "project", "title"),
    [
        ("x #home improvement y", ["Home", "Home improvement"], "Home improvement", "x y"),
        ("x #home improvement y", ["Home"], "Home", "x improvement y"),
        ("x #HOME  Improvement", ["Home improvement"], "Home improvement", "x"),
        ("x #Straße", ["STRASSE"], "STRASSE", "x"),
        ("x #Mum's list, y", ["Mum's list"], "Mum's list", "x, y"),
        ("x #Yahoo! y", ["Yahoo!"], "Yahoo!", "x y"),
        ("x #2027", ["2027"], "2027", "x"),
        ("x #2027", [], None, "x #2027"),
        ('x #"home"', ["Home"], "Home", "x"),
        ("x #Home", ["", "  "], "Home", "x"),
    ],
)
def test_projects(line, projects, project, title):
    parsed = parse_now(line, projects=projects)
    assert (parsed.project, parsed.title) == (project, title)
