"""The page of a task: who sees it, what each property does, conflicts, zones, with and without htmx."""

import json
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from accounts.actor import Actor
from events.models import OutboxEvent
from tasks import scheduler
from tasks.models import (
    Anchor,
    Comment,
    Membership,
    Priority,
    Project,
    RecurringTask,
    Reminder,
    Role,
    SavedFilter,
    Status,
    Task,
)
from tasks.tests.friday import NOW
from tasks.tests.page_reading import HTMX, form_of, text_of

pytestmark = pytest.mark.usefixtures("on_friday")

PROPERTIES = (
    "title", "status", "due", "repeat", "reminders", "priority", "project", "tags", "description",
)  # fmt: skip
VERBS = (
    "task-duplicate", "subtask-add", "tag-remove", "reminder-remove", "repeat-skip", "repeat-stop",
)  # fmt: skip


@pytest.fixture
def owner(owner):
    owner.time_zone = "Europe/Berlin"
    owner.save()
    return owner


@pytest.fixture
def task(shared, by):
    task = Task(project=shared, title="Pay rent")
    task.save(by=by)
    return task


@pytest.fixture
def page(client, owner):
    client.force_login(owner)
    return client


def at(name, task, *more):
    return reverse(f"tasks:{name}", args=[task.pk, *more])


def save(client, task, name, headers=HTMX, **fields):
    """Fill in the form of a property as it is shown, change some fields, send it."""
    shown = client.get(at("property-edit", task, name))
    sent = form_of(shown, at("property", task, name)) | fields
    return client.post(at("property", task, name), sent, headers=headers)


def types_of(task):
    return list(OutboxEvent.objects.filter(key=task.pk).order_by("id").values_list("type", flat=True))


# --- Who -----------------------------------------------------------------------------------------------


def test_members_see_the_page_and_its_forms(client, task, owner, member):
    for person in (owner, member):
        client.force_login(person)
        html = client.get(at("task", task)).content.decode()
        assert "Pay rent" in html
        assert at("property-edit", task, "title") in html


def test_a_viewer_sees_it_without_forms(client, task, viewer, by):
    task.change(by, tags=["home"], reminders=[{"id": "a", "at": "2027-01-01T09:00:00+00:00"}])
    client.force_login(viewer)
    response = client.get(at("task", task))
    html = response.content.decode()
    assert "Pay rent" in text_of(response)
    assert "/properties/" not in html
    for name in ("complete", "delete", *VERBS):
        assert at(name, task) not in html
    for name in PROPERTIES:
        assert client.get(at("property", task, name), headers=HTMX).status_code == 200


def test_a_viewer_can_change_nothing(client, task, viewer):
    client.force_login(viewer)
    assert [client.get(at("property-edit", task, name)).status_code for name in PROPERTIES] == [403] * 9
    assert [client.post(at("property", task, name)).status_code for name in PROPERTIES] == [403] * 9
    assert [client.post(at(name, task)).status_code for name in VERBS] == [403] * 6
    assert client.post(at("reminder-snooze", task, "1h")).status_code == 403
    assert types_of(task) == ["task.created"]


def test_it_does_not_exist_for_an_outsider(client, task, outsider):
    client.force_login(outsider)
    for name in ("task", "task-panel", "task-parts", "repeat-preview"):
        assert client.get(at(name, task)).status_code == 404
    for name in PROPERTIES:
        assert client.get(at("property", task, name)).status_code == 404
        assert client.get(at("property-edit", task, name)).status_code == 404
        assert client.post(at("property", task, name)).status_code == 404
    assert [client.post(at(name, task)).status_code for name in VERBS] == [404] * 6
    assert types_of(task) == ["task.created"]


def test_a_stranger_signs_in_first(client, task):
    for address in (at("task", task), at("property", task, "due"), at("property-edit", task, "due")):
        assert client.get(address)["Location"] == f"/accounts/login/?next={address}"
    for name in VERBS:
        assert client.post(at(name, task))["Location"].startswith("/accounts/login/")
    assert types_of(task) == ["task.created"]


