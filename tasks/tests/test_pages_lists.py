"""Today, Inbox, Upcoming, Completed and the sidebar: what each shows to whom, in every zone, at what cost."""

import gzip
import re
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.actor import Actor
from accounts.models import User
from tasks.capture import Destinations, capture, read
from tasks.models import Membership, Project, RecurringTask, Role, Task
from tasks.tests.friday import NOW
from tasks.tests.list_reading import (
    HTMX,
    body_of,
    counts_in,
    groups_in,
    meta_of,
    row_of,
    subtitle_of,
    text_of,
    titles_in,
)

pytestmark = pytest.mark.usefixtures("on_friday")

LISTS = ("today", "inbox", "upcoming", "completed", "all", "trash", "quick-add")


@pytest.fixture
def viewer(outsider, shared):
    Membership.objects.create(project=shared, user=outsider, role=Role.VIEWER)
    return outsider


@pytest.fixture
def make(inbox, by):
    """Saves a task: ``make("Title", date(…))`` for a day, a datetime for an instant, and any other fields."""

    def save(title="Task", due=None, project=inbox, **fields):
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


def live_in(user, zone):
    user.time_zone = zone
    user.save()


def show(client, name, user, query=None, **extra):
    client.force_login(user)
    return client.get(reverse(f"tasks:{name}"), query, **extra)


# --- Who ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LISTS)
def test_nobody_is_sent_to_sign_in(client, name):
    address = reverse(f"tasks:{name}")
    response = client.get(address)
    assert response.status_code == 302
    assert response["Location"] == f"{reverse('account_login')}?next={address}"
    assert client.get(address, headers=HTMX).status_code == 403


def test_the_root_leads_to_today(client, owner):
    assert client.get("/")["Location"] == "/today"
    assert client.get("/", follow=True).redirect_chain[-1][0] == "/accounts/login/?next=/today"
    client.force_login(owner)
    assert client.get("/", follow=True).redirect_chain == [("/today", 302)]


@pytest.mark.parametrize("name", ["today", "upcoming", "completed", "all"])
def test_people_see_the_tasks_of_their_projects(client, owner, member, viewer, shared, make, by, name):
    due = date(2026, 11, 21) if name == "upcoming" else date(2026, 11, 20)
    for title, project in (("Shared", shared), ("Private", None)):
        task = make(title, due, **({"project": project} if project else {}))
        if name == "completed":
            task.complete(by)
    assert set(titles_in(show(client, name, owner))) == {"Shared", "Private"}
    assert titles_in(show(client, name, member)) == ["Shared"]
    assert titles_in(show(client, name, viewer)) == ["Shared"]
    stranger = User.objects.create_user("sue@example.com", "correct horse")
    assert titles_in(show(client, name, stranger)) == []


def test_only_who_may_change_a_task_gets_its_buttons(client, member, viewer, shared, make):
    task = make("Shared", date(2026, 11, 20), project=shared)
    row = row_of(show(client, "today", member), task)
    assert f'formaction="{reverse("tasks:complete", args=[task.pk])}"' in row
    row = row_of(show(client, "today", viewer), task)
    assert "<button" not in row
    assert 'role="img" aria-label="Pending"' in row


# --- Today ----------------------------------------------------------------------------------------------


def test_today_by_group_and_time(client, owner, make, by):
    live_in(owner, "Europe/Berlin")
    make("Late day", date(2026, 11, 18))
    make("Late hour", datetime(2026, 11, 20, 10, 0, tzinfo=UTC))
    make("Some time", date(2026, 11, 20))
    make("Some time, urgent", date(2026, 11, 20), priority=4)
    make("Evening", datetime(2026, 11, 20, 22, 59, tzinfo=UTC))
    make("Afternoon", datetime(2026, 11, 20, 13, 30, tzinfo=UTC))
    make("Tomorrow", datetime(2026, 11, 20, 23, 0, tzinfo=UTC))
    make("No date")
    make("Done", date(2026, 11, 1)).complete(by)
    response = show(client, "today", owner)
    assert groups_in(response) == {
        "Overdue 2": ["Late day", "Late hour"],
        "Today 4": ["Afternoon", "Evening", "Some time, urgent", "Some time"],
        "Done today 1": ["Done"],
    }
    assert subtitle_of(response) == "Friday 20 November · 6 tasks, 2 overdue"
    assert counts_in(response)["Today"] == "6"


