"""A task as it was at a version or a moment, and going back to that: by page and by API, from the trash, too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.actor import Actor
from accounts.models import User
from events.models import TaskEventLog
from tasks.models import Membership, Project, RecurringTask, Role, Status, Task
from tasks.tests.page_reading import HTMX, form_of, text_of

NOW = datetime(2026, 11, 18, 17, 0, tzinfo=UTC)


@pytest.fixture
def task(shared, by, drain):
    """At noon called Pay rent, at one Pay the rent with priority 2, at two completed."""
    with time_machine.travel(datetime(2026, 11, 18, 12, 0, tzinfo=UTC), tick=False):
        made = Task(project=shared, title="Pay rent", description="By **transfer**")
        made.save(by=by)
    with time_machine.travel(datetime(2026, 11, 18, 13, 0, tzinfo=UTC), tick=False):
        made.change(by, title="Pay the rent", priority=3, tags=["home"])
    with time_machine.travel(datetime(2026, 11, 18, 14, 0, tzinfo=UTC), tick=False):
        made.complete(by)
    drain()
    return Task.objects.get(pk=made.pk)


@pytest.fixture
def viewer(outsider, shared):
    Membership.objects.create(project=shared, user=outsider, role=Role.VIEWER)
    return outsider


@pytest.fixture
def page(client, owner):
    client.force_login(owner)
    return client


def address(task):
    return reverse("events:versions", args=[task.pk])


def as_of(client, task, asked):
    return client.get(address(task), {"as_of": asked})


def restoring(task, version):
    return reverse("events:restore-version", args=[task.pk, version])


def restore(client, task, version, **headers):
    """Restore a version with the form that its page shows."""
    shown = as_of(client, task, version)
    return client.post(restoring(task, version), form_of(shown, restoring(task, version)), **headers)


def fresh(task):
    return Task.objects.select_related("project", "parent", "assignee").get(pk=task.pk)


# --- As it was -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "version"),
    [
        ("1", 1),
        ("2026-11-18T12:30", 1),
        ("2026-11-18T13:00", 2),
        ("2026-11-18T15:59+02:00", 2),
        ("2030-01-01T00:00", 3),
        ("2026-11-19", 3),
    ],
)
def test_a_version_or_a_moment(page, task, asked, version):
    response = as_of(page, task, asked)
    assert response.status_code == 200
    assert f"<h1>Version {version}</h1>" in response.content.decode()


def test_a_moment_is_on_the_readers_clock(page, owner, task):
    owner.time_zone = "Asia/Tokyo"
    owner.save()
    assert "<h1>Version 1</h1>" in as_of(page, task, "2026-11-18T21:30").content.decode()


def test_each_field_then_and_now(page, task):
    said = text_of(as_of(page, task, "1"))
    assert "Olga added the task" in said
    assert "Title (changed since) Pay rent Pay the rent" in said
    assert "Description By **transfer** By **transfer**" in said
    assert "Priority (changed since) Priority 4, low Priority 2, high" in said
    assert "Tags (changed since) none @home" in said
    assert "Status (changed since) Pending Completed" in said
    assert "It is the same now." not in said


def test_the_present_version_says_that_it_is(page, task):
    response = as_of(page, task, "3")
    assert "It is the same now." in text_of(response)
    assert "Restore this version" not in text_of(response)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("2026-11-18T11:59", "The task did not exist yet."),
        ("lately", "Enter a date and a time, or the number of a version."),
    ],
)
def test_a_moment_without_a_version(page, task, asked, sentence):
    response = as_of(page, task, asked)
    assert (response.status_code, sentence in text_of(response)) == (422, True)


def test_there_is_no_such_version(page, task):
    assert as_of(page, task, "4").status_code == 404
    assert as_of(page, task, "0").status_code == 404
    assert page.get(address(task))["Location"] == reverse("events:history", args=[task.pk])


def test_a_version_that_the_log_does_not_have_yet(page, task, by):
    task.change(by, title="Rent")
    assert not TaskEventLog.objects.filter(task_id=task.pk, version=4).exists()
    assert "Title Rent Rent" in text_of(as_of(page, task, "4"))


def test_the_history_leads_to_each_earlier_version(page, task):
    html = page.get(reverse("events:history", args=[task.pk])).content.decode()
    linked = [number for number in (1, 2, 3) if f"{address(task)}?as_of={number}" in html]
    assert linked == [1, 2]
    assert 'name="as_of"' in page.get(reverse("tasks:task", args=[task.pk])).content.decode()


def test_a_viewer_looks_and_an_outsider_finds_nothing(client, task, viewer, member):
    client.force_login(viewer)
    shown = as_of(client, task, "1")
    assert (shown.status_code, "Restore this version" in text_of(shown)) == (200, False)
    assert client.post(restoring(task, 1)).status_code == 403
    Membership.objects.filter(user=viewer).delete()
    assert as_of(client, task, "1").status_code == 404
    assert client.post(restoring(task, 1)).status_code == 404
    assert fresh(task).version == 3


def test_what_the_reader_may_not_see_has_no_name(client, owner, member, shared, by, drain):
    private = Project.objects.create(owner=owner, name="Secret plans")
    task = Task(project=private, title="Prepare")
    task.save(by=by)
    task.change(by, project=shared)
    drain()
    client.force_login(member)
    response = as_of(client, task, "1")
    assert "Project (changed since) another project Website" in text_of(response)
    assert "Secret plans" not in response.content.decode()
    assert "That project is gone, or you may not add to it." in text_of(response)


# --- Going back ----------------------------------------------------------------------------------------


def test_restoring_is_one_more_change(page, task, events_of, last_actor_of):
    response = restore(page, task, 1)
    assert response["Location"] == reverse("tasks:task", args=[task.pk])
    now = fresh(task)
    assert (now.title, now.priority, now.tags, now.status) == ("Pay rent", 1, [], Status.PENDING)
    assert events_of(task.pk) == ["task.created", "task.updated", "task.completed", "task.reopened"]
    assert last_actor_of(task.pk) == ("Olga", "web")


def test_it_can_be_undone_and_the_history_keeps_all(page, task, events_of, drain):
    restore(page, task, 2)
    drain()
    toast = page.get(reverse("tasks:task", args=[task.pk])).content.decode()
    assert restoring(task, 3) in toast
    seen = toast.split('name="seen" value="')[1].split('"')[0]
    told = page.post(restoring(task, 3), {"seen": seen}, headers=HTMX)
    assert "is again as it was at version 3" in text_of(told)
    assert fresh(task).status == Status.COMPLETED
    assert events_of(task.pk)[3:] == ["task.reopened", "task.completed"]


def test_an_undo_that_comes_too_late_changes_nothing(page, task, by):
    restore(page, task, 2)
    toast = page.get(reverse("tasks:task", args=[task.pk])).content.decode()
    seen = toast.split('name="seen" value="')[1].split('"')[0]
    fresh(task).change(by, title="Mine")
    told = page.post(restoring(task, 3), {"seen": seen}, headers=HTMX)
    assert "was changed again since" in text_of(told)
    assert (fresh(task).title, fresh(task).status) == ("Mine", Status.PENDING)


def test_what_changed_after_the_page_was_shown_is_shown_first(page, task, member):
    shown = form_of(as_of(page, task, "1"), restoring(task, 1))
    fresh(task).change(Actor.of(member, "api"), title="Pay both rents")
    response = page.post(restoring(task, 1), shown)
    assert response.status_code == 409
    assert "Changed elsewhere." in text_of(response)
    assert "Pay both rents" in text_of(response)
    assert fresh(task).title == "Pay both rents"
    again = form_of(response, restoring(task, 1))
    assert page.post(restoring(task, 1), again).status_code == 302
    assert fresh(task).title == "Pay rent"


def test_a_comment_meanwhile_is_no_conflict(page, task, by):
    shown = form_of(as_of(page, task, "1"), restoring(task, 1))
    fresh(task).announce("commented", {"comment_id": task.pk, "text": "x", "mentions": []}, by)
    assert page.post(restoring(task, 1), shown).status_code == 302


def test_restoring_what_it_is_changes_nothing(page, task, events_of):
    page.post(restoring(task, 3))
    assert len(events_of(task.pk)) == 3


def test_a_deleted_task_comes_back_as_it_was(page, task, by, events_of, drain):
    below = Task(project=task.project, parent=task, title="Find the number")
    below.save(by=by)
    task.trash(by)
    drain()
    assert address(task) in page.get(reverse("events:history", args=[task.pk])).content.decode()
    assert reverse("events:history", args=[task.pk]) in page.get(reverse("tasks:trash")).content.decode()
    assert "In the trash (changed since) no yes" in text_of(as_of(page, task, "2"))
    restore(page, task, 2)
    now = fresh(task)
    assert (now.deleted_at, now.title, now.status) == (None, "Pay the rent", Status.PENDING)
    assert fresh(below).deleted_at is None
    assert events_of(task.pk)[3:] == ["task.deleted", "task.restored"]
    toast = page.get(reverse("tasks:task", args=[task.pk])).content.decode()
    seen = toast.split('name="seen" value="')[1].split('"')[0]
    assert page.post(restoring(task, 4), {"seen": seen})["Location"] == reverse("tasks:trash")
    assert (fresh(task).status, fresh(below).deleted_at is not None) == (Status.COMPLETED, True)


def test_a_deleted_task_does_not_exist_for_who_could_not_restore_it(client, task, viewer, by):
    task.trash(by)
    client.force_login(viewer)
    assert as_of(client, task, "1").status_code == 404
    assert client.get(reverse("events:history", args=[task.pk])).status_code == 404


def test_what_is_gone_stays_as_it_is_and_is_named(page, owner, member, shared, by, drain):
    left = Project.objects.create(owner=owner, name="Left")
    above = Task(project=left, title="Above")
    above.save(by=by)
    task = Task(project=left, parent=above, title="One", due_date=timezone.now() + timedelta(days=3))
    task.save(by=by)
    task.change(by, parent=None, project=shared, title="Two")
    task.change(by, assignee=member)
    task.change(by, assignee=None)
    drain()
    Membership.objects.filter(project=left).delete()
    Membership.objects.filter(user=member, project=shared).delete()
    said = text_of(as_of(page, task, "1"))
    assert "Subtask of : That task is gone, or you may not change it." in said
    assert "Project : That project is gone, or you may not add to it." in said
    restore(page, task, 1)
    now = fresh(task)
    assert (now.title, now.project, now.parent) == ("One", shared, None)
    assert "That person is not in the project any more." in text_of(as_of(page, task, "3"))
    restore(page, task, 3)
    assert (fresh(task).title, fresh(task).assignee) == ("Two", None)


def test_it_goes_back_below_its_parent_and_into_its_project(page, inbox, shared, by, member, drain):
    above = Task(project=shared, title="Above")
    above.save(by=by)
    task = Task(project=shared, parent=above, title="One", assignee=member)
    task.save(by=by)
    task.change(by, parent=None, project=inbox)
    drain()
    restore(page, task, 1)
    now = fresh(task)
    assert (now.parent, now.project, now.assignee) == (above, shared, member)


def test_it_goes_back_into_the_trash_of_another_project_with_all_below_it(page, inbox, shared, by, drain):
    task = Task(project=shared, title="Upper")
    task.save(by=by)
    below = Task(project=shared, parent=task, title="Lower")
    below.save(by=by)
    task.change(by, project=inbox)
    task.trash(by)
    drain()
    restore(page, task, 1)
    assert (fresh(task).project, fresh(below).project, fresh(below).deleted_at) == (shared, shared, None)
    drain()
    restore(page, task, 3)
    now = fresh(task)
    assert (now.project, fresh(below).project) == (inbox, inbox)
    assert now.deleted_at is not None
    assert now.deleted_at == fresh(below).deleted_at


def test_it_never_goes_below_itself(page, shared, by, drain):
    upper, lower = Task(project=shared, title="Upper"), Task(project=shared, title="Lower")
    upper.save(by=by)
    lower.save(by=by)
    upper.change(by, parent=lower, title="Up")
    upper.change(by, parent=None, title="Upper")
    lower.change(by, parent=upper)
    drain()
    assert "That task is gone, or you may not change it." in text_of(as_of(page, upper, "2"))
    restore(page, upper, 2)
    assert (fresh(upper).parent, fresh(upper).title) == (None, "Up")


def test_an_occurrence_stays_one(page, inbox, by, drain):
    series = RecurringTask(
        project=inbox, title="Water", rrule="FREQ=DAILY", start_date=timezone.now().date(), time_zone="UTC"
    )
    task = series.begin(by)
    task.change(by, title="Water the ferns")
    series.refresh_from_db()
    series.end(by)
    drain()
    assert "Repeats : Whether it repeats stays as it is now." in text_of(as_of(page, task, "1"))
    restore(page, task, 1)
    assert (fresh(task).title, fresh(task).recurring_task_id) == ("Water", None)


def test_queries(page, task, by, member, inbox, django_assert_num_queries, drain):
    task.change(by, assignee=member, project=task.project)
    task.change(by, project=inbox)
    drain()
    as_of(page, task, "4")
    with django_assert_num_queries(8):
        # session, user, task, event; roles in that project; names of projects and people; the sidebar
        as_of(page, task, "4")


# --- In the API ----------------------------------------------------------------------------------------


def test_a_version_in_the_api(api_of, owner, task):
    body = api_of(owner).get(f"/api/tasks/{task.pk}/versions/1").json()
    assert set(body) == {"version", "type", "occurred_at", "actor", "task", "differences"}
    assert (body["version"], body["type"], body["task"]["title"]) == (1, "task.created", "Pay rent")
    assert body["differences"] == {
        "title": {"then": "Pay rent", "now": "Pay the rent"},
        "status": {"then": "pending", "now": "completed"},
        "priority": {"then": "low", "now": "high"},
        "tags": {"then": [], "now": ["home"]},
    }
    assert api_of(owner).get(f"/api/tasks/{task.pk}/versions/9").status_code == 404
    assert api_of(owner).get(f"/api/tasks/{task.pk}/versions/9999999999").status_code == 404


def test_the_version_at_a_moment_in_the_api(api_of, owner, task):
    path = f"/api/tasks/{task.pk}/history"
    assert api_of(owner).get(f"{path}?as_of=2026-11-18T13:30:00Z").json()["items"][0]["version"] == 2
    assert api_of(owner).get(f"{path}?as_of=2026-11-18").json()["items"] == []
    assert api_of(owner).get(f"{path}?as_of=lately").status_code == 400


def test_restoring_by_the_api(api_of, owner, member, task, last_actor_of):
    path = f"/api/tasks/{task.pk}/restore-version"
    stale = api_of(member).post(path, {"version": 1}, headers={"If-Match": '"2"'})
    assert stale.status_code == 412
    answer = api_of(member).post(path, {"version": 1}, headers={"If-Match": '"3"'})
    assert (answer.status_code, answer["ETag"]) == (200, '"4"')
    assert (answer.json()["task"]["title"], answer.json()["stays"]) == ("Pay rent", {})
    assert last_actor_of(task.pk) == ("Milo", "api")


@pytest.mark.parametrize("body", [{}, {"version": 0}, {"version": "x"}, {"version": 1, "other": 2}])
def test_the_api_names_what_is_wrong(api_of, owner, task, body):
    answer = api_of(owner).post(f"/api/tasks/{task.pk}/restore-version", body)
    assert answer.status_code == 400
    assert fresh(task).version == 3


def test_the_api_takes_a_task_out_of_the_trash(api_of, owner, viewer, task, by):
    task.trash(by)
    path = f"/api/tasks/{task.pk}"
    assert api_of(viewer).get(f"{path}/versions/1").status_code == 404
    assert api_of(owner).get(f"{path}/versions/1").json()["differences"]["deleted_at"]["then"] is None
    assert api_of(owner).post(f"{path}/restore-version", {"version": 9}).status_code == 404
    assert api_of(owner).post(f"{path}/restore-version", {"version": 2}).status_code == 200
    assert fresh(task).deleted_at is None


def test_queries_of_the_api(api_of, owner, task, django_assert_num_queries):
    client = api_of(owner)
    with django_assert_num_queries(4):  # session, user, task, event
        client.get(f"/api/tasks/{task.pk}/versions/1")


@pytest.fixture
def api_of():
    def client(person: User) -> APIClient:
        made = APIClient()
        made.force_login(person)
        return made

    return client
