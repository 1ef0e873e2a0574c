"""Ticks, the trash and back again: with and without a script, for each who may and may not."""

import json

import pytest
from django.urls import reverse

from accounts.actor import SYSTEM
from tasks.models import Membership, Project, RecurringTask, Role, Status, Task
from tasks.tests.list_reading import HTMX, body_of, events_of, last_actor_of, toasts_in, undo_in


@pytest.fixture
def task(shared, by):
    task = Task(project=shared, title="Pay <rent>")
    task.save(by=by)
    return task


@pytest.fixture
def viewer(django_user_model, shared):
    user = django_user_model.objects.create_user("vera@example.com", "correct horse", display_name="Vera")
    Membership.objects.create(project=shared, user=user, role=Role.VIEWER)
    return user


def act(client, name, task, headers=None, **data):
    return client.post(reverse(f"tasks:{name}", args=[task.pk]), data, headers=headers)


@pytest.mark.parametrize("person", ["owner", "member"])
def test_a_tick_completes_and_returns_to_the_page(client, task, request, person):
    user = request.getfixturevalue(person)
    client.force_login(user)
    response = act(client, "complete", task, {"Referer": "http://testserver/upcoming"}, status="completed")
    assert (response.status_code, response["Location"]) == (302, "http://testserver/upcoming")
    task.refresh_from_db()
    assert (task.status, task.completed_at is not None, task.version) == (Status.COMPLETED, True, 2)
    assert events_of(task) == ["task.created", "task.completed"]
    assert last_actor_of(task) == {"id": str(user.pk), "name": user.get_full_name(), "via": "web"}


def test_a_tick_by_a_script_answers_with_a_toast_and_the_news(client, owner, task):
    client.force_login(owner)
    response = act(client, "complete", task, HTMX, status="completed")
    assert response.status_code == 200
    assert toasts_in(response) == ["Completed “Pay <rent>” Undo"]
    assert 'id="toasts" hx-swap-oob="beforeend"' in body_of(response)
    assert json.loads(response["HX-Trigger"]) == {"task-changed": {"task": str(task.pk), "version": 2}}


def test_a_tick_of_a_series_also_announces_the_next_occurrence(client, owner, inbox, by):
    task = RecurringTask(
        project=inbox, title="Water", rrule="FREQ=DAILY", start_date=owner.today(), time_zone="UTC"
    ).begin(by)
    client.force_login(owner)
    response = act(client, "complete", task, HTMX, status="completed")
    assert set(json.loads(response["HX-Trigger"])) == {"task-changed", "next-occurrence"}


def test_the_same_tick_twice_is_one_change(client, owner, task):
    client.force_login(owner)
    act(client, "complete", task, status="completed")
    response = act(client, "complete", task, HTMX, status="completed")
    assert toasts_in(response)[-1] == "“Pay <rent>” was completed already."
    assert events_of(task) == ["task.created", "task.completed"]


def test_a_tick_from_a_page_that_is_not_up_to_date_counts(client, owner, task, by):
    client.force_login(owner)
    task.change(by, title="Pay the rent")
    task.announce("due_soon", {"deadline_at": task.created_at, "late_seconds": 0})
    response = act(client, "complete", task, HTMX, status="completed")
    assert toasts_in(response) == ["Completed “Pay the rent” Undo"]
    task.refresh_from_db()
    assert (task.status, task.version) == (Status.COMPLETED, 4)


@pytest.mark.parametrize("before", ["pending", "in_progress"])
def test_undo_brings_back_the_status_that_was(client, owner, task, by, before):
    task.change(by, status=before)
    client.force_login(owner)
    address, values = undo_in(act(client, "complete", task, HTMX, status="completed"))
    response = client.post(address, values, headers=HTMX)
    task.refresh_from_db()
    assert (task.status, task.completed_at) == (before, None)
    assert toasts_in(response)[-1] == "Reopened “Pay <rent>” Undo"
    assert events_of(task)[-2:] == ["task.completed", "task.reopened"]


