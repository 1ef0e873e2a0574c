"""Saved filters: kept under a name, counted in the sidebar, changed and deleted by their owner alone."""

import pytest
from django.urls import reverse

from tasks.models import SavedFilter, Task
from tasks.models.saved_filter import MOST
from tasks.sidebar import Sidebar
from tasks.tests.list_reading import body_of, counts_in, text_of, toasts_in


@pytest.fixture
def tasks(reader, inbox, shared, by):
    for title, priority, project in (("a", 4, inbox), ("b", 4, shared), ("c", 1, shared)):
        Task(project=project, title=title, priority=priority).save(by=by)
    Task.objects.get(title="b").change(by, tags=["x"])


def save(client, name="Urgent", query="?q=p1", **more):
    return client.post(reverse("tasks:filters"), {"name": name, "query": query, **more}, follow=True)


def test_the_present_view_is_saved_and_counted_in_the_sidebar(client, tasks, shared):
    page = body_of(client.get(f"/tasks?q=p1&project={shared.pk}&page=1"))
    assert f'name="query" value="?q=p1&amp;project={shared.pk}"' in page
    response = save(client, query=f"?q=p1&project={shared.pk}")
    assert response.request["QUERY_STRING"] == f"q=p1&project={shared.pk}"
    assert toasts_in(response) == ["Saved “Urgent”"]
    save(client, "All", "")
    save(client, "With x", "tag=x&status=any")
    save(client, "Wrong", "q=due:never")
    found = counts_in(client.get("/inbox"))
    assert {name: found[name] for name in ("Urgent", "All", "With x", "Wrong")} == {
        "Urgent": "1",
        "All": "3",
        "With x": "1",
        "Wrong": "3",
    }


def test_many_filters_cost_one_query_more_than_none(client, tasks, django_assert_num_queries):
    client.get("/inbox")
    with django_assert_num_queries(5):
        client.get("/inbox")
    for number in range(MOST):
        save(client, f"Filter {number}", f"q=p{number % 4 + 1}")
    with django_assert_num_queries(6):
        client.get("/inbox")
    assert f"You can save {MOST} filters" in toasts_in(save(client, "One more"))[0]


def test_renaming_and_deleting(client, tasks):
    save(client)
    saved = SavedFilter.objects.get()
    client.post(reverse("tasks:filter-change", args=[saved.pk]), {"name": "Now", "colour": "red"})
    saved.refresh_from_db()
    assert (saved.name, saved.colour, saved.query) == ("Now", "red", "q=p1")
    assert 'value="Now"' in body_of(client.get(reverse("tasks:filters")))
    client.post(reverse("tasks:filter-delete", args=[saved.pk]))
    assert not SavedFilter.objects.exists()
    assert "No saved filters" in text_of(body_of(client.get(reverse("tasks:filters"))))


def names():
    return list(SavedFilter.objects.values_list("name", flat=True))


def place(client, name, **values):
    return client.post(reverse("tasks:filter-place", args=[SavedFilter.objects.get(name=name).pk]), values)


@pytest.fixture
def three(client, reader):
    for name in ("A", "B", "C"):
        save(client, name)
    return {saved.name: str(saved.pk) for saved in SavedFilter.objects.all()}


def test_they_move_up_and_down_and_stop_at_the_ends(client, reader, three):
    for name, step, expected in [
        ("C", "up", ["A", "C", "B"]),
        ("C", "up", ["C", "A", "B"]),
        ("C", "up", ["C", "A", "B"]),
        ("A", "down", ["C", "B", "A"]),
        ("A", "down", ["C", "B", "A"]),
    ]:
        assert place(client, name, step=step)["Location"] == reverse("tasks:filters")
        assert names() == expected
        assert [shown.saved.name for shown in Sidebar(reader).filters] == expected


def test_they_are_dragged_to_between_two_others(client, three):
    place(client, "C", before_id=three["A"], after_id=three["B"])
    assert names() == ["A", "C", "B"]
    place(client, "B", before_id="", after_id=three["A"])
    assert names() == ["B", "A", "C"]
    answer = client.post(
        reverse("tasks:filter-place", args=[three["B"]]),
        {"before_id": three["C"], "after_id": ""},
        headers={"HX-Request": "true"},
    )
    assert "filters-changed" in answer["HX-Trigger"]
    assert names() == ["A", "C", "B"]


def test_a_place_that_is_none_changes_nothing(client, three, member):
    assert place(client, "A", before_id="x").status_code == 400
    foreign = SavedFilter.objects.create(owner=member, name="Theirs")
    place(client, "A", before_id=str(foreign.pk), after_id="")
    place(client, "A", before_id=three["C"], after_id=three["B"])
    assert names()[:3] == ["A", "B", "C"]
    assert "Move it once more" in toasts_in(client.get(reverse("tasks:filters")))[0]


def test_a_name_is_needed_and_stands_once(client, tasks):
    assert "needs a name" in toasts_in(save(client, ""))[0]
    save(client)
    assert save(client).status_code == 422
    assert SavedFilter.objects.count() == 1


def test_a_filter_is_its_owners_alone(client, tasks, member):
    save(client)
    saved = SavedFilter.objects.get()
    client.force_login(member)
    assert "Urgent" not in counts_in(client.get("/inbox"))
    for name in ("filter-change", "filter-delete", "filter-place"):
        assert client.post(reverse(f"tasks:{name}", args=[saved.pk]), {"name": "Mine"}).status_code == 404
    assert save(client).status_code == 200


def test_the_api_does_the_same(api, owner, member):
    client = api(owner)
    made = client.post("/api/filters", {"name": "Urgent", "query": "q=p1"})
    assert made.status_code == 201
    address = made["Location"]
    assert client.get(address).json() == made.json()
    assert client.get("/api/filters").json()["items"] == [made.json()]
    assert client.patch(address, {"name": "Now", "colour": "red"}).json()["name"] == "Now"
    assert client.post("/api/filters", {"name": "Now"}).status_code == 409
    assert list(client.post("/api/filters", {"name": "", "colour": "pink"}).json()["errors"]) == [
        "name",
        "colour",
    ]
    for method, body in (("get", None), ("patch", {"name": "x"}), ("delete", None)):
        assert getattr(api(member), method)(address, body).status_code == 404
    assert client.delete(address).status_code == 204
    assert client.get("/api/filters").json()["total"] == 0
