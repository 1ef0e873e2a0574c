"""The language of the search field: what each word finds, how words combine, and what is wrong where."""

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from tasks.filtering import LENGTH, FilterError, Reader, parse
from tasks.models import Project, RecurringTask, Task
from tasks.tests.friday import NOW

pytestmark = pytest.mark.usefixtures("on_friday")


@pytest.fixture
def olga(owner, shared):
    owner.time_zone = "Europe/Berlin"
    owner.save()
    return owner


@pytest.fixture
def tasks(olga, member, inbox, shared, by):
    """One of each kind."""
    plan = Project.objects.create(owner=olga, name="Big Plan")

    def make(title, due=None, project=inbox, **fields):
        all_day = due is not None and not isinstance(due, datetime)
        task = Task(
            project=project,
            title=title,
            due_date=datetime.combine(due, time(), UTC) if all_day else due,
            due_all_day=all_day,
            **fields,
        )
        task.save(by=by)
        return task

    make("Plain")
    make("Urgent", priority=4, tags=["bills"], description="about the Ärger at (home)")
    make("Begun", status="in_progress", project=shared, assignee=member)
    make("Late", date(2026, 11, 18), priority=3, assignee=olga)
    make("Now", date(2026, 11, 20), tags=["bills", "home"])
    make("Tomorrow", datetime(2026, 11, 21, 8, 0, tzinfo=UTC), project=plan)
    make("Sixth day", datetime(2026, 11, 26, 22, 59, tzinfo=UTC))
    make("Seventh day", datetime(2026, 11, 26, 23, 0, tzinfo=UTC))
    make("Finished", date(2026, 11, 18)).complete(by)
    make("Deleted").trash(by)
    series = RecurringTask(
        project=inbox, title="Weekly", rrule="FREQ=WEEKLY", start_date=date(2026, 12, 1), time_zone="UTC"
    )
    series.begin(by)


ALL = {
    "Plain", "Urgent", "Begun", "Late", "Now", "Tomorrow", "Sixth day", "Seventh day", "Finished", "Weekly",
}  # fmt: skip
UNDATED = {"Plain", "Urgent", "Begun"}


def find(text, user):
    condition = parse(text, Reader(user, NOW)).condition
    return set(Task.objects.visible_to(user).filter(condition).values_list("title", flat=True))


CASES = [
    ("", ALL),
    ("plain", {"Plain"}),
    ("DAY", {"Sixth day", "Seventh day"}),
    ("day sixth", {"Sixth day"}),
    ('"day sixth"', set()),
    ('"sixth day"', {"Sixth day"}),
    ("ärger", {"Urgent"}),
    ("at (home)", {"Urgent"}),
    ('"at (home)"', {"Urgent"}),
    ("at(home)", set()),
    ("@bills", {"Urgent", "Now"}),
    ("tag:bills,home", {"Urgent", "Now"}),
    ("@bills @home", {"Now"}),
    ("-@bills @bills", set()),
    ("p1", {"Urgent"}),
    ("P2", {"Late"}),
    ("p1 or p2", {"Urgent", "Late"}),
    ("priority:1,2", {"Urgent", "Late"}),
    ("priority:high", {"Late"}),
    ("overdue", {"Late"}),
    ("nodate", UNDATED),
    ("due:none", UNDATED),
    ("due:today", {"Now"}),
    ("due:tomorrow", {"Tomorrow"}),
    ("due:sat", {"Tomorrow"}),
    ("due:1d", {"Tomorrow"}),
    ("due:week", {"Now", "Tomorrow", "Sixth day"}),
    ("due:soon", {"Now", "Tomorrow"}),
    ("due:overdue", {"Late"}),
    ("due:2026-11-26", {"Sixth day"}),
    ("due:<2026-11-20", {"Late", "Finished"}),
    ("due:<=today status:open", {"Late", "Now"}),
    ("due:>2026-11-26", {"Seventh day", "Weekly"}),
    ("due:>=2026-12-01", {"Weekly"}),
    ('due:"1 dec"', {"Weekly"}),
    ('due:<"next week" -done', {"Late", "Now", "Tomorrow"}),
    ("-due:>2000-01-01", UNDATED),
    ("project:website", {"Begun"}),
    ("#Website", {"Begun"}),
    ('project:"big plan"', {"Tomorrow"}),
    ('#"Big plan",website', {"Begun", "Tomorrow"}),
    ("project:big", set()),
    ("done", {"Finished"}),
    ("-done", ALL - {"Finished"}),
    ("not done not late", ALL - {"Finished", "Late"}),
    ("not not done", {"Finished"}),
    ("status:in_progress", {"Begun"}),
    ("status:any", ALL),
    ("completed:today", {"Finished"}),
    ("completed:<2026-11-01", set()),
    ("-completed:today", ALL - {"Finished"}),
    ("created:today", ALL),
    ("repeating", {"Weekly"}),
    ("-repeating", ALL - {"Weekly"}),
    ("assigned:me", {"Late"}),
    ("assigned:milo", {"Begun"}),
    ("assigned:nobody p1", {"Urgent"}),
    ("-assigned:me overdue", set()),
    ("(p1 or p2) -@bills", {"Late"}),
    ("p1 or p2 -@bills", {"Urgent", "Late"}),
    ("-(p1 or p2) nodate", {"Plain", "Begun"}),
    ("plain and nodate", {"Plain"}),
    ('"or"', {"Tomorrow"}),
    ("a - b", set()),
]