def test_undo_without_a_script_is_a_button_of_the_next_page(client, owner, task):
    client.force_login(owner)
    page = client.post(reverse("tasks:complete", args=[task.pk]), {"status": "completed"}, follow=True)
    assert toasts_in(page) == ["Completed “Pay <rent>” Undo"]
    assert "Pay &lt;rent&gt;" in body_of(page)
    assert 'form="page-form"' in body_of(page)
    address, values = undo_in(page)
    client.post(address, values)
    assert Task.objects.get(pk=task.pk).status == Status.PENDING


def test_deleting_moves_to_the_trash_and_undo_restores(client, owner, task, by):
    subtask = Task(project=task.project, parent=task, title="Look up the account")
    subtask.save(by=by)
    client.force_login(owner)
    response = act(client, "delete", task, HTMX)
    assert toasts_in(response) == ["Moved “Pay <rent>” to the trash Undo"]
    assert not Task.objects.alive().exists()
    address, values = undo_in(response)
    assert toasts_in(client.post(address, values, headers=HTMX)) == ["Restored “Pay <rent>” to Website"]
    assert set(Task.objects.alive()) == {task, subtask}
    assert events_of(task) == ["task.created", "task.deleted", "task.restored"]
    assert events_of(subtask) == ["task.created", "task.deleted", "task.restored"]


def test_restoring_twice_is_one_change(client, owner, task):
    task.trash(SYSTEM)
    client.force_login(owner)
    for _ in range(2):
        assert act(client, "restore", task).status_code == 302
    assert events_of(task) == ["task.created", "task.deleted", "task.restored"]


@pytest.mark.parametrize("name", ["complete", "delete", "restore"])
class TestAccess:
    def test_somebody_who_may_only_look(self, client, viewer, task, name):
        client.force_login(viewer)
        assert act(client, name, task).status_code in {403, 404}
        assert events_of(task) == ["task.created"]

    def test_an_outsider(self, client, outsider, task, name):
        client.force_login(outsider)
        assert act(client, name, task).status_code == 404
        assert events_of(task) == ["task.created"]

    def test_nobody(self, client, task, name):
        response = act(client, name, task)
        assert (response.status_code, response["Location"].split("?")[0]) == (302, reverse("account_login"))
        assert act(client, name, task, HTMX).status_code == 403
        assert events_of(task) == ["task.created"]

    def test_only_by_post(self, client, owner, task, name):
        client.force_login(owner)
        assert client.get(reverse(f"tasks:{name}", args=[task.pk])).status_code == 405


def test_somebody_elses_trash_cannot_be_restored_from(client, outsider, viewer, task):
    task.trash(SYSTEM)
    for person in (outsider, viewer):
        client.force_login(person)
        assert act(client, "restore", task).status_code == 404
    assert Task.objects.get(pk=task.pk).deleted_at is not None


def test_an_unknown_status_is_refused(client, owner, task):
    client.force_login(owner)
    assert act(client, "complete", task, status="done").status_code == 400
    assert events_of(task) == ["task.created"]


@pytest.mark.parametrize(
    "address", ["https://evil.example/today", "//evil.example", "javascript:alert(1)", "nowhere", "http"]
)
def test_the_way_back_never_leads_elsewhere(client, owner, task, address):
    client.force_login(owner)
    response = act(client, "complete", task, {"Referer": address}, status="completed", next=address)
    assert response["Location"] == reverse("tasks:today")


def test_a_project_that_is_gone_gives_back_to_the_inbox(client, owner, inbox, by):
    project = Project.objects.create(owner=owner, name="Garden")
    task = Task(project=project, title="Prune")
    task.save(by=by)
    project.trash(by)
    client.force_login(owner)
    response = act(client, "restore", task, HTMX)
    assert toasts_in(response) == ["Restored “Prune” to Inbox"]
    assert Task.objects.get(pk=task.pk).project == inbox
