"""Many tasks at once on the pages: rows that are ticked, moved, and taken back, with and without a script."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from tasks.models import Membership, Project, Role, Task
from tasks.tests.list_reading import HTMX, body_of, groups_in, titles_in, toasts_in, undo_in


@pytest.fixture
def three(reader, inbox, by):
    made = [Task(project=inbox, title=f"Task {number}") for number in range(3)]
    for task in made:
        task.save(by=by)
    return made


def ticked(tasks):
    return [f"{task.pk}:{task.version}" for task in tasks]


def send(client, tasks, action, **more):
    return client.post(reverse("tasks:bulk"), {"tasks": ticked(tasks), "action": action, **more}, follow=True)


def fresh(tasks):
    return [Task.objects.get(pk=task.pk) for task in tasks]


def test_each_row_can_be_ticked_and_the_checkboxes_can_be_shown(client, three):
    body = body_of(client.get("/inbox"))
    for value in ticked(three):
        assert f'form="bulk-form" name="tasks" value="{value}"' in body
    assert "data-selecting" not in body
    assert 'href="?select=1"' in body
    assert "data-selecting" in body_of(client.get("/inbox?select=1"))


def test_the_ticked_ones_are_completed_and_one_undo_reopens_all(client, three):
    response = send(client, three[:2], "complete")
    assert toasts_in(response) == ["Completed 2 tasks Undo"]
    assert [task.status for task in fresh(three)] == ["completed", "completed", "pending"]
    address, values = undo_in(response)
    undone = client.post(address, values, follow=True)
    assert toasts_in(undone) == ["Took back 2 changes"]
    assert [task.status for task in fresh(three)] == ["pending"] * 3
    assert "taken back already" in toasts_in(client.post(address, values, follow=True))[0]


@pytest.mark.parametrize(
    ("action", "more", "column", "value"),
    [
        ("priority=4", {}, "priority", 4),
        ("due", {"due": "2026-12-05"}, "due_date", datetime(2026, 12, 5, tzinfo=UTC)),
        ("due", {"due": ""}, "due_date", None),
        ("tag", {"tag": "@calls"}, "tags", ["calls"]),
        ("reopen", {}, "status", "pending"),
    ],
)
def test_each_change(client, three, action, more, column, value):
    send(client, three, action, **more)
    assert [getattr(task, column) for task in fresh(three)] == [value] * 3


def test_moving_and_deleting(client, three, shared):
    send(client, three, "project", project=str(shared.pk))
    assert {task.project for task in fresh(three)} == {shared}
    assert toasts_in(send(client, fresh(three), "delete")) == ["Moved 3 tasks to the trash Undo"]
    assert not Task.objects.alive().exists()


def test_a_task_that_changed_elsewhere_is_named_and_the_rest_is_done(client, three, by):
    Task.objects.get(pk=three[0].pk).change(by, title="Renamed <b>")
    response = send(client, three, "complete")
    assert toasts_in(response) == [
        "Completed 2 tasks Undo",
        "“Renamed <b>”: It was changed elsewhere meanwhile.",
    ]
    assert [task.status for task in fresh(three)] == ["pending", "completed", "completed"]


@pytest.mark.parametrize(
    ("action", "more", "sentence"),
    [
        ("due", {"due": "someday soon"}, "is not clear"),
        ("tag", {"tag": "two words"}, "A tag is one word"),
        ("tag", {}, "A tag is one word"),
        ("project", {"project": "x"}, "Choose a project"),
    ],
)
def test_what_makes_no_sense_changes_nothing_and_is_said(client, three, action, more, sentence):
    assert sentence in toasts_in(send(client, three, action, **more))[0]
    assert [task.version for task in fresh(three)] == [1, 1, 1]


def test_nothing_ticked_and_nonsense(client, three):
    assert toasts_in(send(client, [], "complete")) == ["Choose some tasks first."]
    assert client.post(reverse("tasks:bulk"), {"tasks": "x", "action": "complete"}).status_code == 404
    assert send(client, three, "explode").status_code == 404


def test_htmx_gets_the_toast_and_the_news(client, three):
    response = client.post(
        reverse("tasks:bulk"), {"tasks": ticked(three), "action": "complete"}, headers=HTMX
    )
    assert "task-changed" in response["HX-Trigger"]
    assert toasts_in(response) == ["Completed 3 tasks Undo"]


# --- One task to another place --------------------------------------------------------------------------


def place(client, task, **values):
    return client.post(reverse("tasks:place", args=[task.pk]), values, follow=True)


def test_dragging_between_two_others(client, three):
    first, second, third = three
    place(client, third, before_id=first.pk, after_id=second.pk, version=1)
    assert titles_in(client.get("/inbox")) == ["Task 0", "Task 2", "Task 1"]
    response = place(client, second, before_id="", after_id=first.pk, version=1)
    assert titles_in(client.get("/inbox")) == ["Task 1", "Task 0", "Task 2"]
    client.post(*undo_in(response))
    assert titles_in(client.get("/inbox")) == ["Task 0", "Task 2", "Task 1"]


def test_the_menu_moves_up_and_down_and_stops_at_the_ends(client, three):
    for which, step, titles in [
        (2, "up", ["Task 0", "Task 2", "Task 1"]),
        (2, "up", ["Task 2", "Task 0", "Task 1"]),
        (2, "up", ["Task 2", "Task 0", "Task 1"]),
        (2, "down", ["Task 0", "Task 2", "Task 1"]),
        (0, "down", ["Task 2", "Task 0", "Task 1"]),
        (1, "down", ["Task 2", "Task 0", "Task 1"]),
    ]:
        place(client, three[which], step=step)
        assert titles_in(client.get("/inbox")) == titles


def test_tasks_that_were_added_in_one_instant_can_be_told_apart(client, reader, inbox):
    made = Task.objects.bulk_create([Task(project=inbox, title=f"T{n}", position="5") for n in range(3)])
    by_key = sorted(made, key=lambda task: task.pk)
    place(client, by_key[2], before_id=by_key[0].pk, after_id=by_key[1].pk)
    assert titles_in(client.get("/inbox"))[-1] == by_key[2].title
    place(client, by_key[2], step="up")
    assert client.get("/inbox").status_code == 200


def test_a_stale_version_or_place_changes_nothing(client, three, by, shared):
    Task.objects.get(pk=three[2].pk).change(by, title="Newer")
    assert "changed elsewhere" in toasts_in(place(client, three[2], step="up", version=1))[0]
    elsewhere = Task(project=shared, title="Elsewhere")
    elsewhere.save(by=by)
    assert "Move it once more" in toasts_in(place(client, three[1], before_id=elsewhere.pk))[0]
    assert titles_in(client.get("/inbox")) == ["Task 0", "Task 1", "Newer"]
    for wrong in (
        {"before_id": "x"},
        {"day": "soon"},
        {"priority": "9"},
        {"status": "gone"},
        {"version": "x"},
    ):
        assert place(client, three[0], **wrong).status_code == 400


@pytest.mark.parametrize(
    ("name", "value", "column", "after"),
    [
        ("status", "in_progress", "status", "in_progress"),
        ("priority", "4", "priority", 4),
        ("day", "2026-12-05", "due_date", datetime(2026, 12, 5, tzinfo=UTC)),
    ],
)
def test_dropping_on_a_column_or_a_day_sets_it(client, three, name, value, column, after):
    place(client, three[0], **{name: value}, version=1)
    assert getattr(fresh(three)[0], column) == after


def test_a_viewer_and_an_outsider_move_nothing(client, owner, three, member, outsider, by):
    project = Project.objects.create(owner=owner, name="Seen")
    Membership.objects.create(project=project, user=member, role=Role.VIEWER)
    task = Task(project=project, title="Seen")
    task.save(by=by)
    client.force_login(member)
    assert place(client, task, step="up").status_code == 403
    assert "tick-select" not in body_of(client.get(f"/projects/{project.pk}"))
    client.force_login(outsider)
    assert place(client, task, step="up").status_code == 404
    assert Task.objects.get(pk=task.pk).version == 1


def test_upcoming_moves_by_day_also_without_a_script(client, reader, inbox, by):
    day = reader.today().replace(year=reader.today().year + 1)
    task = Task(
        project=inbox,
        title="Later",
        due_date=datetime.combine(day, datetime.min.time(), UTC),
        due_all_day=True,
    )
    task.save(by=by)
    assert "Later" in str(groups_in(client.get("/upcoming")))
    body = body_of(client.get("/upcoming"))
    assert 'data-sortable="day"' in body
    later = date.fromordinal(day.toordinal() + 1)
    assert f'name="day" value="{later}"' in body
    place(client, task, day=str(later))
    assert fresh([task])[0].due_date.date() == later