def test_what_is_in_the_trash_has_no_page(page, task, by):
    task.trash(by)
    assert page.get(at("task", task)).status_code == 404


def test_only_posts_change_something(page, task):
    assert [page.get(at(name, task)).status_code for name in VERBS] == [405] * 6
    assert page.get(at("property", task, "colour")).status_code == 404


# --- Each property, with the form as it is shown -------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "fields", "expected"),
    [
        ("title", {"title": "  Pay the rent "}, {"title": "Pay the rent"}),
        ("status", {"status": "in_progress"}, {"status": Status.IN_PROGRESS}),
        ("priority", {"priority": "3"}, {"priority": Priority.HIGH}),
        ("tags", {"tags": "@home, bills  home"}, {"tags": ["home", "bills"]}),
        ("tags", {"tags": ""}, {"tags": []}),
        ("description", {"description": "one\r\ntwo \r\n"}, {"description": "one\ntwo"}),
    ],
)
def test_a_property_saves_alone(page, task, name, fields, expected):
    before = {"title": "Pay rent", "status": "pending", "priority": 1, "tags": [], "description": ""}
    response = save(page, task, name, **fields)
    assert response.status_code == 200
    task.refresh_from_db()
    assert {field: getattr(task, field) for field in before} == before | expected
    assert f'id="part-{name}"' in response.content.decode()


def test_saving_tells_open_pages_and_records_who_through_the_web(page, task, owner):
    response = save(page, task, "title", title="Pay the rent")
    told = json.loads(response["HX-Trigger-After-Settle"])
    assert told == {"task-changed": {"task": str(task.pk), "version": 2}}
    assert types_of(task) == ["task.created", "task.updated"]
    recorded = OutboxEvent.objects.filter(key=task.pk).latest("id").envelope
    assert '"via":"web"' in recorded
    assert str(owner.pk) in recorded


def test_saving_what_is_shown_changes_nothing(page, task, by):
    task.change(
        by, description="a\nb", tags=["x", "y"], due_date=NOW + timedelta(hours=3), priority=2,
    )  # fmt: skip
    events = types_of(task)
    for name in PROPERTIES:
        if name not in {"reminders", "repeat"}:
            assert save(page, task, name).status_code == 200
    assert types_of(task) == events


def test_without_a_script_a_property_has_a_page_and_leads_back(page, task):
    response = page.get(at("property-edit", task, "priority"))
    assert "<h1>Priority</h1>" in response.content.decode()
    assert "hx-post" not in response.content.decode().split("property-form")[1].split("</form>")[0]
    response = save(page, task, "priority", headers={}, priority="4")
    assert (response.status_code, response["Location"]) == (302, at("task", task))
    task.refresh_from_db()
    assert task.priority == Priority.URGENT


def test_cancelling_shows_the_property_again(page, task):
    html = page.get(at("property", task, "title"), headers=HTMX).content.decode()
    assert 'id="part-title"' in html
    assert "<form" not in html
    assert page.get(at("property", task, "title"))["Location"] == at("task", task)


