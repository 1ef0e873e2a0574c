"""Being given a task, and being mentioned."""

import pytest

from accounts.actor import Actor
from notifications.kinds import Channel, Kind
from notifications.models import Notification, Preference
from tasks.models import Comment, Membership, Task
from tasks.tests.factories import TaskFactory


@pytest.fixture
def task(shared):
    return TaskFactory(project=shared, title="Launch")


@pytest.fixture
def told(drain):
    """What a person was told: (kind, title, body) of each."""

    def rows(person):
        drain()
        return list(
            Notification.objects.filter(user=person).order_by("id").values_list("kind", "title", "body")
        )

    return rows


def comment(task, text, author):
    return Comment.objects.write(Task.objects.get_current(task.pk), text, author, Actor.of(author, "web"))


def test_whoever_is_given_a_task_is_told(task, member, by, told):
    task.change(by, assignee=member)
    assert told(member) == [("assigned", "Assigned to you: Launch", "By Olga.")]


def test_nobody_is_told_of_what_they_took_themselves(task, owner, by, told):
    task.change(by, assignee=owner)
    assert told(owner) == []


def test_whoever_is_mentioned_is_told(task, owner, member, told):
    comment(task, "@milo and @olga, " + "look " * 100, owner)
    [(kind, title, body)] = told(member)
    assert (kind, title) == ("mentioned", "Mentioned: Launch")
    assert body.startswith("Olga: @milo and @olga, look")
    assert body.endswith("…")
    assert told(owner) == []


def test_an_edit_tells_only_whom_it_names_anew(task, owner, member, told):
    written = comment(task, "Hello", owner)
    written.edit("Hello @milo", Actor.of(owner, "web"))
    written.edit("Hello again @milo", Actor.of(owner, "web"))
    assert [row[2] for row in told(member)] == ["Olga: Hello @milo"]


def test_whoever_left_is_told_nothing_any_more(task, owner, member, by, told):
    comment(task, "@milo", owner)
    task.refresh_from_db()
    task.change(by, assignee=member)
    Membership.objects.get(project=task.project, user=member).end(by)
    assert told(member) == []


def test_preferences_hold_for_them(task, owner, member, told):
    Preference.objects.choose(member.pk, {(Kind.MENTIONED, channel): False for channel in Channel})
    comment(task, "@milo", owner)
    assert told(member) == []
