"""All tasks: each filter, search and order; the address is the query, chips repeat it in words."""

import re
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.urls import reverse

from tasks.models import Project, RecurringTask, Task
from tasks.tests.friday import NOW
from tasks.tests.list_reading import HTMX, body_of, subtitle_of, text_of, titles_in

pytestmark = pytest.mark.usefixtures("on_friday")


@pytest.fixture
def make(reader, inbox, by):
    def save(title, due=None, project=inbox, **fields):
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

    return save


@pytest.fixture
def tasks(make, shared, inbox, by):
    """One of each kind."""
    make("Plain")
    make("Urgent", priority=4, tags=["bills"], description="about the Ärger")
    make("Begun", status="in_progress", project=shared)
    make("Late", date(2026, 11, 18), priority=3)
    make("Today", date(2026, 11, 20), tags=["bills", "home"])
    make("Tomorrow", datetime(2026, 11, 21, 8, 0, tzinfo=UTC))
    make("Next week", datetime(2026, 11, 26, 22, 59, tzinfo=UTC))
    make("After a week", datetime(2026, 11, 26, 23, 0, tzinfo=UTC))
    make("Done", date(2026, 11, 18)).complete(by)
    make("Deleted").trash(by)
    series = RecurringTask(
        project=inbox, title="Weekly", rrule="FREQ=WEEKLY", start_date=date(2026, 12, 1), time_zone="UTC"
    )
    series.begin(by)


def find(client, query="", **extra):
    return client.get(f"{reverse('tasks:all')}?{query}", **extra)


def chips_in(response):
    """The words of each chip, and where its × leads."""
    found = re.findall(
        r'<li class="chip">(.*?)<a class="chip-remove" href="([^"]*)"', body_of(response), re.DOTALL
    )
    return {text_of(words): address.replace("&amp;", "&") for words, address in found}


OPEN = {
    "Plain", "Urgent", "Begun", "Late", "Today", "Tomorrow", "Next week", "After a week", "Weekly",
}  # fmt: skip


@pytest.mark.parametrize(
    ("query", "titles", "chip"),
    [
        ("", OPEN, None),
        ("status=pending", OPEN - {"Begun"}, "Pending"),
        ("status=in_progress", {"Begun"}, "In progress"),
        ("status=completed", {"Done"}, "Completed"),
        ("status=any", OPEN | {"Done"}, "Any status"),
        ("priority=1", {"Urgent"}, "Priority 1"),
        ("priority=2&priority=1", {"Urgent", "Late"}, "Priority 1 or 2"),
        ("tag=bills", {"Urgent", "Today"}, "@bills"),
        ("tag=@home", {"Today"}, "@home"),
        ("tag=bill", set(), "@bill"),
        ("due=overdue", {"Late"}, "Due: overdue"),
        ("due=soon", {"Today", "Tomorrow"}, "Due: within 24 hours"),
        ("due=today", {"Late", "Today"}, "Due: today or before"),
        ("due=week", {"Late", "Today", "Tomorrow", "Next week"}, "Due: within 7 days"),
        ("due=none", {"Plain", "Urgent", "Begun"}, "Due: no date"),
        ("due_from=2026-11-21", {"Tomorrow", "Next week", "After a week", "Weekly"}, "Due from Sat 21 Nov"),
        ("due_to=2026-11-20", {"Late", "Today"}, "Due to Fri 20 Nov"),
        ("repeats=yes", {"Weekly"}, "Repeating"),
        ("repeats=no", OPEN - {"Weekly"}, "Not repeating"),
        ("q=ÄRGER", {"Urgent"}, "“ÄRGER”"),
        ("q=week", {"Next week", "After a week", "Weekly"}, "“week”"),
        ("q=%3Cb%3E", set(), "“<b>”"),
    ],
)
def test_each_filter(client, tasks, query, titles, chip):
    response = find(client, query)
    assert set(titles_in(response)) == titles
    number = len(titles)
    assert subtitle_of(response) == ("1 task" if number == 1 else f"{number} tasks")
    assert list(chips_in(response)) == ([chip] if chip else [])


def test_a_project(client, tasks, shared):
    response = find(client, f"project={shared.pk}")
    assert titles_in(response) == ["Begun"]
    assert list(chips_in(response)) == ["Website"]


def test_filters_narrow_each_other_and_each_can_be_left_out(client, tasks):
    response = find(client, "q=&tag=bills&priority=1&page=1")
    assert titles_in(response) == ["Urgent"]
    assert chips_in(response) == {"Priority 1": "?tag=bills", "@bills": "?priority=1"}
    assert chips_in(find(client, "tag=bills")) == {"@bills": "?"}


def test_the_day_range_is_the_readers(client, tasks):
    # Next week is due at 23:59 in Berlin on the 26th, After a week at midnight after it.
    assert titles_in(find(client, "due_from=2026-11-26&due_to=2026-11-26")) == ["Next week"]
    assert titles_in(find(client, "due_from=2026-11-27&due_to=2026-11-27")) == ["After a week"]


