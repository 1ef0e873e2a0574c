"""GET /api/tasks: filters, sorting, pages by number and by cursor, and what they cost."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts.actor import SYSTEM
from tasks.models import Project, RecurringTask, Task
from tasks.tests.factories import TaskFactory


def titles(client, query=""):
    answer = client.get(f"/api/tasks{query}")
    assert answer.status_code == 200, answer.content
    return [item["title"] for item in answer.json()["items"]]


def found(client, query):
    return set(titles(client, query))


@pytest.fixture
def mine(api, owner, inbox):
    return api(owner)


# --- Who -------------------------------------------------------------------------------------------------


def test_each_person_lists_what_they_may_see(api, owner, member, viewer, outsider, inbox, shared):
    TaskFactory(project=inbox, title="private")
    TaskFactory(project=shared, title="ours")
    TaskFactory(project=Project.objects.inbox_of(outsider), title="theirs")
    assert found(api(owner), "") == {"private", "ours"}
    assert found(api(member), "") == found(api(viewer), "") == {"ours"}
    assert found(api(outsider), f"?project={shared.pk}") == set()
    assert found(api(outsider), "") == {"theirs"}


def test_many_members_do_not_multiply_tasks(api, owner, shared, viewer):
    TaskFactory(project=shared)
    assert api(owner).get("/api/tasks").json()["total"] == 1


# --- Filters ---------------------------------------------------------------------------------------------


def test_status_and_priority(mine, inbox):
    for status, priority in product(("pending", "in_progress", "completed"), (1, 4)):
        TaskFactory(project=inbox, title=f"{status} {priority}", status=status, priority=priority)
    assert found(mine, "?status=pending") == {"pending 1", "pending 4"}
    assert found(mine, "?status=pending,completed&priority=urgent") == {"pending 4", "completed 4"}
    assert found(mine, "?status=pending&status=in_progress&priority=low") == {"pending 1", "in_progress 1"}


def test_tag(mine, inbox):
    TaskFactory(project=inbox, title="a", tags=["home", "bills"])
    TaskFactory(project=inbox, title="b", tags=["home"])
    TaskFactory(project=inbox, title="c", tags=["homework"])
    assert found(mine, "?tag=home") == {"a", "b"}
    assert found(mine, "?tag=bills,homework") == {"a", "c"}
    assert found(mine, "?tag=%40bills") == {"a"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Buy äpfel and Öl", "ÄPFEL"),
        ("ПРИВЕТ", "привет"),
        ("Straße", "STRASSE"),
        ("ΟΔΟΣ", "οδος"),
        ("Buy MILK", "milk"),
        ("100% sure_thing\\", "0% sure_thing\\"),
        ("İstanbul", "İSTANBUL"),
    ],
)
def test_search_finds_any_case(mine, inbox, text, words):
    TaskFactory(project=inbox, title=text)
    TaskFactory(project=inbox, title="in the description", description=f"say {text}!")
    TaskFactory(project=inbox, title="neither")
    answer = mine.get("/api/tasks", {"search": words})
    assert {item["title"] for item in answer.json()["items"]} == {text, "in the description"}


def test_an_empty_search_finds_everything(mine, inbox):
    TaskFactory.create_batch(2, project=inbox)
    assert len(titles(mine, "?search=")) == 2


def test_project(mine, owner, inbox, shared):
    TaskFactory(project=inbox, title="private")
    TaskFactory(project=shared, title="ours")
    assert found(mine, f"?project={shared.pk}") == {"ours"}
    assert found(mine, f"?project={shared.pk},{inbox.pk}") == {"ours", "private"}


def test_due_range_on_the_persons_own_calendar(api, owner, inbox):
    owner.time_zone = "America/New_York"
    owner.save()
    for title, due, all_day in [
        ("late on the 19th", datetime(2026, 11, 20, 4, 59, tzinfo=UTC), False),
        ("early on the 20th", datetime(2026, 11, 20, 5, 0, tzinfo=UTC), False),
        ("the 19th", datetime(2026, 11, 19, tzinfo=UTC), True),
        ("the 20th", datetime(2026, 11, 20, tzinfo=UTC), True),
        ("never", None, False),
    ]:
        TaskFactory(project=inbox, title=title, due_date=due, due_all_day=all_day)
    client = api(owner)
    assert found(client, "?due_before=2026-11-20") == {"late on the 19th", "the 19th"}
    assert found(client, "?due_after=2026-11-20") == {"early on the 20th", "the 20th"}
    assert found(client, "?due_after=2026-11-19&due_before=2026-11-20") == {"late on the 19th", "the 19th"}
    assert found(client, "?due_before=2026-11-20T04:59:30Z") == {"late on the 19th"}
    assert found(client, "?due_after=2026-11-20T04:59:30Z") == {"early on the 20th", "the 20th", "the 19th"}
    assert found(client, "?due_before=2026-11-20T05:59:30%2B01:00") == {"late on the 19th"}


def test_overdue_due_soon_and_recurring(mine, inbox, by):
    now = timezone.now()
    TaskFactory(project=inbox, title="late", due_date=now - timedelta(hours=1))
    TaskFactory(project=inbox, title="late but done", due_date=now - timedelta(hours=1), status="completed")
    TaskFactory(project=inbox, title="soon", due_date=now + timedelta(hours=1))
    TaskFactory(project=inbox, title="later", due_date=now + timedelta(days=9))
    TaskFactory(project=inbox, title="never")
    series = RecurringTask(
        project=inbox, title="again", rrule="FREQ=YEARLY", start_date=now.date(), time_zone="UTC"
    )
    series.begin(by)
    everything = {"late", "late but done", "soon", "later", "never", "again"}
    assert found(mine, "?overdue=true") == {"late"}
    assert found(mine, "?overdue=false") == everything - {"late"}
    assert found(mine, "?due_soon=true") == {"soon", "again"}
    assert found(mine, "?due_soon=false") == everything - {"soon", "again"}
    assert found(mine, "?is_recurring=true") == {"again"}
    assert found(mine, "?is_recurring=false") == everything - {"again"}
    assert found(mine, "?is_recurring=true&due_soon=true&overdue=false&search=AGA&status=pending") == {
        "again"
    }


# --- Sorting ---------------------------------------------------------------------------------------------

SORTED = {
    ("due_date", "asc"): ["b", "Ä", "C", "d"],
    ("due_date", "desc"): ["Ä", "b", "d", "C"],
    ("priority", "asc"): ["C", "Ä", "b", "d"],
    ("priority", "desc"): ["d", "b", "Ä", "C"],
    ("title", "asc"): ["b", "C", "d", "Ä"],
    ("title", "desc"): ["Ä", "d", "C", "b"],
    ("created_at", "asc"): ["b", "Ä", "C", "d"],
    ("created_at", "desc"): ["d", "C", "Ä", "b"],
    ("updated_at", "asc"): ["Ä", "C", "d", "b"],
    ("updated_at", "desc"): ["b", "d", "C", "Ä"],
}


@pytest.fixture
def four(inbox, by):
    """Two without a due date; priorities high, medium, low and urgent; the first changed last."""
    day = datetime(2026, 11, 20, tzinfo=UTC)
    tasks = [
        TaskFactory(project=inbox, title="b", due_date=day, priority=3),
        TaskFactory(project=inbox, title="Ä", due_date=day + timedelta(days=1), priority=2),
        TaskFactory(project=inbox, title="C", priority=1),
        TaskFactory(project=inbox, title="d", priority=4),
    ]
    tasks[0].change(by, description="changed")
    return tasks


@pytest.mark.parametrize(("sort_by", "sort_order"), SORTED)
def test_every_sort_in_both_directions(mine, four, sort_by, sort_order):
    assert titles(mine, f"?sort_by={sort_by}&sort_order={sort_order}") == SORTED[sort_by, sort_order]


def test_sorts_without_an_order(mine, four):
    assert titles(mine) == SORTED["created_at", "desc"]
    for sort_by, sort_order in [
        ("due_date", "asc"),
        ("title", "asc"),
        ("priority", "desc"),
        ("updated_at", "desc"),
    ]:
        assert titles(mine, f"?sort_by={sort_by}") == SORTED[sort_by, sort_order]


# --- Pages -----------------------------------------------------------------------------------------------


def test_pages_by_number(mine, inbox):
    TaskFactory.create_batch(5, project=inbox)
    pages = [mine.get(f"/api/tasks?page_size=2&page={number}").json() for number in (1, 2, 3, 4)]
    assert [len(page["items"]) for page in pages] == [2, 2, 1, 0]
    assert all((page["total"], page["page_size"]) == (5, 2) for page in pages)
    assert [page["page"] for page in pages] == [1, 2, 3, 4]
    assert len({item["id"] for page in pages for item in page["items"]}) == 5


def test_fifty_unless_asked(mine, inbox):
    Task.objects.bulk_create([Task(project=inbox, title=str(number)) for number in range(51)])
    answer = mine.get("/api/tasks").json()
    assert (len(answer["items"]), answer["total"], answer["page_size"]) == (50, 51, 50)
    assert len(titles(mine, "?page_size=200")) == 51


def walk(client, query, between=lambda page: None):
    """All items by cursor, and what happens between two pages."""
    items, cursor, page = [], "", 0
    while cursor is not None:
        answer = client.get(f"/api/tasks?{query}&cursor={cursor}")
        assert answer.status_code == 200, answer.content
        assert set(answer.json()) == {"items", "page_size", "next_cursor"}
        items += answer.json()["items"]
        cursor, page = answer.json()["next_cursor"], page + 1
        between(page)
    return items


@pytest.mark.parametrize(
    ("sort_by", "sort_order", "size"), [(*key, size) for key in SORTED for size in (1, 2, 3)]
)
def test_cursors_walk_every_sort(mine, inbox, four, sort_by, sort_order, size):
    # Twins in everything that a sort looks at, so that only the id tells them apart.
    moment = timezone.now()
    Task.objects.bulk_create([Task(project=inbox, title="b", created_at=moment) for _ in range(3)])
    query = f"sort_by={sort_by}&sort_order={sort_order}"
    whole = mine.get(f"/api/tasks?{query}").json()["items"]
    assert walk(mine, f"{query}&page_size={size}") == whole
    assert len(whole) == 7


def test_a_walk_neither_repeats_nor_misses_while_tasks_come_and_go(mine, inbox, by):
    tasks = TaskFactory.create_batch(6, project=inbox)

    def disturb(page):
        TaskFactory(project=inbox, title="new")  # newer than everything, so before the cursor
        if page == 1:
            tasks[5].trash(by)  # was on the first page

    items = walk(mine, "page_size=2", disturb)
    assert [item["id"] for item in items] == [str(task.pk) for task in reversed(tasks)]


def test_a_cursor_keeps_to_its_filters_and_its_order(mine, four):
    first = mine.get("/api/tasks?cursor=&page_size=1&sort_by=title&priority=low,urgent").json()
    rest = mine.get(f"/api/tasks?cursor={first['next_cursor']}&sort_by=title&priority=low,urgent").json()
    assert [item["title"] for item in first["items"] + rest["items"]] == ["C", "d"]
    for query in ("sort_by=priority", "sort_by=title&sort_order=desc"):
        answer = mine.get(f"/api/tasks?cursor={first['next_cursor']}&{query}")
        assert list(answer.json()["errors"]) == ["cursor"]


# --- What is refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("stauts=pending", "stauts"),
        ("status=done", "status"),
        ("status=", "status"),
        ("status=pending,,completed", "status"),
        ("priority=1", "priority"),
        ("tag=", "tag"),
        (f"search={'x' * 201}", "search"),
        ("search=%00", "search"),
        ("search=a&search=b", "search"),
        ("project=mine", "project"),
        ("due_before=tomorrow", "due_before"),
        ("due_after=2026-11-20T10:00:00+01:00", "due_after"),
        ("due_after=0001-01-01", "due_after"),
        ("overdue=1", "overdue"),
        ("overdue=True", "overdue"),
        ("due_soon=yes", "due_soon"),
        ("is_recurring=", "is_recurring"),
        ("sort_by=owner", "sort_by"),
        ("sort_by=-title", "sort_by"),
        ("sort_order=up", "sort_order"),
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=1.5", "page"),
        ("page=%C2%B2", "page"),
        (f"page={'9' * 30}", "page"),
        ("page_size=0", "page_size"),
        ("page_size=201", "page_size"),
        ("page=1&cursor=", "page"),
        ("cursor=x", "cursor"),
        ("cursor=%C3%A4", "cursor"),
        ("cursor=WyJhIl0", "cursor"),
        ("cursor=WyJjcmVhdGVkX2F0Iix0cnVlLG51bGwsIngiXQ", "cursor"),
    ],
)
def test_a_wrong_parameter_is_named(mine, query, name):
    answer = mine.get(f"/api/tasks?{query}")
    assert answer.status_code == 400, answer.content
    assert list(answer.json()["errors"]) == [name]
    assert answer.json()["errors"][name][0].endswith(".")


def test_all_wrong_parameters_of_a_kind_are_named_at_once(mine):
    assert set(mine.get("/api/tasks?foo=1&bar=2").json()["errors"]) == {"foo", "bar"}
    assert set(mine.get("/api/tasks?page=x&status=y").json()["errors"]) == {"page", "status"}


def test_an_unknown_parameter_tells_which_there_are(mine):
    assert "sort_by" in mine.get("/api/tasks?sort=title").json()["errors"]["sort"][0]


# --- Form ------------------------------------------------------------------------------------------------
# On PostgreSQL the database writes the JSON of a list, and Python that of one task.


def series_of(inbox, by, **fields):
    series = RecurringTask(
        project=inbox, rrule="FREQ=DAILY", start_date="2026-01-01", time_zone="UTC", title="Series", **fields
    )
    return series.begin(by)


def test_a_list_shows_a_task_as_it_shows_by_itself(mine, inbox, by):
    now = timezone.now()
    parent = TaskFactory(
        project=inbox, title='"Quotes" \\ back\u2028slash \x7f +00:00"', description='{"a": "+00:00"}\n'
    )
    TaskFactory(project=inbox, parent=parent, tags=["ä", "</script>", '"'], status="in_progress", priority=4)
    TaskFactory(project=inbox, status="completed", due_date=now - timedelta(days=1))
    TaskFactory(project=inbox, due_date=now - timedelta(hours=30), due_all_day=True, priority=2)
    TaskFactory(project=inbox, due_date=now + timedelta(hours=3), priority=3)
    TaskFactory(
        project=inbox,
        due_date=datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC),
        created_at=datetime(2020, 1, 1, tzinfo=UTC),
    )
    TaskFactory(project=inbox, due_date=datetime(2031, 5, 6, 7, 8, 9, 100, tzinfo=UTC))
    wishes = [
        {"at": "2031-05-06T07:08:09+00:00"},
        {"at": "2031-05-06T07:08:09.120000+00:00"},
        {"minutes_before": 5},
    ]
    made = mine.post("/api/tasks", {"title": "Remind me", "reminders": wishes}).json()
    assert [wish.get("at") for wish in made["reminders"]] == [
        "2031-05-06T07:08:09Z",
        "2031-05-06T07:08:09.120000Z",
        None,
    ]
    series_of(inbox, by)
    series_of(inbox, by).series.end(by)
    for query in ("?page_size=200", "?page_size=200&cursor="):
        items = mine.get(f"/api/tasks{query}").json()["items"]
        assert len(items) == 10
        for item in items:
            alone = mine.get(f"/api/tasks/{item['id']}").json()
            assert item == alone
            assert list(item) == list(alone)


def test_a_page_beyond_the_last_says_how_many_there_are(mine, inbox):
    TaskFactory.create_batch(3, project=inbox)
    answer = mine.get("/api/tasks?page=9&page_size=2").json()
    assert answer == {"items": [], "total": 3, "page": 9, "page_size": 2}


def test_the_same_question_is_answered_anew_for_each_person_and_time(api, owner, outsider, inbox):
    TaskFactory(project=inbox, title="mine", due_date=timezone.now() + timedelta(hours=2))
    TaskFactory(project=Project.objects.inbox_of(outsider), title="theirs")
    assert titles(api(owner), "?due_soon=true") == ["mine"]
    assert titles(api(outsider), "?due_soon=true") == []
    with time_machine.travel(timezone.now() + timedelta(hours=3)):
        client = api(owner)
        assert titles(client, "?due_soon=true") == []
        assert titles(client, "?overdue=true") == ["mine"]


def test_a_date_means_another_instant_in_another_zone(api, owner, inbox):
    TaskFactory(project=inbox, due_date=datetime(2026, 11, 19, 20, tzinfo=UTC))
    assert titles(api(owner), "?due_before=2026-11-20") != []
    owner.change(SYSTEM, time_zone="Asia/Tokyo")
    assert titles(api(owner), "?due_before=2026-11-20") == []


# --- Cost ------------------------------------------------------------------------------------------------
# Each count includes the two queries that find the session and its user.


@pytest.mark.parametrize(
    ("query", "queries"),
    [
        ("", 3),  # everything fits on one page, so that page says how many there are
        ("?page_size=2", 3 if connection.vendor == "postgresql" else 4),
        ("?page_size=2&cursor=", 3),
        ("?search=task&status=pending&is_recurring=true&overdue=false&sort_by=title&tag=a", 3),
    ],
)
def test_queries(mine, inbox, by, django_assert_num_queries, query, queries):
    for number in range(5):
        series = RecurringTask(
            project=inbox,
            title=f"Task {number}",
            rrule="FREQ=DAILY",
            start_date="2026-01-01",
            time_zone="UTC",
        )
        series.begin(by)
    with django_assert_num_queries(queries):
        mine.get(f"/api/tasks{query}")


def test_the_filter_of_the_pages(mine, inbox, by):
    for title, priority in (("Low", 1), ("Urgent", 4)):
        Task(project=inbox, title=title, priority=priority).save(by=by)
    found = mine.get("/api/tasks", {"filter": "p1 or overdue", "page_size": 5})
    assert [item["title"] for item in found.json()["items"]] == ["Urgent"]
    assert mine.get("/api/tasks", {"filter": "-p1", "cursor": ""}).json()["items"][0]["title"] == "Low"
    assert mine.get("/api/tasks", {"filter": ""}).json()["total"] == 2


def test_a_filter_that_makes_no_sense_is_refused_with_the_place(mine):
    problem = mine.get("/api/tasks", {"filter": "p1 due:someday"})
    assert problem.status_code == 400
    sentence, place = problem.json()["errors"]["filter"]
    assert "due:today" in sentence
    assert place == "Characters 3 to 14: “due:someday”."