@pytest.mark.parametrize(
    ("name", "fields", "sentence"),
    [
        ("title", {"title": "  "}, "A task needs a title."),
        ("title", {"title": "x" * 201}, "at most 200 characters"),
        ("description", {"description": "x" * 10_001}, "at most 10000 characters"),
        ("tags", {"tags": "x" * 51}, "A tag is one word of 1 to 50 characters"),
        ("due", {"words": "some day"}, "“some day” is not clear."),
        ("due", {"words": "every friday"}, "That repeats. Enter it under “Repeats”."),
        ("due", {"time": "10:00"}, "A time needs a date."),
        ("due", {"date": "2026-02-30"}, "Enter a valid date."),
        ("reminders", {}, "Choose how long before, or a date and a time."),
        ("reminders", {"before": "15"}, "The task has no due date to count from."),
        ("reminders", {"date": "2026-11-21"}, "A reminder needs both a date and a time."),
        ("repeat", {"words": "sometimes"}, "“sometimes” is not clear."),
        ("repeat", {"words": "tomorrow"}, "That does not repeat. Begin with “every”."),
        ("repeat", {"words": "FREQ=HOURLY"}, "repeats within a day"),
        ("repeat", {"ends": "on"}, "Say when it ends."),
        ("repeat", {"ends": "after", "times": "0"}, "greater than or equal to 1"),
        ("repeat", {"ends": "on", "until": "2020-01-01"}, "This rule has no date left"),
    ],
)
@pytest.mark.parametrize("headers", [HTMX, {}])
def test_what_is_wrong_is_said_and_what_was_typed_stays(page, task, name, fields, sentence, headers):
    response = save(page, task, name, headers, **fields)
    assert response.status_code == 422
    assert sentence in text_of(response)
    sent = form_of(response, at("property", task, name))
    assert {field: sent[field] for field in fields} == {field: [value] for field, value in fields.items()}
    assert types_of(task) == ["task.created"]


def test_a_status_that_does_not_exist_is_refused(page, task):
    response = save(page, task, "status", status="done")
    assert response.status_code == 422
    assert "done is not one of the available choices" in text_of(response)


def test_projects_to_move_to_are_those_that_one_may_change(page, task, owner, member):
    theirs = Project.objects.create(owner=member, name="Theirs")
    Membership.objects.create(project=theirs, user=owner, role=Role.VIEWER)
    mine = Project.objects.create(owner=owner, name="Mine")
    assert save(page, task, "project", project=str(theirs.pk)).status_code == 422
    assert save(page, task, "project", project=str(mine.pk)).status_code == 200
    task.refresh_from_db()
    assert task.project == mine


def test_a_subtask_moves_with_its_parent_only(page, task, owner, by):
    below = Task(project=task.project, parent=task, title="Find the number")
    below.save(by=by)
    inbox = Project.objects.inbox_of(owner)
    response = save(page, below, "project", project=str(inbox.pk))
    assert response.status_code == 422
    assert "Move that one." in text_of(response)
    save(page, task, "project", project=str(inbox.pk))
    below.refresh_from_db()
    assert below.project == inbox


# --- Due -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "due", "all_day"),
    [
        ({"words": "tomorrow 5pm"}, datetime(2026, 11, 21, 16, tzinfo=UTC), False),
        ({"words": "tomorrow"}, datetime(2026, 11, 21, tzinfo=UTC), True),
        ({"words": "5 jan", "date": "nonsense"}, datetime(2027, 1, 5, tzinfo=UTC), True),
        ({"date": "2027-07-01", "time": "09:00"}, datetime(2027, 7, 1, 7, tzinfo=UTC), False),
        ({"date": "2027-07-01"}, datetime(2027, 7, 1, tzinfo=UTC), True),
        # Clocks jump over 02:30 on this night; it moves forward by that hour.
        ({"date": "2027-03-28", "time": "02:30"}, datetime(2027, 3, 28, 1, 30, tzinfo=UTC), False),
    ],
)
def test_due_dates_are_on_the_persons_clock(page, task, fields, due, all_day):
    assert save(page, task, "due", **fields).status_code == 200
    task.refresh_from_db()
    assert (task.due_date, task.due_all_day) == (due, all_day)


def test_a_due_time_keeps_its_seconds(page, task, by):
    due = datetime(2026, 11, 21, 9, 15, 42, tzinfo=UTC)
    task.change(by, due_date=due.replace(microsecond=250))
    assert b'value="10:15:42"' in page.get(at("property-edit", task, "due")).content
    save(page, task, "due")
    task.refresh_from_db()
    assert task.due_date == due.replace(microsecond=250)
    save(page, task, "due", date="2026-11-22")
    task.refresh_from_db()
    assert task.due_date == due + timedelta(days=1)


