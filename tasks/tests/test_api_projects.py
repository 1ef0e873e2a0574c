"""/api/projects: what each person may see and do, and what is refused."""

import pytest

from tasks.models import Project, RecurringTask, Role, Task
from tasks.tests.factories import TaskFactory


def names(client, query=""):
    return [item["name"] for item in client.get(f"/api/projects{query}").json()["items"]]


def test_a_project_is_made_read_changed_and_deleted(api, owner):
    client = api(owner)
    made = client.post("/api/projects", {"name": " Garden "})
    body = made.json()
    assert made.status_code == 201
    assert set(body) == {"id", "name", "colour", "is_inbox", "role", "created_at", "updated_at"}
    assert (body["name"], body["colour"], body["is_inbox"], body["role"]) == (
        "Garden",
        "grey",
        False,
        "owner",
    )
    path = made["Location"]
    assert path == f"/api/projects/{body['id']}"
    assert client.get(path).json() == body
    assert client.patch(path, {"colour": "green"}).json()["colour"] == "green"
    assert client.get(path).json()["name"] == "Garden"
    assert client.put(path, {"name": "Yard"}).json()["colour"] == "grey"
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404


def test_put_takes_back_what_get_gave(api, owner, shared):
    client, path = api(owner), f"/api/projects/{shared.pk}"
    body = client.get(path).json()
    answer = client.put(path, body)
    assert answer.status_code == 200
    assert answer.json()["name"] == "Website"


def test_each_person_lists_their_own(api, owner, member, viewer, outsider, inbox, shared):
    assert names(api(owner)) == ["Inbox", "Website"]
    assert names(api(member)) == ["Inbox", "Website"]
    assert names(api(outsider)) == ["Inbox"]
    roles = [
        api(person).get(f"/api/projects/{shared.pk}").json()["role"] for person in (owner, member, viewer)
    ]
    assert roles == [Role.OWNER, Role.EDITOR, Role.VIEWER]


def test_pages(api, owner):
    for number in range(4):
        Project.objects.create(owner=owner, name=str(number))
    client = api(owner)
    page = client.get("/api/projects?page=2&page_size=2").json()
    assert ([item["name"] for item in page["items"]], page["total"]) == (["1", "2"], 5)
    first = client.get("/api/projects?cursor=&page_size=3").json()
    rest = client.get(f"/api/projects?cursor={first['next_cursor']}").json()
    assert [item["name"] for item in first["items"] + rest["items"]] == ["Inbox", "0", "1", "2", "3"]


def test_deleting_moves_the_tasks_to_the_trash(api, owner, shared, by, events_of, last_actor_of):
    task = TaskFactory(project=shared)
    series = RecurringTask(
        project=shared, title="Again", rrule="FREQ=DAILY", start_date="2026-01-01", time_zone="UTC"
    )
    series.begin(by)
    assert api(owner).delete(f"/api/projects/{shared.pk}").status_code == 204
    assert Task.objects.alive().count() == 0
    assert events_of(task.pk) == ["task.created", "task.deleted"]
    assert last_actor_of(task.pk) == ("Olga", "api")
    series.refresh_from_db()
    assert (series.is_active, series.create_at) == (True, None)


def test_the_inbox_cannot_be_deleted(api, owner, inbox):
    answer = api(owner).delete(f"/api/projects/{inbox.pk}")
    assert (answer.status_code, answer.json()["detail"]) == (409, "The Inbox cannot be deleted.")
    assert api(owner).get(f"/api/projects/{inbox.pk}").status_code == 200


@pytest.mark.parametrize(
    ("method", "body"), [("patch", {"name": "Mine"}), ("put", {"name": "Mine"}), ("delete", None)]
)
def test_only_the_owner_changes_a_project(api, member, viewer, outsider, shared, method, body):
    path = f"/api/projects/{shared.pk}"
    for person, status in ((member, 403), (viewer, 403), (outsider, 404)):
        assert getattr(api(person), method)(path, body).status_code == status
    shared.refresh_from_db()
    assert (shared.name, shared.deleted_at) == ("Website", None)


def test_to_an_outsider_a_project_does_not_exist(api, outsider, shared):
    assert api(outsider).get(f"/api/projects/{shared.pk}").status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": " "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": ["x"]}, "name"),
        ({"name": "x", "colour": "pink"}, "colour"),
        ({"name": "x", "color": "red"}, "color"),
        ({"name": "x", "is_inbox": True}, "is_inbox"),
    ],
)
def test_what_is_wrong_is_named(api, owner, inbox, body, field):
    answer = api(owner).post("/api/projects", body)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]
    assert Project.objects.filter(owner=owner).count() == 1


def test_an_unknown_parameter_is_named(api, owner):
    assert list(api(owner).get("/api/projects?name=x").json()["errors"]) == ["name"]


# Each count includes the two queries that find the session and its user, and the savepoints of the transactions.
@pytest.mark.parametrize(
    ("method", "path", "body", "queries"),
    [
        ("get", "/api/projects", None, 3),
        ("post", "/api/projects", {"name": "x"}, 6),
        ("get", "/api/projects/{id}", None, 3),
        ("patch", "/api/projects/{id}", {"name": "x"}, 8),
        ("delete", "/api/projects/{id}", None, 13),
    ],
)
def test_queries(api, owner, shared, django_assert_num_queries, method, path, body, queries):
    client = api(owner)
    with django_assert_num_queries(queries):
        getattr(client, method)(path.format(id=shared.pk), body)