@pytest.mark.parametrize(
    ("sort", "titles"),
    [
        ("", ["b early", "a late", "C late", "D none"]),
        ("-priority", ["a late", "b early", "C late", "D none"]),
        ("title", ["a late", "b early", "C late", "D none"]),
        ("created_at", ["D none", "C late", "b early", "a late"]),
        ("-created_at", ["a late", "b early", "C late", "D none"]),
        ("-updated_at", ["D none", "a late", "b early", "C late"]),
    ],
)
def test_each_order(client, make, by, sort, titles):
    none = make("D none")
    for number, (title, day, priority) in enumerate(
        [("C late", 25, 1), ("b early", 21, 1), ("a late", 25, 4)], 1
    ):
        with time_machine.travel(NOW + timedelta(minutes=number), tick=False):
            make(title, date(2026, 11, day), priority=priority)
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        none.change(by, description="Changed last")
    assert titles_in(find(client, f"sort={sort}")) == titles


def test_many_are_shown_by_page_under_the_same_filter(client, inbox, reader, by):
    Task.objects.bulk_create([Task(project=inbox, title=f"Match {number}") for number in range(60)])
    Task.objects.bulk_create([Task(project=inbox, title="Other")])
    first = find(client, "q=match")
    assert (len(titles_in(first)), subtitle_of(first)) == (50, "60 tasks")
    assert 'href="?q=match&amp;page=2"' in body_of(first)
    second = find(client, "q=match&page=2")
    assert len(set(titles_in(second)) - set(titles_in(first))) == 10
    for page in ("0", "99", "x"):
        assert find(client, f"q=match&page={page}").status_code == 200


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("status=done", "Select a valid choice"),
        ("priority=9", "Select a valid choice"),
        ("project=x", "Select a valid choice"),
        ("due_from=soon", "Enter a valid date"),
        ("sort=owner__password", "Select a valid choice"),
    ],
)
def test_a_value_that_makes_no_sense_is_named_and_filters_nothing(client, tasks, query, message):
    response = find(client, query)
    assert set(titles_in(response)) == OPEN
    assert message in body_of(response)
    assert '<details class="filters" open>' in body_of(response)


def test_somebody_elses_project_is_no_choice(client, tasks, outsider):
    foreign = Project.objects.create(owner=outsider, name="Secret plans")
    response = find(client, f"project={foreign.pk}")
    assert "Secret plans" not in body_of(response)
    assert "Select a valid choice" in body_of(response)


def test_nothing_found_offers_the_completed_ones(client, tasks):
    body = body_of(find(client, "q=don"))
    assert "No task is like that" in body
    assert 'href="?q=don&amp;status=any"' in body
    assert titles_in(find(client, "q=don&status=any")) == ["Done"]
    assert titles_in(find(client, "q=done")) == ["Done"]


def test_nothing_at_all(client, reader):
    assert "No open tasks" in body_of(find(client))


def test_a_script_learns_the_address_without_empty_fields(client, tasks):
    headers = {**HTMX, "HX-Trigger": "filter"}
    response = find(client, "q=&tag=bills&due=&page=3", headers=headers)
    assert response["HX-Push-Url"] == "/tasks?tag=bills"
    assert find(client, "q=&due=", headers=headers)["HX-Push-Url"] == "/tasks"
    assert "HX-Push-Url" not in find(client, "q=&tag=bills", headers=HTMX)


def test_the_form_keeps_what_was_asked_for(client, tasks):
    body = body_of(find(client, "q=a%22b&tag=bills&priority=1&due_from=2026-11-21"))
    assert 'value="a&quot;b"' in body
    assert re.search(r'name="tag" value="bills"', body)
    assert re.search(r'name="priority" value="1"[^>]* checked', body)
    assert re.search(r'name="due_from" value="2026-11-21"', body)


def test_the_search_field_has_a_language(client, tasks):
    response = find(client, "q=(p1+or+p2)+-@bills&due=")
    assert titles_in(response) == ["Late"]
    assert chips_in(response) == {
        "Priority 1 or Priority 2": "?q=-%40bills",
        "not @bills": "?q=%28p1+or+p2%29",
    }
    assert "What can I write?" in body_of(response)


def test_a_wrong_word_is_marked_and_filters_nothing(client, tasks):
    response = find(client, "q=p1+due:%3Csoon%3E+x&tag=bills")
    assert set(titles_in(response)) == {"Urgent", "Today"}
    assert "p1 <mark>due:&lt;soon&gt;</mark> x" in body_of(response)
    assert "is not followed by what it needs" in text_of(body_of(response))
    assert '<details class="filters">' in body_of(response)


@pytest.mark.parametrize(
    ("view", "titles"),
    [
        ("inbox", OPEN - {"Begun"}),
        ("today", {"Late", "Today"}),
        ("upcoming", {"Tomorrow", "Next week", "After a week", "Weekly"}),
        ("completed", {"Done"}),
    ],
)
def test_each_view_is_an_address_to_narrow(client, tasks, view, titles):
    assert set(titles_in(find(client, f"view={view}"))) == titles
    assert titles_in(find(client, f"view={view}&q=%22no+such%22")) == []
