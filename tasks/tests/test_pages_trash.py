"""The trash: what is in it for whom, for how long, and emptying it."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from events.models import OutboxEvent
from tasks.models import Membership, Role, Task
from tasks.tests.friday import NOW
from tasks.tests.list_reading import body_of, text_of, toasts_in

pytestmark = pytest.mark.usefixtures("on_friday")


@pytest.fixture
def deleted(by):
    def save(title, project, at=NOW, **fields):
        task = Task(project=project, title=title, **fields)
        task.save(by=by)
        with time_machine.travel(at, tick=False):
            task.trash(by)
        return task

    return save


def show(client, user):
    client.force_login(user)
    return client.get(reverse("tasks:trash"))


def entries_in(response):
    return [text_of(each) for each in re.findall(r'<li class="entry".*?</li>', body_of(response), re.DOTALL)]


def test_the_newest_first_with_the_days_that_are_left(client, owner, inbox, shared, deleted):
    deleted("First", inbox, NOW - timedelta(days=29, hours=23))
    deleted("Second", shared, NOW - timedelta(days=1))
    deleted("Third", inbox)
    assert entries_in(show(client, owner)) == [
        "Third Deleted Fri 20 Nov · 30 days left Inbox Restore",
        "Second Deleted Thu 19 Nov · 29 days left Website Restore",
        "First Deleted Wed 21 Oct · 1 day left Inbox Restore",
    ]


def test_subtasks_that_went_with_their_parent_are_not_shown_apart(client, owner, inbox, deleted, by):
    parent = Task(project=inbox, title="Parent")
    parent.save(by=by)
    deleted("Deleted alone", inbox, NOW - timedelta(hours=1), parent=parent)
    Task(project=inbox, title="Deleted together", parent=parent).save(by=by)
    parent.trash(by)
    assert [entry.split(" Deleted ")[0] for entry in entries_in(show(client, owner))] == [
        "Parent",
        "Deleted alone",
    ]


def test_who_sees_what(client, owner, member, outsider, inbox, shared, deleted, django_user_model):
    deleted("Private", inbox)
    deleted("Shared", shared)
    Membership.objects.create(project=shared, user=outsider, role=Role.VIEWER)
    assert len(entries_in(show(client, owner))) == 2
    assert len(entries_in(show(client, member))) == 1
    assert entries_in(show(client, outsider)) == []


def test_emptying_asks_first_and_needs_no_script(client, owner, inbox, deleted):
    deleted("One", inbox)
    deleted("Two", inbox)
    page = body_of(show(client, owner))
    assert 'popovertarget="empty-trash"' in page
    assert "2 tasks will be deleted for good." in page
    assert f'<form method="post" action="{reverse("tasks:empty-trash")}">' in page
    assert "csrfmiddlewaretoken" in page


def test_emptying_removes_for_good_and_keeps_the_history(client, owner, inbox, deleted, by):
    task = deleted("Gone", inbox)
    kept = Task(project=inbox, title="Kept")
    kept.save(by=by)
    client.force_login(owner)
    response = client.post(reverse("tasks:empty-trash"), follow=True)
    assert toasts_in(response) == ["Deleted 1 task for good."]
    assert list(Task.objects.all()) == [kept]
    assert "The trash is empty" in body_of(response)
    assert OutboxEvent.objects.filter(key=task.pk).count() == 2
    assert "empty-trash" not in body_of(response)


def test_emptying_twice_does_no_harm(client, owner):
    client.force_login(owner)
    assert toasts_in(client.post(reverse("tasks:empty-trash"), follow=True)) == ["The trash was empty."]


def test_an_editor_cannot_remove_the_owners_tasks_for_good(client, member, shared, deleted):
    task = deleted("Shared", shared)
    assert "empty-trash" not in body_of(show(client, member))
    client.post(reverse("tasks:empty-trash"))
    assert Task.objects.filter(pk=task.pk).exists()


def test_nobody_empties_nothing(client, inbox, deleted):
    deleted("One", inbox)
    assert client.post(reverse("tasks:empty-trash"))["Location"].startswith(reverse("account_login"))
    assert Task.objects.count() == 1


def test_emptying_is_only_by_post(client, owner):
    client.force_login(owner)
    assert client.get(reverse("tasks:empty-trash")).status_code == 405


def test_it_is_shown_by_page(client, owner, inbox, deleted):
    for number in range(55):
        deleted(f"Task {number}", inbox, NOW - timedelta(minutes=number))
    response = show(client, owner)
    assert len(entries_in(response)) == 50
    assert len(entries_in(client.get(reverse("tasks:trash"), {"page": 2}))) == 5