@pytest.mark.parametrize(("text", "titles"), CASES, ids=[text or "nothing" for text, _titles in CASES])
def test_what_each_filter_finds(tasks, olga, text, titles):
    assert find(text, olga) == titles


WRONG = [
    ('work "exact', '"exact', "quote is not closed"),
    ("p1 (@a or", "or", "missing"),
    ("p1 or", "or", "missing"),
    ("or p1", "or", "missing"),
    ("p1 and and p2", "and", "missing"),
    ("work not", "not", "missing"),
    ("(p1", "(", "bracket is not closed"),
    ("p1) x", ")", "no bracket"),
    ("()", "(", "missing"),
    ("due:someday x", "due:someday", "due:today"),
    ("due:", "due:", "due:today"),
    ("due:today,someday", "due:today,someday", "due:today"),
    ("x colour:red", "colour:red", "There is no “colour:”"),
    ("priority:9", "priority:9", "priority:1"),
    ("status:gone", "status:gone", "status:open"),
    ("project:", "project:", "project:work"),
    ("(" * 11 + "x" + ")" * 11, "(", "too many"),
    ("a\0b", "\0", "sign"),
    ("x" * (LENGTH + 1), "x", "characters"),
]


@pytest.mark.parametrize(("text", "marked", "sentence"), WRONG, ids=[repr(text[:20]) for text, *_ in WRONG])
def test_what_is_wrong_is_named_with_its_place(text, marked, sentence):
    reader = Reader(User(time_zone="Europe/Berlin"), NOW)
    with pytest.raises(FilterError, match=sentence) as caught:
        parse(text, reader)
    assert text[caught.value.start : caught.value.end] == marked


DAYS = ["due:", "due:today", "due:<", "9999d", "2026-02-30", "next", "feb 30", "week", "<="]
SIGNS = ['"', "“", "(", ")", "-", "@", "#", ",", " ", "\\", "\0"]
WORDS = ["or", "and", "not", "p1", "assigned:me", "project:", "x:y", "done", "ß"]
PIECES = st.lists(st.sampled_from(DAYS + SIGNS + WORDS), max_size=14).map("".join)


@given(st.one_of(st.text(max_size=60), PIECES))
def test_any_text_is_understood_or_refused_with_a_place(text):
    try:
        found = parse(text, Reader(User(time_zone="Asia/Tokyo", week_start=6), NOW))
    except FilterError as error:
        places = [(error.start, error.end)]
    else:
        places = [(part.start, part.end) for part in found.parts]
        assert all(part.node.label and isinstance(found.without(part), str) for part in found.parts)
    assert all(0 <= start < end <= len(text) for start, end in places)


def test_parts_can_be_left_out_one_by_one():
    found = parse('p1  (@a or @b) "two words"', Reader(User(time_zone="UTC"), NOW))
    assert [part.node.label for part in found.parts] == ["Priority 1", "@a or @b", "“two words”"]
    assert [found.without(part) for part in found.parts] == [
        '(@a or @b) "two words"',
        'p1 "two words"',
        "p1 (@a or @b)",
    ]
