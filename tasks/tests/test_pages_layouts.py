"""Views of tasks as a list under headings, as a board and as a month."""

import re
from datetime import UTC, date, datetime, time

import pytest

from tasks.models import Task
from tasks.tests.list_reading import body_of, groups_in, subtitle_of, text_of, titles_in

pytestmark = pytest.mark.usefixtures("on_friday")


@pytest.fixture
def make(reader, inbox, by):
    def save(title, due=None, project=inbox, **fields):
        all_day = due is not None and not isinstance(due, datetime)
        at = datetime.combine(due, time(), UTC) if all_day else due
        task = Task(project=project, title=title, due_date=at, due_all_day=all_day, **fields)
        task.save(by=by)
        return task

    return save


@pytest.fixture
def tasks(make, shared, by):
    make("Late", date(2026, 11, 18), priority=3, tags=["b", "a"])
    make("Today", date(2026, 11, 20), project=shared)
    make("Night", datetime(2026, 11, 30, 23, 30, tzinfo=UTC), tags=["b"])  # 1 December in Berlin
    make("Begun", status="in_progress", project=shared, priority=4)
    make("Done", date(2026, 11, 19)).complete(by)


GROUPED = {
    "date": {
        "Overdue 1": ["Late"],
        "Fri 20 Nov 1": ["Today"],
        "Tue 1 Dec 1": ["Night"],
        "No date 1": ["Begun"],
    },
    "priority": {
        "Priority 1, urgent 1": ["Begun"],
        "Priority 2, high 1": ["Late"],
        "Priority 4, low 2": ["Today", "Night"],
    },
    "project": {"Inbox 2": ["Late", "Night"], "Website 2": ["Today", "Begun"]},
    "tag": {"@a 1": ["Late"], "@b 1": ["Night"], "No tag 2": ["Today", "Begun"]},
    "status": {"Pending 3": ["Late", "Today", "Night"], "In progress 1": ["Begun"]},
}


@pytest.mark.parametrize("heading", GROUPED)
def test_a_list_under_headings(client, tasks, heading):
    response = client.get(f"/tasks?group={heading}")
    found = groups_in(response)
    assert found == GROUPED[heading]
    assert list(found) == list(GROUPED[heading])


def columns_in(response):
    sections = re.findall(r'<section class="board-column".*?</section>', body_of(response), re.DOTALL)
    return {
        text_of(re.search(r"<h2.*?</h2>", each, re.DOTALL)[0]): re.findall(
            r'class="task-title"[^>]*>([^<]*)<', each
        )
        for each in sections
    }


@pytest.mark.parametrize(
    ("query", "columns"),
    [
        ("", {"To do 3": ["Late", "Today", "Night"], "In progress 1": ["Begun"], "Done 1": ["Done"]}),
        ("&q=late", {"To do 1": ["Late"], "In progress": [], "Done": []}),
        (
            "&group=priority",
            {
                "Priority 1, urgent 1": ["Begun"],
                "Priority 2, high 1": ["Late"],
                "Priority 3, medium": [],
                "Priority 4, low 2": ["Today", "Night"],
            },
        ),
        ("&group=project", {"Inbox 2": ["Late", "Night"], "Website 2": ["Today", "Begun"]}),
    ],
)
def test_a_board(client, tasks, query, columns):
    assert columns_in(client.get(f"/tasks?layout=board{query}")) == columns


def test_a_card_is_moved_by_its_menu_too(client, tasks):
    task = Task.objects.get(title="Late")
    body = body_of(client.get("/tasks?layout=board"))
    assert 'data-sortable="status" data-value="in_progress"' in body
    assert (
        f'formaction="/tasks/{task.pk}/place" hx-post="/tasks/{task.pk}/place" name="status" value="in_progress"'
        in body
    )
    client.post(f"/tasks/{task.pk}/place", {"status": "in_progress"})
    assert columns_in(client.get("/tasks?layout=board"))["In progress 2"] == ["Late", "Begun"]


def cells_in(response):
    cells = re.findall(r'data-value="(\d{4}-\d\d-\d\d)"[^>]*>(.*?)</ul>', body_of(response), re.DOTALL)
    return {day: re.findall(r">([^<>]+)</a>", tasks) for day, tasks in cells}