@pytest.mark.parametrize(
    ("zone", "day", "end"),
    [
        ("Pacific/Kiritimati", "2026-11-21", "2026-11-21T10:00Z"),
        ("Asia/Kolkata", "2026-11-20", "2026-11-20T18:30Z"),
        ("UTC", "2026-11-20", "2026-11-21T00:00Z"),
        ("America/Adak", "2026-11-20", "2026-11-21T10:00Z"),
        ("Pacific/Pago_Pago", "2026-11-19", "2026-11-20T11:00Z"),
    ],
)
def test_today_begins_and_ends_with_the_readers_day(client, owner, make, zone, day, end):
    live_in(owner, zone)
    today, midnight = date.fromisoformat(day), datetime.fromisoformat(end)
    make("Day before", today - timedelta(days=1))
    make("This day", today)
    make("Day after", today + timedelta(days=1))
    make("Last minute", midnight - timedelta(minutes=1))
    make("Midnight", midnight)
    response = show(client, "today", owner)
    assert set(titles_in(response)) == {"Day before", "This day", "Last minute"}
    assert groups_in(response)["Overdue 1"] == ["Day before"]
    assert f"{today:%A} {today.day} November" in subtitle_of(response)
    assert set(titles_in(show(client, "upcoming", owner))) == {"Day after", "Midnight"}


def test_done_today_begins_with_the_readers_day(client, owner, make, by):
    live_in(owner, "Asia/Tokyo")  # it is 19:30 there, so the day began at 15:00 UTC
    for title, hour in (("Yesterday", 14), ("Today", 16)):
        with time_machine.travel(datetime(2026, 11, 19, hour, tzinfo=UTC), tick=False):
            make(title).complete(by)
    assert groups_in(show(client, "today", owner)) == {"Done today 1": ["Today"]}


def test_an_empty_today_says_what_comes_next(client, owner, make):
    make("Once").trash(Actor.of(owner, "web"))  # an account that never had a task is led by examples
    body = text_of(body_of(show(client, "today", owner)))
    assert "All clear for today Nothing else is planned." in body
    make("Call <mum>", datetime(2026, 11, 21, 17, 0, tzinfo=UTC))
    response = show(client, "today", owner)
    assert "The next one, “Call <mum>”, is due Sat 21 Nov, 17:00 (tomorrow)." in text_of(body_of(response))
    line = re.search(r'<form class="quick-add-form".*?</form>', body_of(response), re.DOTALL)[0]
    assert 'hx-target="this"' in line
    assert 'name="next"' not in line
    assert "Call &lt;mum&gt;" in body_of(response)
    assert subtitle_of(response) == "Friday 20 November · nothing left"


# --- Rows -----------------------------------------------------------------------------------------------


def test_what_a_row_says(client, owner, member, shared, make, by):
    live_in(owner, "Europe/Berlin")
    task = make(
        "Review",
        datetime(2026, 11, 20, 13, 30, tzinfo=UTC),
        project=shared,
        priority=3,
        tags=["deep-work"],
        status="in_progress",
        assignee=member,
        reminders=[{"id": "a", "minutes_before": 15}, {"id": "b", "minutes_before": 600}],
    )
    for number in range(3):
        subtask = make(f"Part {number}", project=shared, parent=task)
        if number:
            subtask.complete(by)
    subtask.trash(by)
    row = row_of(show(client, "today", owner), task)
    assert (
        meta_of(show(client, "today", owner), task) == "14:30 Reminder: 14:15 P2 @deep-work 1 of 2 subtasks"
    )
    assert 'data-priority="2" data-status="in_progress"' in row
    assert 'data-initials="M" role="img" aria-label="For Milo"' in row
    assert "Website" in row
    assert 'data-tone="ok"' in row