def test_a_rule_on_a_passed_due_date_says_where_it_moves(page, task, by):
    sentence = "it moves to the first date of the rule from today on"
    assert sentence not in text_of(page.get(at("property-edit", task, "repeat")))
    task.change(by, due_date=NOW - timedelta(days=30))
    assert sentence in text_of(page.get(at("property-edit", task, "repeat")))


def test_clearing_a_due_date(page, task, by):
    task.change(by, due_date=NOW)
    save(page, task, "due", date="", time="")
    task.refresh_from_db()
    assert task.due_date is None


@pytest.mark.parametrize(
    ("zone", "shown"),
    [("Pacific/Auckland", "Sat 21 Nov, 03:30"), ("America/Los_Angeles", "Fri 20 Nov, 06:30")],
)
def test_each_reader_sees_their_own_time(client, task, owner, by, zone, shown):
    task.change(by, due_date=NOW + timedelta(hours=4))
    owner.time_zone = zone
    owner.save()
    client.force_login(owner)
    assert shown in text_of(client.get(at("task", task)))


def test_a_date_without_a_time_is_the_same_everywhere(client, task, owner, by):
    task.change(by, due_date=datetime(2026, 11, 22, tzinfo=UTC), due_all_day=True)
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        owner.time_zone = zone
        owner.save()
        client.force_login(owner)
        assert "Sun 22 Nov" in text_of(client.get(at("task", task)))


def test_an_overdue_task_says_so(page, task, by):
    task.change(by, due_date=NOW - timedelta(hours=2))
    assert "Fri 20 Nov, 09:30 , change 2 hours ago, overdue" in text_of(page.get(at("task", task)))


# --- Conflicts -----------------------------------------------------------------------------------------


def test_the_same_field_changed_elsewhere_is_a_conflict(page, task, member):
    stale = form_of(page.get(at("property-edit", task, "title")), at("property", task, "title"))
    task.change(Actor.of(member, "api"), title="Pay both rents")
    response = page.post(at("property", task, "title"), stale | {"title": "Pay my rent"}, headers=HTMX)
    assert response.status_code == 409
    assert "Changed elsewhere. It is now: “Pay both rents”" in text_of(response)
    assert all(words in text_of(response) for words in ("Keep theirs", "Use mine"))
    again = form_of(response, at("property", task, "title"))
    assert again["title"] == ["Pay my rent"]
    task.refresh_from_db()
    assert task.title == "Pay both rents"

    assert page.post(at("property", task, "title"), again, headers=HTMX).status_code == 200  # use mine
    task.refresh_from_db()
    assert task.title == "Pay my rent"
    assert types_of(task) == ["task.created", "task.updated", "task.updated"]


def test_a_conflict_without_a_script_is_a_page(page, task, by):
    stale = form_of(page.get(at("property-edit", task, "due")), at("property", task, "due"))
    task.change(by, due_date=datetime(2027, 1, 5, tzinfo=UTC), due_all_day=True)
    response = page.post(at("property", task, "due"), stale | {"date": "2027-01-09"})
    assert response.status_code == 409
    assert "It is now: Tue 5 Jan 2027" in text_of(response)
    assert form_of(response, at("property", task, "due"))["date"] == ["2027-01-09"]


def test_another_field_changed_elsewhere_is_none(page, task, by):
    stale = form_of(page.get(at("property-edit", task, "title")), at("property", task, "title"))
    task.change(by, priority=4, due_date=NOW, tags=["x"])
    assert page.post(at("property", task, "title"), stale | {"title": "Pay"}).status_code == 302
    task.refresh_from_db()
    assert (task.title, task.priority) == ("Pay", Priority.URGENT)


def test_both_wanting_the_same_is_none(page, task, by):
    stale = form_of(page.get(at("property-edit", task, "title")), at("property", task, "title"))
    task.change(by, title="Pay")
    assert page.post(at("property", task, "title"), stale | {"title": "Pay"}).status_code == 302
    assert types_of(task) == ["task.created", "task.updated"]


