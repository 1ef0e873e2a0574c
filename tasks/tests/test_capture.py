"""From a typed line to what is saved: tasks, series, projects, and the events of each."""

import json
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError

from accounts.actor import Actor
from events.models import OutboxEvent
from tasks.capture import Destinations, capture, read
from tasks.models import Anchor, Membership, Priority, Project, RecurringTask, Reminder, Role, Task

pytestmark = pytest.mark.usefixtures("on_friday")


@pytest.fixture
def berliner(owner):
    owner.time_zone = "Europe/Berlin"
    owner.save()
    return owner


def add(text, user, **defaults):
    destinations = Destinations(user)
    parsed = read(text, user, destinations)
    return capture(parsed, user, Actor.of(user, "web"), destinations=destinations, **defaults)


def types_of(task):
    return list(OutboxEvent.objects.filter(key=task.pk).order_by("id").values_list("type", flat=True))


def test_a_line_becomes_a_task_with_one_event(berliner, shared):
    task = add("Call mum tomorrow 5pm #website @family p2 !30m", berliner)
    task = Task.objects.get(pk=task.pk)
    assert (task.title, task.project, task.priority, task.tags) == (
        "Call mum", shared, Priority.HIGH, ["family"],
    )  # fmt: skip
    assert (task.due_date, task.due_all_day) == (datetime(2026, 11, 21, 16, tzinfo=UTC), False)
    assert [wish["minutes_before"] for wish in task.reminders] == [30]
    assert Reminder.objects.get().fire_at == task.due_date - timedelta(minutes=30)
    assert (task.owner, task.version, types_of(task)) == (berliner, 1, ["task.created"])


def test_a_plain_line_goes_to_the_inbox_without_a_date(owner, inbox):
    task = add("Buy milk", owner)
    assert (task.project, task.due_date, task.priority, task.tags) == (inbox, None, Priority.LOW, [])


def test_defaults_hold_only_where_the_line_is_silent(owner, shared):
    day = date(2026, 11, 20)
    silent = add("Buy milk", owner, project=shared, due=day)
    assert (silent.project, silent.due_date, silent.due_all_day) == (
        shared, datetime(2026, 11, 20, tzinfo=UTC), True,
    )  # fmt: skip
    stated = add("Buy milk tomorrow #inbox", owner, project=shared, due=day)
    assert (stated.project.is_inbox, stated.due_date) == (True, datetime(2026, 11, 21, tzinfo=UTC))


def test_a_repeat_begins_a_series_and_returns_its_first_occurrence(berliner, shared):
    task = add("Pay rent every 1st 9am #Website @bills p1 !30m", berliner)
    series = RecurringTask.objects.get()
    assert (series.title, series.project, series.priority, series.tags) == (
        "Pay rent", shared, Priority.URGENT, ["bills"],
    )  # fmt: skip
    assert (series.start_date, series.start_time, series.time_zone) == (
        date(2026, 12, 1), time(9), "Europe/Berlin",
    )  # fmt: skip
    assert (task.recurring_task, task.due_date) == (series, datetime(2026, 12, 1, 8, tzinfo=UTC))
    assert [wish["minutes_before"] for wish in task.reminders] == [30]
    assert series.next_due_at == datetime(2027, 1, 1, 8, tzinfo=UTC)
    assert types_of(task) == ["task.created", "task.recurring.triggered"]


def test_a_repeat_whose_time_has_passed_today_begins_tomorrow(berliner):
    task = add("Stretch every day 9am", berliner)
    assert task.due_date == datetime(2026, 11, 21, 8, tzinfo=UTC)


def test_a_repeat_after_completion(berliner):
    task = add("Water the plants every! 3 days", berliner)
    assert (task.recurring_task.anchor, task.due_all_day) == (Anchor.COMPLETION, True)
    assert task.due_date == datetime(2026, 11, 20, tzinfo=UTC)


def test_a_repeat_ignores_the_date_of_the_page(berliner):
    task = add("Pay rent every 1st", berliner, due=date(2026, 11, 20))
    assert task.due_date == datetime(2026, 12, 1, tzinfo=UTC)


def test_a_project_that_does_not_exist_is_made(owner):
    task = add("Book the flight #Lisbon", owner)
    project = Project.objects.get(name="Lisbon")
    assert (task.project, project.owner) == (project, owner)
    assert Membership.objects.get(project=project).role == Role.OWNER


def test_the_name_of_somebody_elses_project_makes_a_new_one(outsider, shared):
    task = add("Book the flight #Website", outsider)
    assert task.project != shared
    assert task.project.owner == outsider


def test_their_own_project_wins_over_a_shared_one_of_the_same_name(member, shared):
    own = Project.objects.create(owner=member, name="website")
    assert add("Fix the menu #Website", member).project == own


def test_an_editor_adds_to_a_shared_project_for_its_owner(member, owner, shared):
    task = add("Fix the menu #Website", member)
    assert (task.project, task.owner) == (shared, owner)
    data = json.loads(OutboxEvent.objects.get(key=task.pk).envelope)["data"]
    assert (data["actor"]["name"], data["user_id"]) == ("Milo", str(owner.pk))


def test_a_viewer_may_only_look(outsider, shared):
    Membership.objects.create(project=shared, user=outsider, role=Role.VIEWER)
    with pytest.raises(ValidationError, match=r"You can see “Website”, but not add tasks to it\."):
        add("Fix the menu #website", outsider)
    assert not Task.objects.exists()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "no title"),
        ("#Home p1", "no title"),
        ("x" * 201, "201 characters"),
        ("Call !30m", "needs a due date"),
        ("Call @" + "x" * 51, "A tag is one word"),
        ("Call #" + "x" * 121, "at most 120 characters"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_saved(owner, text, sentence):
    with pytest.raises(ValidationError) as refusal:
        add(text, owner)
    assert sentence in " ".join(refusal.value.messages)
    assert not Task.objects.exists()
    assert Project.objects.filter(is_inbox=False).count() == 0
    assert not OutboxEvent.objects.filter(type="task.created").exists()