@pytest.mark.parametrize(
    ("due", "words"),
    [
        (date(2026, 11, 18), "Overdue: Wed 18 Nov"),
        (date(2026, 11, 19), "Overdue: Yesterday"),
        (datetime(2026, 11, 19, 8, 0, tzinfo=UTC), "Overdue: Yesterday, 09:00"),
        (datetime(2026, 11, 20, 8, 0, tzinfo=UTC), "Overdue: 09:00"),
        (date(2026, 11, 20), "Today"),
        (datetime(2026, 11, 20, 15, 0, tzinfo=UTC), "16:00"),
        (date(2026, 11, 21), "Tomorrow"),
        (datetime(2026, 11, 21, 8, 0, tzinfo=UTC), "Tomorrow, 09:00"),
        (date(2026, 11, 30), "Mon 30 Nov"),
        (datetime(2027, 1, 4, 23, 30, tzinfo=UTC), "Tue 5 Jan 2027, 00:30"),
        (None, ""),
    ],
)
def test_how_a_row_says_when(client, owner, make, due, words):
    live_in(owner, "Europe/Berlin")
    task = make("Task", due)
    assert meta_of(show(client, "all", owner), task) == words


def test_a_row_of_a_series_says_how_it_repeats(client, owner, inbox, by):
    series = RecurringTask(
        project=inbox, title="Water", rrule="FREQ=WEEKLY;BYDAY=FR", start_date=owner.today(), time_zone="UTC"
    )
    task = series.begin(by)
    assert meta_of(show(client, "today", owner), task) == "Today Every Friday"


def test_a_subtask_names_its_task(client, owner, make):
    parent = make("Launch & party")
    task = make("Invite people", date(2026, 11, 20), parent=parent)
    assert meta_of(show(client, "today", owner), task) == "Today Part of Launch & party"


def test_everything_people_write_is_escaped(client, owner, make):
    project = Project.objects.create(owner=owner, name="<i>Home</i>")
    evil = '"><script>alert(1)</script>'
    make(evil, date(2026, 11, 20), project=project, tags=["<b>"])
    for name in ("today", "all"):
        body = body_of(show(client, name, owner, {"q": evil} if name == "all" else None))
        assert "<script>alert" not in body
        assert "<i>Home" not in body
        assert "<b>" not in body.replace("<b aria-hidden", "")


# --- Inbox ----------------------------------------------------------------------------------------------


def test_inbox_shows_open_outermost_tasks_as_they_were_added(client, owner, make, shared, by):
    first, second = make("First"), make("Second")
    make("Part", parent=first)
    make("Elsewhere", project=shared)
    make("Done").complete(by)
    make("Deleted").trash(by)
    response = show(client, "inbox", owner)
    assert groups_in(response) == {"Not sorted yet 2": ["First", "Second"]}
    assert subtitle_of(response) == "2 tasks to sort into projects"
    assert counts_in(response) == {"Inbox": "2", "Website": "1"}
    assert "Inbox</span>" not in row_of(response, second)


def test_a_subtask_shows_when_its_parent_is_done(client, owner, make, by):
    parent = make("Parent")
    make("Left over", parent=parent)
    parent.complete(by)
    assert titles_in(show(client, "inbox", owner)) == ["Left over"]


def test_an_empty_inbox_says_so(client, owner, make):
    make("Once").trash(Actor.of(owner, "web"))
    assert "Your Inbox is empty" in body_of(show(client, "inbox", owner))


# --- Upcoming -------------------------------------------------------------------------------------------