def test_a_form_that_was_left_alone_overwrites_nothing(page, task, by):
    stale = form_of(page.get(at("property-edit", task, "title")), at("property", task, "title"))
    task.change(by, title="Pay")
    assert page.post(at("property", task, "title"), stale).status_code == 302
    task.refresh_from_db()
    assert task.title == "Pay"


# --- Reminders -----------------------------------------------------------------------------------------


def test_adding_reminders(page, task, by):
    task.change(by, due_date=NOW + timedelta(hours=4))
    assert save(page, task, "reminders", before="15").status_code == 200
    save(page, task, "reminders", date="2026-11-21", time="09:00")
    assert list(Reminder.objects.order_by("fire_at").values_list("fire_at", flat=True)) == [
        NOW + timedelta(hours=3, minutes=45), datetime(2026, 11, 21, 8, tzinfo=UTC),
    ]  # fmt: skip
    shown = text_of(page.get(at("property", task, "reminders"), headers=HTMX))
    assert "15 min before, 15:15" in shown
    assert "Sat 21 Nov, 09:00" in shown


def test_too_many_reminders_are_refused(page, task, by):
    wishes = [{"id": str(n), "at": f"2027-01-01T{n:02d}:00:00+00:00"} for n in range(20)]
    task.change(by, reminders=wishes)
    response = save(page, task, "reminders", date="2026-11-21", time="09:00")
    assert response.status_code == 422
    assert "A task can have 20 reminders." in text_of(response)


def test_removing_a_reminder(page, task, by):
    task.change(by, due_date=NOW + timedelta(hours=4), reminders=[{"id": "a", "minutes_before": 15}])
    response = page.post(at("reminder-remove", task), {"reminder": "a"}, headers=HTMX)
    assert "15 min before" not in text_of(response)
    assert Reminder.objects.count() == 0
    page.post(at("reminder-remove", task), {"reminder": "a"})
    assert types_of(task) == ["task.created", "task.updated", "task.updated"]


@pytest.mark.parametrize(
    ("length", "until"),
    [
        ("10m", NOW + timedelta(minutes=10)),
        ("1h", NOW + timedelta(hours=1)),
        ("tomorrow", datetime(2026, 11, 21, 8, tzinfo=UTC)),
    ],
)
def test_a_reminder_that_was_sent_can_be_snoozed(page, task, by, length, until):
    task.change(
        by, due_date=NOW + timedelta(hours=4), reminders=[{"id": "a", "at": (NOW - timedelta(minutes=1)).isoformat()}]
    )  # fmt: skip
    assert scheduler.fire_reminders(NOW) == 1
    assert "Snooze" in text_of(page.get(at("task", task)))
    response = page.post(at("reminder-snooze", task, length), {"reminder": "a"}, headers=HTMX)
    assert response.status_code == 200
    task.refresh_from_db()
    assert [wish["at"] for wish in task.reminders] == [until.isoformat()]
    assert Reminder.objects.get(fired_at=None).fire_at == until


def test_a_relative_reminder_stays_beside_its_snooze(page, task, by):
    task.change(by, due_date=NOW + timedelta(hours=1), reminders=[{"id": "a", "minutes_before": 60}])
    scheduler.fire_reminders(NOW)
    page.post(at("reminder-snooze", task, "10m"), {"reminder": "a"})
    task.refresh_from_db()
    assert [set(wish) - {"id"} for wish in task.reminders] == [{"minutes_before"}, {"at"}]


def test_what_is_not_there_cannot_be_snoozed(page, task):
    assert page.post(at("reminder-snooze", task, "1h"), {"reminder": "a"}).status_code == 404
    assert page.post(at("reminder-snooze", task, "9y"), {"reminder": "a"}).status_code == 404


