"""/api/tasks/{id}/history."""

import pytest
from rest_framework.test import APIClient

from accounts.actor import Actor
from accounts.models import User
from events.models import TaskEventLog
from tasks.models import Membership, Role, Task


def client_of(person):
    made = APIClient()
    made.force_login(person)
    return made


@pytest.fixture
def task(shared, by, member, drain):
    """Created and changed by Olga in the browser, completed by Milo through the API."""
    made = Task(project=shared, title="Pay rent")
    made.save(by=by)
    made.change(by, title="Pay the rent", priority=3)
    made.complete(Actor.of(member, "api"))
    drain()
    return made


@pytest.fixture
def path(task):
    return f"/api/tasks/{task.pk}/history"


def test_it_tells_who_did_what_when_and_how(owner, member, task, path):
    body = client_of(owner).get(path).json()
    assert (body["total"], body["page"], body["page_size"]) == (3, 1, 50)
    completed, updated, created = body["items"]
    assert [item["version"] for item in body["items"]] == [3, 2, 1]
    assert set(created) == {"id", "type", "version", "occurred_at", "actor", "changes"}
    assert created["type"] == "task.created"
    assert created["actor"] == {"id": str(owner.pk), "name": "Olga", "via": "web"}
    assert updated["changes"] == {
        "title": {"from": "Pay rent", "to": "Pay the rent"},
        "priority": {"from": "low", "to": "high"},
    }
    assert (completed["type"], completed["actor"]) == (
        "task.completed",
        {"id": str(member.pk), "name": "Milo", "via": "api"},
    )
    assert completed["occurred_at"].endswith("Z")
    assert created["id"] == str(TaskEventLog.objects.get(version=1).event_id)


def test_pages_by_number_and_by_cursor(owner, path):
    client = client_of(owner)
    second = client.get(f"{path}?page=2&page_size=2").json()
    assert ([item["version"] for item in second["items"]], second["total"]) == ([1], 3)
    first = client.get(f"{path}?cursor=&page_size=2").json()
    rest = client.get(f"{path}?cursor={first['next_cursor']}").json()
    assert [item["version"] for item in first["items"] + rest["items"]] == [3, 2, 1]
    assert rest["next_cursor"] is None


def test_it_follows_what_the_api_does(owner, task, path, drain):
    client = client_of(owner)
    client.patch(f"/api/tasks/{task.pk}", {"title": "New"})
    assert client.get(path).json()["items"][0]["version"] == 3
    drain()
    latest = client.get(path).json()["items"][0]
    assert (latest["version"], latest["actor"]["via"]) == (4, "api")


def test_who_may_read_it(owner, member, outsider, shared, path):
    viewer = User.objects.create_user("vera@example.com")
    Membership.objects.create(project=shared, user=viewer, role=Role.VIEWER)
    for person, status in ((owner, 200), (member, 200), (viewer, 200), (outsider, 404)):
        assert client_of(person).get(path).status_code == status
    assert APIClient().get(path).status_code == 401


def test_the_trash_hides_it_and_restoring_brings_it_back(owner, task, path, drain):
    client = client_of(owner)
    client.delete(f"/api/tasks/{task.pk}")
    assert client.get(path).status_code == 404
    client.post(f"/api/tasks/{task.pk}/restore")
    drain()
    assert [item["type"] for item in client.get(path).json()["items"][:2]] == [
        "task.restored",
        "task.deleted",
    ]


@pytest.mark.parametrize("query", ["type=task.created", "page=0", "page_size=999", "cursor=zzz"])
def test_a_wrong_parameter_is_named(owner, path, query):
    answer = client_of(owner).get(f"{path}?{query}")
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [query.partition("=")[0]]


def test_it_cannot_be_written(owner, path):
    for method in ("post", "put", "patch", "delete"):
        assert getattr(client_of(owner), method)(path).status_code == 405


def test_queries(owner, path, django_assert_num_queries):
    """Two find the session and its user, one looks whether the task may be seen, one reads its log."""
    client = client_of(owner)
    with django_assert_num_queries(4):
        client.get(path)