def test_a_month_shows_each_task_on_its_day_by_the_readers_clock(client, tasks):
    response = client.get("/tasks?layout=calendar")
    cells = cells_in(response)
    assert (min(cells), max(cells), len(cells)) == ("2026-10-26", "2026-12-06", 42)
    assert {day: tasks for day, tasks in cells.items() if tasks} == {
        "2026-11-18": ["Late"],
        "2026-11-20": ["Today"],
        "2026-12-01": ["Night"],
    }
    assert "November 2026" in body_of(response)
    assert chosen_in(response) == ["Today"]
    assert subtitle_of(response) == "3 tasks"


def chosen_in(response):
    """The titles of the day below the month."""
    below = body_of(response).partition('id="chosen-day"')[2].partition("</section>")[0]
    return re.findall(r'class="task-title"[^>]*>([^<]*)<', below)


def test_a_phone_shows_the_week_of_the_chosen_day(client, tasks):
    response = client.get("/tasks?layout=calendar&project=&day=2026-11-19")
    groups = groups_in(response)
    assert len(groups) == 7
    assert {title: rows for title, rows in groups.items() if rows} == {
        "Wed 18 Nov 1": ["Late"],
        "Fri 20 Nov 1": ["Today"],
    }
    assert next(iter(groups)).startswith("Mon 16 Nov")
    body = body_of(response)
    assert 'href="?layout=calendar&amp;day=2026-11-26&amp;month=2026-11" aria-label="A week later"' in body
    assert 'href="?layout=calendar&amp;day=2026-11-12&amp;month=2026-11" aria-label="A week earlier"' in body


def test_a_week_over_the_end_of_a_month_is_whole(client, tasks):
    groups = groups_in(client.get("/tasks?layout=calendar&day=2026-11-30&month=2026-11"))
    assert groups["Tue 1 Dec 1"] == ["Night"]
    assert len(groups) == 7


def test_other_months_and_days(client, tasks, reader):
    december = client.get("/tasks?layout=calendar&month=2026-12&day=2026-12-01")
    assert "December 2026" in body_of(december)
    assert chosen_in(december) == ["Night"]
    assert 'href="?layout=calendar&amp;month=2027-01"' in body_of(december)
    reader.week_start = 6
    reader.save()
    assert min(cells_in(client.get("/tasks?layout=calendar"))) == "2026-11-01"
    for query in ("month=x", "month=9999-12", "month=0001-01", "day=2026-02-30", "day=9999-12-31"):
        assert client.get(f"/tasks?layout=calendar&{query}").status_code == 200


def test_a_full_day_says_how_many_more_there_are(client, make):
    for number in range(6):
        make(f"Task {number}", date(2026, 11, 24))
    response = client.get("/tasks?layout=calendar&day=2026-11-24")
    assert len(cells_in(response)["2026-11-24"]) == 4
    assert "2 more" in text_of(body_of(response))
    assert len(titles_in(response)) == 6


def test_a_view_has_the_name_of_what_it_shows(client, tasks, shared):
    for query, heading in [
        ("", "All tasks"),
        ("tag=b", "@b"),
        ("view=upcoming&layout=board", "Upcoming"),
        (f"project={shared.pk}&sort=title", "Website"),
        (f"project={shared.pk}&tag=b", "All tasks"),
    ]:
        body = body_of(client.get(f"/tasks?{query}"))
        assert text_of(re.search(r"<h1>.*?</h1>", body)[0]) == heading


def test_every_list_leads_to_its_other_layouts_and_tags_to_theirs(client, tasks, shared):
    for page, query in [
        ("/today", "view=today"),
        ("/inbox", "view=inbox"),
        ("/upcoming", "view=upcoming"),
        (f"/projects/{shared.pk}", f"project={shared.pk}"),
    ]:
        body = body_of(client.get(page))
        for layout in ("board", "calendar"):
            address = f"/tasks?{query}&amp;layout={layout}"
            assert f'href="{address}"' in body
            assert client.get(address.replace("&amp;", "&")).status_code == 200
    assert '<a class="tag" href="/tasks?tag=b">@b</a>' in body_of(client.get("/tasks"))


def test_empty_layouts_have_their_own_words(client, reader):
    assert "In progress" in columns_in(client.get("/tasks?layout=board"))
    assert "Nothing on this board" in body_of(client.get("/tasks?layout=board&group=project"))
    assert "No tasks" in body_of(client.get("/tasks?layout=calendar"))


@pytest.mark.parametrize(
    "query", ["group=date", "layout=board", "layout=board&group=project", "layout=calendar"]
)
def test_queries(client, tasks, query, django_assert_max_num_queries):
    client.get("/tasks")
    with django_assert_max_num_queries(10):
        client.get(f"/tasks?{query}")