# --- Repeat --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "rule", "start", "at_time", "anchor"),
    [
        ({}, "FREQ=WEEKLY;BYDAY=MO", date(2026, 11, 23), time(9), "schedule"),
        ({"weekdays": ["0", "3"]}, "FREQ=WEEKLY;BYDAY=MO,TH", date(2026, 11, 23), time(9), "schedule"),
        (
            {"every": "2", "weekdays": ["4"]},
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", date(2026, 11, 27), time(9), "schedule",
        ),
        ({"unit": "day", "every": "3"}, "FREQ=DAILY;INTERVAL=3", date(2026, 11, 23), time(9), "schedule"),
        ({"unit": "month"}, "FREQ=MONTHLY;BYMONTHDAY=23", date(2026, 11, 23), time(9), "schedule"),
        ({"unit": "year"}, "FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=23", date(2026, 11, 23), time(9), "schedule"),
        ({"time": "", "unit": "day"}, "FREQ=DAILY", date(2026, 11, 23), None, "schedule"),
        (
            {"unit": "day", "every": "3", "anchor": "completion"},
            "FREQ=DAILY;INTERVAL=3", date(2026, 11, 23), time(9), "completion",
        ),
        (
            {"unit": "day", "ends": "after", "times": "5"},
            "FREQ=DAILY;COUNT=5", date(2026, 11, 23), time(9), "schedule",
        ),
        (
            {"unit": "day", "ends": "on", "until": "2027-01-05"},
            "FREQ=DAILY;UNTIL=20270105", date(2026, 11, 23), time(9), "schedule",
        ),
        ({"words": "every weekday 8am"}, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", date(2026, 11, 23), time(8), "schedule"),
        ({"words": "every! 3 days"}, "FREQ=DAILY;INTERVAL=3", date(2026, 11, 20), time(9), "completion"),
        ({"words": "FREQ=MONTHLY;BYDAY=-1FR"}, "FREQ=MONTHLY;BYDAY=-1FR", date(2026, 11, 23), time(9), "schedule"),
    ],
)  # fmt: skip
def test_a_task_begins_to_repeat(page, task, by, fields, rule, start, at_time, anchor):
    task.change(by, due_date=datetime(2026, 11, 23, 8, tzinfo=UTC))  # Monday 9:00 in Berlin
    response = save(page, task, "repeat", **fields)
    assert response.status_code == 200, text_of(response)
    series = RecurringTask.objects.get()
    assert (series.rrule, series.start_date, series.start_time) == (rule, start, at_time)
    assert (series.anchor, series.time_zone) == (anchor, "Europe/Berlin")
    task.refresh_from_db()
    assert task.recurring_task == series
    assert types_of(task) == ["task.created", "task.updated", "task.updated"]


def test_the_31st_falls_on_the_last_day_of_short_months(page, task, by):
    task.change(by, due_date=datetime(2027, 1, 31, tzinfo=UTC), due_all_day=True)
    save(page, task, "repeat", unit="month")
    dates = RecurringTask.objects.get().preview(2)
    days = [instant.astimezone(ZoneInfo("Europe/Berlin")).date() for instant in dates]
    assert days == [date(2027, 2, 28), date(2027, 3, 31)]
    assert "Next: Sun 28 Feb 2027 · Wed 31 Mar 2027" in text_of(page.get(at("task", task)))


def test_a_series_is_changed_from_its_task(page, task, by, owner):
    series = RecurringTask.grow_from(task, "FREQ=WEEKLY;BYDAY=FR", by, owner.zone)
    shown = form_of(page.get(at("property-edit", task, "repeat")), at("property", task, "repeat"))
    assert (shown["every"], shown["unit"], shown["weekdays"]) == (["1"], ["week"], ["4"])
    response = save(page, task, "repeat", every="2", ends="after", times="9")
    assert "Every 2 weeks on Friday, 9 times" in text_of(response)
    series.refresh_from_db()
    assert series.rrule == "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;COUNT=9"