def test_upcoming_by_day_then_week_then_month(client, owner, make):
    make("Today", date(2026, 11, 20))
    make("Tomorrow", date(2026, 11, 21))
    make("Tomorrow at nine", datetime(2026, 11, 21, 9, 0, tzinfo=UTC))
    make("In four days", date(2026, 11, 24))
    make("In two weeks", date(2026, 12, 4))
    make("Same week", date(2026, 12, 6))
    make("Week after", date(2026, 12, 8))
    make("In spring", date(2027, 3, 20))
    response = show(client, "upcoming", owner)
    assert groups_in(response) == {
        "Tomorrow · Sat 21 Nov 2": ["Tomorrow at nine", "Tomorrow"],
        "Sun 22 Nov – Mon 23 Nov": [],
        "Tue 24 Nov 1": ["In four days"],
        "Wed 25 Nov – Thu 3 Dec": [],
        "Fri 4 Dec 1": ["In two weeks"],
        "Sat 5 Dec – Sun 6 Dec 1": ["Same week"],
        "Mon 7 Dec – Sun 13 Dec 1": ["Week after"],
        "March 2027 1": ["In spring"],
    }
    assert subtitle_of(response) == "7 tasks"


def test_a_row_under_its_day_leaves_out_the_date(client, owner, make):
    day, hour = make("Day", date(2026, 11, 24)), make("Hour", datetime(2026, 11, 24, 9, 0, tzinfo=UTC))
    later = make("Later", date(2026, 12, 8))
    response = show(client, "upcoming", owner)
    assert [meta_of(response, task) for task in (day, hour, later)] == ["", "09:00", "Tue 8 Dec"]


def test_weeks_begin_where_the_readers_do(client, owner, make):
    owner.week_start = 6
    owner.save()
    make("Sunday", date(2026, 12, 6))
    make("Saturday", date(2026, 12, 12))
    assert groups_in(show(client, "upcoming", owner))["Sun 6 Dec – Sat 12 Dec 2"] == ["Sunday", "Saturday"]


def test_the_strip_leads_to_each_day(client, owner, make):
    make("Task", date(2026, 11, 24))
    body = body_of(show(client, "upcoming", owner))
    targets = re.findall(r'class="week-day" href="#([^"]*)"', body)
    assert len(targets) == 14
    assert all(f'id="{target}"' in body for target in targets)
    assert "Tuesday 24 November, 1 task" in text_of(body)
    assert "Wednesday 25 November, 0 tasks" in text_of(body)


def test_an_empty_upcoming_says_so(client, owner):
    assert "Nothing is planned" in body_of(show(client, "upcoming", owner))


# --- Completed ------------------------------------------------------------------------------------------


def test_completed_by_the_readers_day(client, owner, make, by):
    live_in(owner, "America/New_York")
    for title, at in (
        ("Older", datetime(2026, 11, 17, 15, tzinfo=UTC)),
        ("Yesterday", datetime(2026, 11, 20, 4, 59, tzinfo=UTC)),
        ("Today", datetime(2026, 11, 20, 5, 1, tzinfo=UTC)),
    ):
        with time_machine.travel(at, tick=False):
            make(title).complete(by)
    response = show(client, "completed", owner)
    assert groups_in(response) == {
        "Today · Fri 20 Nov 1": ["Today"],
        "Yesterday · Thu 19 Nov 1": ["Yesterday"],
        "Tue 17 Nov 1": ["Older"],
    }
    assert "23:59" in meta_of(response, Task.objects.get(title="Yesterday"))


