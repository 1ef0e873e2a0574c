"""Editing a task in its row: what is saved, what is refused, and what two people change at once."""

import json
import re
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from tasks.models import Membership, Priority, Role, Task
from tasks.tests.list_reading import HTMX, body_of, events_of, text_of, titles_in

DUE = datetime(2026, 11, 21, 16, 0, 25, tzinfo=UTC)  # 17:00:25 in Berlin


@pytest.fixture
def editor(client, owner):
    owner.time_zone = "Europe/Berlin"
    owner.save()
    client.force_login(owner)
    return owner


@pytest.fixture
def task(shared, by):
    task = Task(project=shared, title="Call <mum>", due_date=DUE, priority=Priority.HIGH)
    task.save(by=by)
    return task


def address(task, view="row-edit"):
    return reverse(f"tasks:{view}", args=[task.pk])


def form_in(response):
    """What the form would send as it is."""
    body = body_of(response)
    values = dict(re.findall(r'<input type="\w+" name="(\w+)" value="([^"]*)"', body))
    values["priority"] = re.search(r'<option value="(\d)" selected', body)[1]
    del values["csrfmiddlewaretoken"]
    return {name: value.replace("&lt;", "<").replace("&gt;", ">") for name, value in values.items()}


def open_form(client, task):
    response = client.get(address(task), headers=HTMX)
    assert response.status_code == 200
    return form_in(response)


def save(client, task, values):
    return client.post(address(task), values, headers=HTMX)


def test_the_form_shows_what_is_there(client, editor, task):
    values = open_form(client, task)
    assert values.pop("seen")
    assert values == {"title": "Call <mum>", "date": "2026-11-21", "time": "17:00:25", "priority": "3"}


def test_saving_answers_with_the_row_and_the_news(client, editor, task):
    values = {**open_form(client, task), "title": "Call dad", "time": "18:30", "priority": "4"}
    response = save(client, task, values)
    assert titles_in(response) == ["Call dad"]
    assert "task-changed" in json.loads(response["HX-Trigger"])
    task.refresh_from_db()
    assert (task.title, task.due_date, task.priority, task.version) == (
        "Call dad", datetime(2026, 11, 21, 17, 30, tzinfo=UTC), Priority.URGENT, 2,
    )  # fmt: skip
    assert events_of(task) == ["task.created", "task.updated"]


def test_what_was_not_touched_stays_as_precise_as_it_was(client, editor, task):
    save(client, task, {**open_form(client, task), "title": "Call dad"})
    assert Task.objects.get(pk=task.pk).due_date == DUE


def test_saving_without_a_change_records_nothing(client, editor, task):
    save(client, task, open_form(client, task))
    assert events_of(task) == ["task.created"]


@pytest.mark.parametrize(
    ("date", "time", "due", "all_day"),
    [
        ("2026-12-01", "", datetime(2026, 12, 1, tzinfo=UTC), True),
        ("", "", None, False),
        ("2026-07-01", "09:00", datetime(2026, 7, 1, 7, tzinfo=UTC), False),
    ],
)
def test_due_dates(client, editor, task, date, time, due, all_day):
    save(client, task, {**open_form(client, task), "date": date, "time": time})
    task.refresh_from_db()
    assert (task.due_date, task.due_all_day) == (due, all_day)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"title": "  "}, "A task needs a title."),
        ({"title": "x" * 201}, "at most 200 characters"),
        ({"date": ""}, "A time needs a date."),
        ({"date": "soon"}, "Enter a valid date."),
        ({"priority": "9"}, "Select a valid choice."),
    ],
)
def test_what_is_wrong_is_named_and_kept(client, editor, task, wrong, message):
    response = save(client, task, {**open_form(client, task), **wrong})
    assert response.status_code == 422
    assert message in text_of(body_of(response))
    assert all(value in body_of(response) for value in wrong.values() if len(value) > 1)
    assert events_of(task) == ["task.created"]


def test_different_changes_at_once_are_both_kept(client, editor, task, by):
    values = {**open_form(client, task), "title": "Call dad"}
    task.change(by, priority=Priority.URGENT)
    assert save(client, task, values).status_code == 200
    task.refresh_from_db()
    assert (task.title, task.priority) == ("Call dad", Priority.URGENT)


def test_the_same_property_changed_at_once_is_a_conflict(client, editor, task, by):
    values = {**open_form(client, task), "title": "Call dad"}
    task.change(by, title="Call <both>")
    response = save(client, task, values)
    assert response.status_code == 409
    assert "Changed elsewhere. It is now: “Call <both>”." in text_of(body_of(response))
    assert form_in(response)["title"] == "Call dad"
    assert Task.objects.get(pk=task.pk).title == "Call <both>"
    assert save(client, task, form_in(response)).status_code == 200
    assert Task.objects.get(pk=task.pk).title == "Call dad"


def test_cancelling_brings_the_row_back(client, editor, task):
    response = client.get(address(task, "row"), headers=HTMX)
    assert titles_in(response) == ["Call &lt;mum&gt;"]
    assert "task-changed" in json.loads(response["HX-Trigger"])


@pytest.mark.parametrize("view", ["row", "row-edit"])
def test_without_a_script_the_page_of_the_task_edits(client, editor, task, view):
    assert client.get(address(task, view))["Location"] == reverse("tasks:task", args=[task.pk])


def test_who_may_edit(client, owner, member, outsider, shared, task, django_user_model):
    viewer = django_user_model.objects.create_user("vera@example.com", "correct horse")
    Membership.objects.create(project=shared, user=viewer, role=Role.VIEWER)
    for person, status in ((owner, 200), (member, 200), (viewer, 403), (outsider, 404)):
        client.force_login(person)
        assert client.get(address(task), headers=HTMX).status_code == status
        values = {"title": f"By {person.email}", "priority": "1"}
        assert client.post(address(task), values, headers=HTMX).status_code == status
    assert Task.objects.get(pk=task.pk).title == "By milo@example.com"
    client.logout()
    assert client.get(address(task), headers=HTMX).status_code == 403
    assert client.post(address(task), {"title": "x"})["Location"].startswith(reverse("account_login"))