def test_a_rule_that_the_fields_cannot_state_stands_in_the_words(page, task, by, owner):
    rule = "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"
    series = RecurringTask.grow_from(task, f"{rule};COUNT=4", by, owner.zone, Anchor.COMPLETION)
    shown = form_of(page.get(at("property-edit", task, "repeat")), at("property", task, "repeat"))
    assert (shown["words"], shown["ends"], shown["times"]) == ([rule], ["after"], ["4"])
    save(page, task, "repeat", times="6")
    series.refresh_from_db()
    assert (series.rrule, series.anchor) == (f"{rule};COUNT=6", Anchor.COMPLETION)


def test_two_who_change_a_rule_are_in_conflict(page, task, by, owner):
    series = RecurringTask.grow_from(task, "FREQ=WEEKLY;BYDAY=FR", by, owner.zone)
    stale = form_of(page.get(at("property-edit", task, "repeat")), at("property", task, "repeat"))
    series.revise(rrule="FREQ=WEEKLY;INTERVAL=3;BYDAY=FR")
    response = page.post(at("property", task, "repeat"), stale | {"every": "2"}, headers=HTMX)
    assert response.status_code == 409
    assert "It is now: Every 3 weeks on Friday" in text_of(response)


def test_skipping_one(page, task, by, owner):
    series = RecurringTask.grow_from(task, "FREQ=DAILY", by, owner.zone)
    response = page.post(at("repeat-skip", task), headers=HTMX)
    assert "Next: Sun 22 Nov · Mon 23 Nov · Tue 24 Nov" in text_of(response)
    series.refresh_from_db()
    assert series.exceptions == ["2026-11-21T00:00:00"]


def test_stopping_leaves_the_task_as_it_is(page, task, by, owner):
    series = RecurringTask.grow_from(task, "FREQ=DAILY", by, owner.zone)
    response = page.post(at("repeat-stop", task))
    assert response["Location"] == at("task", task)
    task.refresh_from_db()
    series.refresh_from_db()
    assert (task.recurring_task, task.status, series.is_active) == (None, Status.PENDING, False)
    assert page.post(at("repeat-stop", task)).status_code == 302


def test_the_preview_says_what_the_form_would_do(page, task):
    address = at("repeat-preview", task)
    shown = text_of(page.get(address, {"every": "1", "unit": "month", "ends": "after", "times": "3"}))
    assert shown == "Next dates Fri 20 Nov Sun 20 Dec Wed 20 Jan 2027"
    assert text_of(page.get(address, {"words": "whenever"})) == ""
    assert RecurringTask.objects.count() == 0


# --- Tags, subtasks, the task as a whole ---------------------------------------------------------------


def test_removing_a_tag(page, task, by):
    task.change(by, tags=["a/b", "home"])
    assert "@a/b" not in text_of(page.post(at("tag-remove", task), {"tag": "a/b"}, headers=HTMX))
    task.refresh_from_db()
    assert task.tags == ["home"]


def test_adding_and_completing_subtasks(page, task):
    response = page.post(at("subtask-add", task), {"title": " Find  the number "}, headers=HTMX)
    assert "0 of 1" in text_of(response)
    below = Task.objects.get(parent=task)
    assert (below.title, below.project) == ("Find the number", task.project)
    assert types_of(below) == ["task.created"]
    page.post(at("complete", below), {"status": "completed"}, headers=HTMX)
    assert "1 of 1" in text_of(page.get(at("task-parts", task)))
    assert "Website Pay rent" in text_of(page.get(at("task", below)))


@pytest.mark.parametrize("headers", [HTMX, {}])
@pytest.mark.parametrize(
    ("title", "sentence"),
    [(" ", "A subtask needs a title."), ("x" * 201, "A title has at most 200 characters.")],
)
def test_a_subtask_that_cannot_be(page, task, headers, title, sentence):
    response = page.post(at("subtask-add", task), {"title": title}, headers=headers)
    assert response.status_code == 422
    assert sentence in text_of(response)
    assert response["HX-Retarget"] == "#subtask-form"
    assert Task.objects.count() == 1


