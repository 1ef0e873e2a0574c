"""Many tasks at once: each is changed on its own, those that cannot be are named, one undo takes all back."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.actor import Actor
from tasks import many
from tasks.models import Batch, Membership, Project, Role, Task

TOMORROW = date(2026, 11, 21)


@pytest.fixture
def three(inbox, by):
    made = [Task(project=inbox, title=f"Task {number}", tags=["a"]) for number in range(3)]
    for task in made:
        task.save(by=by)
    return made


def do(tasks, change, user, by):
    return many.change_many({task.pk: None for task in tasks}, change, user, by)


def results(done):
    return [each.result for each in done.outcomes]


def fresh(tasks):
    return [Task.objects.get(pk=task.pk) for task in tasks]


CHANGES = {
    "complete": (lambda user, other: many.complete, "status", ("pending", "completed")),
    "status": (lambda user, other: many.set_status("in_progress"), "status", ("pending", "in_progress")),
    "priority": (lambda user, other: many.set_priority(4), "priority", (1, 4)),
    "tag": (lambda user, other: many.add_tag("@b"), "tags", (["a"], ["a", "b"])),
    "untag": (lambda user, other: many.remove_tag("@a"), "tags", (["a"], [])),
    "day": (
        lambda user, other: many.set_day(TOMORROW, user),
        "due_date",
        (None, datetime(2026, 11, 21, tzinfo=UTC)),
    ),
    "trash": (lambda user, other: many.trash, "deleted_at", (None, "a time")),
}


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_and_its_undo_are_recorded_for_every_task(three, owner, by, shared, events_of, name):
    make, column, (before, after) = CHANGES[name]
    done = do(three, make(owner, shared), owner, by)
    assert results(done) == ["changed"] * 3
    values = [getattr(task, column) for task in fresh(three)]
    assert values == [after] * 3 if after != "a time" else all(values)
    undone = many.undo(done.batch.pk, owner, by)
    assert results(undone) == ["changed"] * 3
    assert [getattr(task, column) for task in fresh(three)] == [before] * 3
    for task in fresh(three):
        assert task.version == 3
        assert len(events_of(task.pk)) == 3


def test_moving_to_a_project_takes_subtasks_along_and_back(three, inbox, shared, owner, by):
    part = Task(project=inbox, title="Part", parent=three[0])
    part.save(by=by)
    done = do([*three, part], many.move_to(shared), owner, by)
    assert results(done) == ["changed", "changed", "changed", "unchanged"]
    assert {task.project_id for task in fresh([*three, part])} == {shared.pk}
    many.undo(done.batch.pk, owner, by)
    assert {task.project_id for task in fresh([*three, part])} == {inbox.pk}


def test_a_subtask_alone_is_not_moved_and_says_why(three, inbox, shared, owner, by):
    part = Task(project=inbox, title="Part", parent=three[0])
    part.save(by=by)
    done = do([part, three[1]], many.move_to(shared), owner, by)
    assert results(done) == ["refused", "changed"]
    assert "Move that one" in done.outcomes[0].detail


def test_a_parent_and_its_part_go_to_the_trash_and_come_back(three, inbox, owner, by):
    part = Task(project=inbox, title="Part", parent=three[0])
    part.save(by=by)
    done = do([part, three[0]], many.trash, owner, by)
    assert not Task.objects.alive().filter(pk__in=[part.pk, three[0].pk]).exists()
    many.undo(done.batch.pk, owner, by)
    assert Task.objects.alive().filter(pk__in=[part.pk, three[0].pk]).count() == 2


def test_the_time_of_day_stays_when_the_day_changes(owner, inbox, by):
    owner.time_zone = "Europe/Berlin"
    owner.save()
    at = datetime(2026, 10, 20, 7, 30, tzinfo=UTC)  # 9:30 in summer time
    task = Task(project=inbox, title="Timed", due_date=at)
    task.save(by=by)
    do([task], many.set_day(TOMORROW, owner), owner, by)
    assert fresh([task])[0].due_date == datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
    do([task], many.set_day(None, owner), owner, by)
    assert fresh([task])[0].due_date is None


def test_what_cannot_be_changed_is_named_and_the_rest_is_done(three, owner, member, shared, outsider, by):
    read_only = Project.objects.create(owner=member, name="Theirs")
    Membership.objects.create(project=read_only, user=owner, role=Role.VIEWER)
    theirs = Task(project=read_only, title="Look only")
    theirs.save(by=by)
    foreign = Task(project=Project.objects.inbox_of(outsider), title="Secret")
    foreign.save(by=by)
    three[1].change(by, description="Changed elsewhere")
    wanted = {three[0].pk: 1, three[1].pk: 1, theirs.pk: None, foreign.pk: None, uuid4(): None}
    done = many.change_many(wanted, many.complete, owner, by)
    assert results(done) == ["changed", "stale", "read_only", "missing", "missing"]
    assert [each.title for each in done.outcomes] == ["Task 0", "Task 1", "Look only", "", ""]
    assert all(each.detail for each in done.failed)
    assert [task.status for task in fresh([three[1], theirs, foreign])] == ["pending"] * 3


def test_undo_leaves_alone_what_was_changed_since(three, owner, by):
    done = do(three, many.set_priority(4), owner, by)
    fresh(three)[0].change(by, priority=2)
    fresh(three)[1].change(by, title="Renamed since")
    assert results(many.undo(done.batch.pk, owner, by)) == ["stale", "changed", "changed"]
    assert [task.priority for task in fresh(three)] == [2, 1, 1]
    assert fresh(three)[1].title == "Renamed since"


def test_undo_works_once_for_its_owner_and_for_a_day(three, owner, member, by):
    done = do(three, many.complete, owner, by)
    with pytest.raises(Batch.DoesNotExist):
        many.undo(done.batch.pk, member, Actor.of(member, "web"))
    many.undo(done.batch.pk, owner, by)
    with pytest.raises(Batch.DoesNotExist):
        many.undo(done.batch.pk, owner, by)
    again = do(three, many.complete, owner, by).batch
    Batch.objects.filter(pk=again.pk).update(created_at=timezone.now() - timedelta(days=1, seconds=1))
    with pytest.raises(Batch.DoesNotExist):
        many.undo(again.pk, owner, by)
    do(three, many.reopen, owner, by)
    assert not Batch.objects.filter(pk=again.pk).exists()


def test_what_is_so_already_is_unchanged_and_has_no_undo(three, owner, by, events_of):
    done = do(three, many.set_priority(1), owner, by)
    assert results(done) == ["unchanged"] * 3
    assert done.batch is None
    assert events_of(three[0].pk) == ["task.created"]


# --- The API --------------------------------------------------------------------------------------------


def body(tasks, action, **more):
    return {"tasks": [{"id": str(task.pk), "version": 1} for task in tasks], "action": action, **more}


@pytest.mark.parametrize(
    ("action", "value", "column", "after"),
    [
        ("complete", None, "status", "completed"),
        ("delete", None, None, None),
        ("due_date", "2026-11-21", "due_date", datetime(2026, 11, 21, tzinfo=UTC)),
        ("priority", "urgent", "priority", 4),
        ("add_tag", "@b", "tags", ["a", "b"]),
        ("remove_tag", "a", "tags", []),
    ],
)
def test_the_api_does_the_same_with_results_and_undo(api, owner, three, action, value, column, after):
    given = body(three, action) if value is None else body(three, action, value=value)
    answer = api(owner).post("/api/tasks/bulk", given)
    assert answer.status_code == 200, answer.content
    assert [each["result"] for each in answer.json()["results"]] == ["changed"] * 3
    assert [each["version"] for each in answer.json()["results"]] == [2, 2, 2]
    if column:
        assert [getattr(task, column) for task in fresh(three)] == [after] * 3
    undone = api(owner).post(f"/api/tasks/bulk/{answer.json()['undo']}/undo")
    assert [each["result"] for each in undone.json()["results"]] == ["changed"] * 3
    assert api(owner).post(f"/api/tasks/bulk/{answer.json()['undo']}/undo").status_code == 404


def test_the_api_moves_only_to_projects_of_ones_own(api, owner, three, shared, outsider):
    foreign = Project.objects.create(owner=outsider, name="Foreign")
    refused = api(owner).post("/api/tasks/bulk", body(three, "project", value=str(foreign.pk)))
    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["value"])
    api(owner).post("/api/tasks/bulk", body(three, "project", value=str(shared.pk)))
    assert {task.project_id for task in fresh(three)} == {shared.pk}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"tasks": [], "action": "complete"}, "tasks"),
        ({"tasks": ["x"], "action": "complete"}, "tasks"),
        ({"tasks": [{"id": "x"}], "action": "complete"}, "tasks"),
        ({"tasks": [{"id": str(uuid4()), "version": "1"}], "action": "complete"}, "tasks"),
        ({"tasks": [{"id": str(uuid4())} for _ in range(201)], "action": "complete"}, "tasks"),
        ({"tasks": [{"id": str(uuid4())}], "action": "explode"}, "action"),
        ({"tasks": [{"id": str(uuid4())}], "action": "complete", "value": 1}, "value"),
        ({"tasks": [{"id": str(uuid4())}], "action": "priority"}, "value"),
        ({"tasks": [{"id": str(uuid4())}], "action": "priority", "value": []}, "value"),
        ({"tasks": [{"id": str(uuid4())}], "action": "due_date", "value": "soon"}, "value"),
        ({"tasks": [{"id": str(uuid4())}], "action": "add_tag", "value": "two words"}, "value"),
        ({"tasks": [{"id": str(uuid4())}], "action": "add_tag", "value": "a\0b"}, "value"),
        ({"tasks": [{"id": str(uuid4())}], "action": "add_tag", "value": "a\x7fb"}, "value"),
    ],
)
def test_the_api_names_what_is_wrong(api, owner, given, field):
    answer = api(owner).post("/api/tasks/bulk", given)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


def test_queries_grow_only_with_what_is_written(api, owner, three, django_assert_num_queries):
    client = api(owner)
    # session, user, transaction (2), tasks, old batches, batch; and for each task a savepoint s (4), a row, its event
    with django_assert_num_queries(7 + 3 * 6):
        client.post("/api/tasks/bulk", body(three, "priority", value="urgent"))