def test_completed_goes_on_where_the_page_ended(client, owner, make, by):
    for number in range(120):
        with time_machine.travel(NOW - timedelta(minutes=number // 3), tick=False):
            make(f"Task {number:03}").complete(by)
    seen, query = [], {}
    while query is not None:
        response = show(client, "completed", owner, query)
        if not seen:  # what is finished in the meantime moves nothing
            make("Newer").complete(by)
        seen += titles_in(response)
        older = re.search(r'rel="next" href="\?before=([^"]*)"', body_of(response))
        query = {"before": older[1]} if older else None
    assert len(seen) == len(set(seen)) == 120
    assert "Newest" in body_of(response)


@pytest.mark.parametrize("place", ["x", "1_2", "_", "nan_018f0000-0000-7000-8000-000000000000", "1e99_x"])
def test_a_place_that_is_none_is_not_found(client, owner, place):
    assert show(client, "completed", owner, {"before": place}).status_code == 404


# --- Cost -----------------------------------------------------------------------------------------------


@pytest.fixture
def busy(owner, member, shared, by):
    """200 tasks of all kinds."""
    for number in range(200):
        line = (
            f"Ask person {number} about the thing that was agreed in week {number * 7 % 52} #Website"
            f" @tag{number % 5} p{number % 4 + 1}"
        )
        if number % 10 == 0:
            line += " every friday 9am !30m"
        destinations = Destinations(owner)
        parsed = read(line, owner, destinations)
        task = capture(parsed, owner, by, destinations=destinations, due=owner.today())
        if number % 5 == 0:
            Task(project=shared, parent=task, title="Part").save(by=by)
            task.change(by, assignee=member)
    return owner


QUERIES = {"today": 5, "inbox": 6, "upcoming": 4, "completed": 4, "all": 6, "trash": 5, "quick-add": 3}


@pytest.mark.parametrize("name", LISTS)
def test_how_many_queries_a_page_needs(client, busy, django_assert_num_queries, name):
    show(client, name, busy)  # the first request of a session notes it
    with django_assert_num_queries(QUERIES[name]):
        assert client.get(reverse(f"tasks:{name}")).status_code == 200


def test_200_tasks_are_30_kb(client, busy):
    response = show(client, "today", busy)
    assert len(titles_in(response)) >= 180
    assert len(gzip.compress(response.content)) <= 30_000


def test_more_tasks_than_a_page_has_room_for(client, owner, inbox, by):
    Task.objects.bulk_create(
        [
            Task(project=inbox, title=f"Task {number}", due_date=NOW - timedelta(hours=number))
            for number in range(210)
        ]
    )
    response = show(client, "today", owner)
    assert len(titles_in(response)) == 200
    assert 'href="/tasks?due=today"' in body_of(response)
    assert counts_in(response)["Today"] == "210"
    address = re.search(r'class="link" href="([^"]*)">See the others', body_of(show(client, "inbox", owner)))
    assert client.get(address[1]).context["page"].paginator.count == 210


# --- Sidebar --------------------------------------------------------------------------------------------


def test_the_sidebar_counts_open_tasks(client, owner, member, shared, inbox, make, by):
    make("One", date(2026, 11, 20))
    parent = make("Two", project=shared)
    make("Part of two", project=shared, parent=parent)
    make("Done", project=shared).complete(by)
    assert counts_in(show(client, "trash", owner)) == {"Inbox": "1", "Today": "1", "Website": "1"}
    assert counts_in(show(client, "trash", member)) == {"Website": "1"}


def test_a_list_knows_how_to_load_itself_again(client, owner):
    body = body_of(show(client, "all", owner, {"q": "a b", "sort": "title"}))
    assert re.search(r'id="list"\s+hx-get="/tasks\?q=a\+b&amp;sort=title"', body)
    assert 'hx-trigger="task-changed from:body' in body


def test_overdue_begins_with_the_second(client, owner, make):
    make("Late by a second", timezone.now() - timedelta(seconds=1))
    make("Due in a second", timezone.now() + timedelta(seconds=1))
    assert groups_in(show(client, "today", owner)) == {
        "Overdue 1": ["Late by a second"],
        "Today 1": ["Due in a second"],
    }