def test_a_copy_is_open_and_takes_along_all_but_the_history(page, task, by, owner):
    below = Task(project=task.project, parent=task, title="Find the number")
    below.save(by=by)
    task.change(
        by, tags=["home"], priority=3, description="Now", due_date=NOW + timedelta(days=1),
        reminders=[{"id": "a", "minutes_before": 15}],
    )  # fmt: skip
    RecurringTask.grow_from(task, "FREQ=DAILY", by, owner.zone)
    task.complete(by)
    response = page.post(at("task-duplicate", task))
    copy = Task.objects.exclude(pk__in=[task.pk, below.pk]).get(parent=None)
    assert response["Location"] == at("task", copy)
    for name in ("title", "description", "tags", "priority", "project", "due_date"):
        assert getattr(copy, name) == getattr(task, name)
    assert (copy.status, copy.recurring_task, copy.version) == (Status.PENDING, None, 1)
    assert copy.reminders[0]["id"] != "a"
    assert [each.title for each in copy.living_subtasks()] == ["Find the number"]
    assert types_of(copy) == ["task.created"]


def test_deleting_leads_to_the_project_and_can_be_undone(page, task):
    html = page.get(at("task", task)).content.decode()
    project = reverse("tasks:project", args=[task.project_id])
    assert f'formaction="{at("delete", task)}" name="next" value="{project}"' in html
    response = page.post(at("delete", task), {"next": project}, follow=True)
    assert response.redirect_chain == [(project, 302)]
    assert "Moved “Pay rent” to the trash" in text_of(response)
    assert at("restore", task) in response.content.decode()


def test_the_description_is_markdown_that_cannot_act(page, task):
    save(page, task, "description", description="**Now**\n\n<script>alert(1)</script>")
    html = page.get(at("task", task)).content.decode()
    assert "<strong>Now</strong>" in html
    assert "<script>alert" not in html


def test_an_open_page_reads_all_its_parts_again(page, task):
    html = page.get(at("task-parts", task)).content.decode()
    for part in ("place", "complete", "subtasks", *PROPERTIES):
        assert f'id="part-{part}"' in html
    assert html.count('hx-swap-oob="true"') == 14
    assert html.count('hx-swap-oob="morph"') == 1


def test_beside_a_list_it_is_the_same_without_a_page_around_it(page, task):
    answer = page.get(at("task-panel", task), {"next": "/today"})
    html = answer.content.decode()
    assert html.lstrip().startswith('<aside class="panel" id="panel"')
    for part in ("place", "complete", "subtasks", *PROPERTIES):
        assert f'id="part-{part}"' in html
    assert 'name="next" value="/today"' in html


# --- What it costs -------------------------------------------------------------------------------------


def test_queries(page, task, by, owner, django_assert_num_queries):
    for number in range(5):
        Task(project=task.project, parent=task, title=f"Step {number}").save(by=by)
    task.change(
        by, due_date=NOW + timedelta(days=1), tags=["a", "b"],
        reminders=[{"id": str(n), "minutes_before": n} for n in range(5)],
    )  # fmt: skip
    RecurringTask.grow_from(task, "FREQ=DAILY", by, owner.zone)
    page.get(at("task", task))
    with django_assert_num_queries(
        8
    ):  # session, user, task, reminders, subtasks, files, comments, the sidebar
        page.get(at("task", task))
    with django_assert_num_queries(7):
        page.get(at("task-panel", task))
    with django_assert_num_queries(7):
        page.get(at("task-parts", task))
    with django_assert_num_queries(3):
        page.get(at("property-edit", task, "due"), headers=HTMX)
    Comment.objects.create(task=task, author=owner, text="Ask @Milo")
    SavedFilter.objects.create(owner=owner, name="Soon", query="q=due:week")
    with django_assert_num_queries(10):  # and who can be mentioned, and how many the filters find
        page.get(at("task", task))
