"""The history of a task: who changed what, when, through which door, in the reader's words and zone."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.actor import Actor
from events.models import TaskEventLog
from tasks import scheduler
from tasks.models import Membership, Project, RecurringTask, Role, Task

HTMX = {"HX-Request": "true"}


def address(task):
    return reverse("events:history", kwargs={"pk": task.pk})


def fragment(client, task, **query):
    return client.get(address(task), query, headers=HTMX)


def texts(response):
    """What the entries say, without tags and double spaces, the newest first."""
    items = re.findall(r'<li class="timeline-item">(.*?)<details', response.content.decode(), re.DOTALL)
    plain = (re.sub(r"<svg.*?</svg>|<[^>]*>", " ", item, flags=re.DOTALL) for item in items)
    return [re.sub(r" See this version : \d+$", "", " ".join(text.split())) for text in plain]


@pytest.fixture
def task(shared, by):
    task = Task(project=shared, title="Pay rent")
    task.save(by=by)
    return task


@pytest.fixture
def viewer(outsider, shared):
    Membership.objects.create(project=shared, user=outsider, role=Role.VIEWER)
    return outsider


def test_who_may_read_it(client, task, owner, member, drain):
    drain()
    for person in (owner, member):
        client.force_login(person)
        assert fragment(client, task).status_code == 200


def test_a_viewer_may_read_it(client, task, viewer, drain):
    drain()
    client.force_login(viewer)
    assert texts(fragment(client, task))[0].startswith("Olga added the task")


def test_it_does_not_exist_for_an_outsider(client, task, outsider):
    client.force_login(outsider)
    assert fragment(client, task).status_code == 404


def test_a_stranger_signs_in_first(client, task):
    response = client.get(address(task))
    assert response.status_code == 302
    assert response["Location"] == f"/accounts/login/?next={address(task)}"


def test_nothing_can_be_sent_to_it(client, task, owner):
    client.force_login(owner)
    assert client.post(address(task)).status_code == 405


def test_each_field_before_and_after(client, task, owner, inbox, by, drain):
    task.change(by, title="Pay the rent")
    task.change(by, priority=3, tags=["home", "bills"])
    task.change(by, due_date=datetime(2031, 3, 5, tzinfo=UTC), due_all_day=True)
    task.change(by, due_date=datetime(2031, 3, 5, 9, 30, tzinfo=UTC), due_all_day=False)
    task.change(by, reminders=[{"id": "a", "minutes_before": 90}, {"id": "b", "minutes_before": 1440}])
    task.change(by, description="With the **new** account")
    task.change(by, status="in_progress")
    task.change(by, project=inbox)
    drain()
    client.force_login(owner)
    said = [re.sub(r" \w{3} \d+ \w{3}, \d\d:\d\d web$", "", text) for text in texts(fragment(client, task))]
    assert said == [
        "Olga moved it to another project Project from Website to Inbox",
        "Olga started it Status from Pending to In progress",
        "Olga changed the description Description from none to With the **new** account",
        "Olga changed the reminders Reminders from none to 90 min before; 1 day before",
        "Olga changed the due date Due from Wed 5 Mar 2031 to Wed 5 Mar 2031, 09:30",
        "Olga changed the due date Due from none to Wed 5 Mar 2031",
        "Olga changed 2 fields Priority from Priority 4, low to Priority 2, high Tags from none to @home @bills",
        "Olga renamed it Title from Pay rent to Pay the rent",
        "Olga added the task",
    ]


def test_what_happens_to_the_whole_task(client, task, owner, by, drain):
    task.complete(by)
    task.reopen(by)
    task.trash(by)
    task.restore(by)
    drain()
    client.force_login(owner)
    said = [text.split(" ", 1)[1] for text in texts(fragment(client, task))]
    assert [re.sub(r" \w{3} \d.*", "", text) for text in said] == [
        "took it out of the trash",
        "moved it to the trash",
        "reopened it",
        "completed it",
        "added the task",
    ]


@pytest.mark.parametrize(("via", "door"), [("web", "web"), ("api", "API"), ("admin", "admin")])
def test_through_which_door(client, task, owner, member, drain, via, door):
    task.change(Actor.of(member, via), title="Pay")
    drain()
    client.force_login(owner)
    newest = texts(fragment(client, task))[0]
    assert newest.startswith("Milo renamed it")
    assert newest.endswith(door)


def test_times_are_on_the_readers_clock(client, task, owner, by, drain):
    task.change(by, due_date=datetime(2031, 1, 1, 3, 0, tzinfo=UTC))
    drain()
    client.force_login(owner)
    for zone, due in [
        ("America/New_York", "Tue 31 Dec 2030, 22:00"),
        ("Asia/Tokyo", "Wed 1 Jan 2031, 12:00"),
    ]:
        owner.time_zone = zone
        owner.save()
        assert f"to {due}" in texts(fragment(client, task))[0]


def test_what_the_system_does_reads_well(client, inbox, owner, by, drain):
    now = timezone.now()
    task = Task(
        project=inbox,
        title="Call",
        due_date=now + timedelta(hours=2),
        reminders=[{"id": "a", "minutes_before": 60}],
    )
    task.save(by=by)
    scheduler.tell_due_soon(now)
    scheduler.fire_reminders(now + timedelta(hours=1, minutes=12))
    scheduler.tell_overdue(now + timedelta(hours=2, seconds=5))
    drain()
    client.force_login(owner)
    overdue, reminder, due_soon, _added = texts(fragment(client, task))
    fired = timezone.localtime(now + timedelta(hours=1)).strftime("%H:%M")
    assert overdue.startswith("System saw that it is overdue")
    assert re.match(rf"System sent the reminder of \w+ \d+ \w+, {fired} .* 12 minutes late$", reminder)
    assert due_soon.startswith("System saw that it is due within a day")
    assert "late" not in due_soon


def test_an_occurrence_says_how_it_came_about(client, inbox, owner, by, drain):
    series = RecurringTask(
        project=inbox, title="Water", rrule="FREQ=DAILY", start_date=datetime(2031, 1, 1, tzinfo=UTC).date(),
        time_zone="UTC",
    )  # fmt: skip
    first = series.begin(by)
    first.complete(by)
    drain()
    client.force_login(owner)
    following = Task.objects.exclude(pk=first.pk).get(recurring_task=series)
    newest = texts(fragment(client, following))[0]
    assert newest.startswith("System made it as the occurrence of Thu 2 Jan 2031")


def test_names_of_what_the_reader_cannot_see_stay_hidden(client, owner, member, shared, by, drain):
    private = Project.objects.create(owner=owner, name="Secret plans")
    task = Task(project=private, title="Prepare")
    task.save(by=by)
    task.change(by, project=shared)
    drain()
    client.force_login(member)
    response = fragment(client, task)
    assert "from another project to Website" in texts(response)[0]
    assert "Secret plans" not in response.content.decode()


def test_what_people_wrote_is_escaped(client, task, owner, by, drain):
    task.change(by, title="<script>alert(1)</script>")
    drain()
    client.force_login(owner)
    html = fragment(client, task).content.decode()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_a_long_history_comes_in_parts(client, task, owner, by, drain):
    for number in range(45):
        task.change(by, title=f"Pay rent {number}")
    drain()
    client.force_login(owner)
    seen, address_of_older = [], address(task)
    while address_of_older:
        html = client.get(address_of_older, headers=HTMX).content.decode()
        seen += [int(number) for number in re.findall(r"<dt>Version</dt><dd>(\d+)</dd>", html)]
        found = re.search(r'hx-get="([^"]*before=[^"]*)"', html)
        address_of_older = found and found[1]
    assert seen == list(range(46, 0, -1))


@pytest.mark.parametrize("query", [{"before": "x"}, {"before": "-1"}, {"wait": "²"}, {"before": "9" * 30}])
def test_a_made_up_address_does_not_exist(client, task, owner, query):
    client.force_login(owner)
    assert fragment(client, task, **query).status_code == 404


def test_a_page_waits_for_the_log_and_gives_up_some_time(client, task, owner, drain):
    client.force_login(owner)
    waits = [
        re.findall(r"load delay:(\d+)s", fragment(client, task, **query).content.decode())
        for query in ({}, {"wait": 1}, {"wait": 8}, {"wait": 16})
    ]
    assert waits == [["1"], ["2"], ["16"], []]
    assert TaskEventLog.objects.count() == 0
    drain()
    html = fragment(client, task).content.decode()
    assert "load delay" not in html
    assert "being written down" not in html


def test_queries(client, task, owner, by, drain, inbox, shared, django_assert_num_queries):
    for number in range(25):
        task.change(by, title=f"Pay rent {number}", project=shared if number % 2 else inbox)
    drain()
    client.force_login(owner)
    fragment(client, task)
    with django_assert_num_queries(5):  # session, user, task, events, projects
        fragment(client, task)
