"""Activity: the timeline of all that happened to what a person sees."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actor import Actor
from events import activity_page
from events.models import TaskEventLog
from tasks.models import Comment, Membership, Role, Task
from tasks.tests.factories import TaskFactory
from tasks.tests.page_reading import text_of

ADDRESS = "/activity"


@pytest.fixture
def story(shared, inbox, owner, member, by, drain):
    """Olga adds two tasks, one of them her own; Milo completes the shared one and writes on it."""
    both, own = TaskFactory(project=shared, title="Launch"), TaskFactory(project=inbox, title="Diary")
    both.complete(Actor.of(member, "api"))
    Comment.objects.write(Task.objects.get_current(both.pk), "Done!", member, Actor.of(member, "web"))
    drain()
    return both, own


def shown(client, person, query=""):
    client.force_login(person)
    return text_of(client.get(f"{ADDRESS}{query}"))


def test_it_tells_who_did_what_to_which_task(client, owner, story):
    words = shown(client, owner)
    assert words.index("Milo commented on it: Launch") < words.index("Milo completed it: Launch")
    assert "added the task: Diary" in words


def test_a_person_sees_what_they_are_a_member_of_now(client, owner, member, outsider, story, shared, by):
    assert "Launch" in shown(client, member)
    assert "Diary" not in shown(client, member)
    assert "Nothing happened yet" in shown(client, outsider)
    Membership.objects.create(project=shared, user=outsider, role=Role.VIEWER)
    assert "Launch" in shown(client, outsider)
    Membership.objects.get(project=shared, user=member).end(by)
    assert "Launch" not in shown(client, member)


def test_what_is_in_the_trash_is_told_to_who_could_restore_it(
    client, owner, member, story, shared, by, drain
):
    Task.objects.get(title="Launch").trash(by)
    drain()
    assert "Olga moved it to the trash: Launch" in shown(client, member)
    Membership.objects.get(project=shared, user=member).change_role(Role.VIEWER, by)
    assert "Launch" not in shown(client, member)


def test_filters(client, owner, member, story, shared, inbox):
    both, _own = story
    cases = {
        f"?actor={member.pk}": (True, False),
        "?type=commented": (True, False),
        "?type=deleted": (False, False),
        f"?project={inbox.pk}": (False, True),
        f"?task={both.pk}": (True, False),
        f"?from={timezone.localdate() + timedelta(days=2)}": (False, False),
        f"?from={timezone.localdate() - timedelta(days=2)}": (True, True),
        "?actor=system": (True, True),
    }
    for query, (launch, diary) in cases.items():
        words = shown(client, owner, query)
        assert (": Launch" in words, ": Diary" in words) == (launch, diary), query


def test_filters_that_make_no_sense_say_so(client, owner, story):
    client.force_login(owner)
    for query in ("?actor=me", "?type=eaten", "?project=1", "?task=x", "?from=yesterday", "?before=0"):
        assert client.get(f"{ADDRESS}{query}").status_code == 422, query


def test_pages_neither_repeat_nor_hide(client, owner, inbox, drain, monkeypatch):
    monkeypatch.setattr(activity_page, "PAGE_SIZE", 2)
    for number in range(5):
        TaskFactory(project=inbox, title=f"Number{number}")
    drain()
    client.force_login(owner)
    seen, address = [], ADDRESS
    while address:
        response = client.get(address)
        seen += [entry.row.data["task"]["title"] for day in response.context["days"] for entry in day.entries]
        address = response.context["older"] and ADDRESS + response.context["older"]
    assert seen == [f"Number{number}" for number in (4, 3, 2, 1, 0)]


def test_the_number_of_queries_stays(client, owner, story, inbox, drain, django_assert_max_num_queries):
    for _ in range(20):
        TaskFactory(project=inbox)
    drain()
    client.force_login(owner)
    client.get(ADDRESS)
    with django_assert_max_num_queries(11):
        client.get(ADDRESS)


def test_through_the_api(client, owner, outsider, story, django_assert_max_num_queries):
    both, _own = story
    client.force_login(owner)
    with django_assert_max_num_queries(5):
        items = client.get(f"/api/activity?task={both.pk}").json()["items"]
    assert [item["type"] for item in items] == ["task.commented", "task.completed", "task.created"]
    assert set(items[0]) == {"id", "type", "version", "occurred_at", "actor", "changes", "task"}
    first = client.get("/api/activity?cursor=&page_size=1&type=created").json()
    rest = client.get(f"/api/activity?type=created&cursor={first['next_cursor']}").json()
    assert len({item["task"] for item in first["items"] + rest["items"]}) == 2
    assert client.get("/api/activity?type=eaten").status_code == 400
    client.force_login(outsider)
    assert client.get("/api/activity").json()["items"] == []
    assert TaskEventLog.objects.count() == 4


def test_a_stranger_signs_in_first(client):
    assert client.get(ADDRESS)["Location"] == f"/accounts/login/?next={ADDRESS}"
