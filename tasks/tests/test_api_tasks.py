"""/api/tasks: what one task goes through, for whom, and what is refused."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from tasks.models import Project, RecurringTask, Task
from tasks.models.task_queryset import TaskQuerySet
from tasks.tests.factories import TaskFactory

FIELDS = {
    "id", "title", "description", "status", "priority", "tags", "due_date", "due_all_day", "is_due_soon",
    "is_overdue", "is_recurring", "recurrence_rule", "recurring_task", "reminders", "project", "assignee", "parent",
    "position", "completed_at", "created_at", "updated_at", "version",
}  # fmt: skip


@pytest.fixture
def task(shared, by):
    made = Task(project=shared, title="Write the copy", priority=3, tags=["web"])
    made.save(by=by)
    return made


# --- Creating --------------------------------------------------------------------------------------------


def test_a_task_needs_a_title_only(api, owner, inbox, events_of, last_actor_of):
    answer = api(owner).post("/api/tasks", {"title": "  Buy milk "})
    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == FIELDS
    expected = {
        "title": "Buy milk", "description": "", "status": "pending", "priority": "low", "tags": [],
        "due_date": None, "due_all_day": False, "is_due_soon": False, "is_overdue": False,
        "is_recurring": False, "recurrence_rule": None, "recurring_task": None, "reminders": [],
        "project": str(inbox.pk), "assignee": None, "parent": None, "completed_at": None, "version": 1,
    }  # fmt: skip
    assert {name: body[name] for name in expected} == expected
    assert answer["Location"] == f"/api/tasks/{body['id']}"
    assert answer["ETag"] == '"1"'
    assert events_of(body["id"]) == ["task.created"]
    assert last_actor_of(body["id"]) == ("Olga", "api")


def test_a_task_with_everything(api, owner, shared):
    parent = TaskFactory(project=shared)
    answer = api(owner).post(
        "/api/tasks",
        {
            "title": "Call Zoë",
            "description": "About **the** house",
            "status": "in_progress",
            "priority": "urgent",
            "tags": ["@phone", "home", "phone"],
            "due_date": "2026-11-20T15:15:00+01:00",
            "project": str(shared.pk),
            "parent": str(parent.pk),
            "position": "h",
            "reminders": [{"minutes_before": 30}, {"at": "2026-11-19T09:00:00Z"}],
        },
    )
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert body["due_date"] == "2026-11-20T14:15:00Z"
    assert (body["status"], body["priority"], body["tags"]) == ("in_progress", "urgent", ["phone", "home"])
    assert (body["project"], body["parent"], body["position"]) == (str(shared.pk), str(parent.pk), "h")
    assert [{**wish, "id": None} for wish in body["reminders"]] == [
        {"id": None, "minutes_before": 30},
        {"id": None, "at": "2026-11-19T09:00:00Z"},
    ]


def test_a_date_stays_a_date(api, owner):
    owner.time_zone = "Pacific/Auckland"
    owner.save()
    body = api(owner).post("/api/tasks", {"title": "Post", "due_date": "2026-11-20"}).json()
    assert (body["due_date"], body["due_all_day"]) == ("2026-11-20", True)
    assert Task.objects.get().due_date == datetime(2026, 11, 20, tzinfo=UTC)


def test_a_time_without_an_offset_is_on_the_persons_clock(api, owner):
    owner.time_zone = "Europe/Berlin"
    owner.save()
    body = api(owner).post("/api/tasks", {"title": "Post", "due_date": "2026-11-20T09:00"}).json()
    assert (body["due_date"], body["due_all_day"]) == ("2026-11-20T08:00:00Z", False)


def test_a_subtask_goes_where_its_parent_is(api, owner, shared, task):
    body = api(owner).post("/api/tasks", {"title": "Part", "parent": str(task.pk)}).json()
    assert body["project"] == str(shared.pk)


def test_reminder_at_is_short_for_one_reminder(api, owner):
    at = timezone.now().replace(microsecond=0) + timedelta(days=2)
    body = api(owner).post("/api/tasks", {"title": "Call", "reminder_at": at.isoformat()}).json()
    assert [wish["at"] for wish in body["reminders"]] == [at.isoformat().replace("+00:00", "Z")]
    assert Task.objects.get().reminder_rows.get().fire_at == at


def test_a_task_can_be_created_completed(api, owner, events_of):
    body = api(owner).post("/api/tasks", {"title": "Done already", "status": "completed"}).json()
    assert body["status"] == "completed"
    assert body["completed_at"] is not None
    assert events_of(body["id"]) == ["task.created", "task.completed"]


# --- Reading ---------------------------------------------------------------------------------------------


def test_a_task_reads_as_it_was_written(api, owner, task):
    answer = api(owner).get(f"/api/tasks/{task.pk}")
    assert answer.status_code == 200
    assert set(answer.json()) == FIELDS
    assert answer.json()["title"] == "Write the copy"
    assert answer["ETag"] == '"1"'


def test_every_way_of_answering_a_task_gives_the_same(api, owner):
    client = api(owner)
    made = client.post(
        "/api/tasks",
        {
            "title": "T",
            "due_date": "2030-05-01",
            "reminders": [{"minutes_before": 5}],
            "recurrence_rule": "daily",
        },
    )
    body = made.json()
    path = f"/api/tasks/{body['id']}"
    assert client.get(path).json() == body
    assert client.patch(path, {}).json() == body
    assert client.get("/api/tasks").json()["items"] == [body]


@pytest.mark.parametrize(
    ("due", "is_due_soon", "is_overdue"),
    [
        (timedelta(hours=23), True, False),
        (timedelta(hours=25), False, False),
        (timedelta(minutes=-1), False, True),
    ],
)
def test_due_soon_and_overdue(api, owner, inbox, due, is_due_soon, is_overdue):
    task = TaskFactory(project=inbox, due_date=timezone.now() + due)
    path = f"/api/tasks/{task.pk}"
    body = api(owner).get(path).json()
    assert (body["is_due_soon"], body["is_overdue"]) == (is_due_soon, is_overdue)
    done = api(owner).post(f"{path}/complete").json()
    assert (done["is_due_soon"], done["is_overdue"]) == (False, False)


def test_an_unchanged_task_is_not_sent_again(api, owner, task):
    client, path = api(owner), f"/api/tasks/{task.pk}"
    for tag in ('"1"', 'W/"1"', '"7", "1"', "*"):
        answer = client.get(path, headers={"If-None-Match": tag})
        assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", '"1"')
    assert client.get(path, headers={"If-None-Match": '"2"'}).status_code == 200


# --- Changing --------------------------------------------------------------------------------------------


def test_patch_changes_only_what_is_given(api, owner, task, events_of, last_actor_of):
    before = api(owner).get(f"/api/tasks/{task.pk}").json()
    answer = api(owner).patch(f"/api/tasks/{task.pk}", {"description": "Two pages"})
    body = answer.json()
    assert answer.status_code == 200
    assert body == before | {
        "description": "Two pages", "version": 2, "updated_at": body["updated_at"],
    }  # fmt: skip
    assert answer["ETag"] == '"2"'
    assert events_of(task.pk) == ["task.created", "task.updated"]
    assert last_actor_of(task.pk) == ("Olga", "api")


def test_a_patch_that_changes_nothing_records_nothing(api, owner, task, events_of):
    answer = api(owner).patch(f"/api/tasks/{task.pk}", {"title": task.title, "tags": ["web"]})
    assert (answer.status_code, answer["ETag"]) == (200, '"1"')
    assert events_of(task.pk) == ["task.created"]


def test_put_replaces_and_leaves_the_place(api, owner, shared, task):
    body = api(owner).put(f"/api/tasks/{task.pk}", {"title": "Only this"}).json()
    assert (body["title"], body["priority"], body["tags"]) == ("Only this", "low", [])
    assert (body["project"], body["position"]) == (str(shared.pk), task.position)


def test_put_takes_back_what_get_gave(api, owner, task, events_of):
    client, path = api(owner), f"/api/tasks/{task.pk}"
    body = client.get(path).json()
    assert client.put(path, body).json() == body
    assert client.put(path, body | {"title": "New"}).json()["title"] == "New"
    assert events_of(task.pk) == ["task.created", "task.updated"]


def test_what_the_server_sets_cannot_be_changed(api, owner, task):
    client, path = api(owner), f"/api/tasks/{task.pk}"
    answer = client.patch(path, {"version": 7, "completed_at": "2026-01-01T00:00:00Z"})
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {"version", "completed_at"}
    assert set(client.post("/api/tasks", {"title": "x", "is_overdue": True}).json()["errors"]) == {
        "is_overdue"
    }


def test_status_completed_is_completing(api, owner, task, events_of):
    client, path = api(owner), f"/api/tasks/{task.pk}"
    assert client.patch(path, {"status": "completed"}).json()["completed_at"] is not None
    assert client.patch(path, {"status": "pending"}).json()["completed_at"] is None
    assert events_of(task.pk) == ["task.created", "task.completed", "task.reopened"]


def test_a_reminder_that_stays_keeps_its_id(api, owner, inbox):
    client = api(owner)
    wishes = [{"minutes_before": 30}, {"at": "2030-01-01T09:00:00Z"}]
    made = client.post("/api/tasks", {"title": "T", "due_date": "2030-01-02", "reminders": wishes}).json()
    first, second = made["reminders"]
    path = f"/api/tasks/{made['id']}"
    foreign = {"id": "0192aaaa-0000-7000-8000-000000000000", "minutes_before": 10}
    changed = client.patch(
        path, {"reminders": [wishes[0], {**second, "at": "2030-01-01T10:00:00Z"}, foreign]}
    )
    kept, moved, fresh = changed.json()["reminders"]
    assert kept == first
    assert moved == {"id": second["id"], "at": "2030-01-01T10:00:00Z"}
    assert fresh["id"] != foreign["id"]
    twins = client.patch(
        path, {"reminders": [{**first, "minutes_before": 1}, {**first, "minutes_before": 2}]}
    )
    assert len({wish["id"] for wish in twins.json()["reminders"]}) == 2


def test_moving_a_task_to_another_project(api, owner, inbox, task):
    body = api(owner).patch(f"/api/tasks/{task.pk}", {"project": str(inbox.pk)}).json()
    assert body["project"] == str(inbox.pk)


# --- Versions --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "suffix"),
    [("patch", ""), ("put", ""), ("delete", ""), ("post", "/complete"), ("post", "/restore")],
)
def test_a_stale_if_match_changes_nothing(api, owner, task, by, method, suffix, events_of):
    task.change(by, title="Moved on")
    call = getattr(api(owner), method)
    path, body = f"/api/tasks/{task.pk}{suffix}", {"title": "Mine"} if method in ("put", "patch") else {}
    for stale in ('"1"', 'W/"2"', "2", '"3"'):
        answer = call(path, body, headers={"If-Match": stale})
        assert (answer.status_code, answer.json()["status"]) == (412, 412)
    assert events_of(task.pk) == ["task.created", "task.updated"]
    assert call(path, body, headers={"If-Match": '"1", "2"'}).status_code in (200, 204)


def test_if_match_takes_a_star(api, owner, task):
    answer = api(owner).patch(f"/api/tasks/{task.pk}", {"title": "Any"}, headers={"If-Match": "*"})
    assert answer.status_code == 200


def test_of_two_writers_at_once_one_is_told(api, owner, task, by, monkeypatch):
    """The row moves on between the reading and the writing, which the row's lock prevents on PostgreSQL."""
    read = TaskQuerySet.get_current

    def read_and_be_overtaken(tasks, pk):
        found = read(tasks, pk)
        Task.objects.get(pk=pk).change(by, title="First")
        return found

    monkeypatch.setattr(TaskQuerySet, "get_current", read_and_be_overtaken)
    answer = api(owner).patch(f"/api/tasks/{task.pk}", {"title": "Second"})
    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    assert "Load it again" in answer.json()["detail"]


# --- Completing, deleting, restoring ---------------------------------------------------------------------


def test_complete_toggles(api, owner, task, events_of):
    client, path = api(owner), f"/api/tasks/{task.pk}/complete"
    done = client.post(path)
    assert (done.status_code, done.json()["status"], done["ETag"]) == (200, "completed", '"2"')
    assert done.json()["completed_at"] is not None
    again = client.post(path).json()
    assert (again["status"], again["completed_at"]) == ("pending", None)
    assert events_of(task.pk) == ["task.created", "task.completed", "task.reopened"]


def test_delete_moves_to_the_trash_and_restore_brings_back(api, owner, task, events_of, last_actor_of):
    client, path = api(owner), f"/api/tasks/{task.pk}"
    deleted = client.delete(path)
    assert (deleted.status_code, deleted.content) == (204, b"")
    for call in (client.get, client.delete, client.patch, client.put):
        assert call(path).status_code == 404
    assert client.post(f"{path}/complete").status_code == 404
    assert client.get(f"{path}/history").status_code == 404
    assert client.get("/api/tasks").json()["items"] == []
    back = client.post(f"{path}/restore")
    assert (back.status_code, back.json()["title"]) == (200, "Write the copy")
    assert client.post(f"{path}/restore").json() == back.json()
    assert events_of(task.pk) == ["task.created", "task.deleted", "task.restored"]
    assert last_actor_of(task.pk) == ("Olga", "api")


# --- Recurrence ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "stored"),
    [
        ("daily", "FREQ=DAILY"),
        ("weekly", "FREQ=WEEKLY"),
        ("Monthly", "FREQ=MONTHLY"),
        ("yearly", "FREQ=YEARLY"),
        ("RRULE:FREQ=WEEKLY;BYDAY=TH,MO", "FREQ=WEEKLY;BYDAY=MO,TH"),
    ],
)
def test_a_rule_makes_a_task_recur(api, owner, rule, stored):
    body = api(owner).post(
        "/api/tasks", {"title": "Water", "due_date": "2029-01-15", "is_recurring": True, "recurrence_rule": rule}
    ).json()  # fmt: skip
    assert (body["is_recurring"], body["recurrence_rule"]) == (True, stored)
    assert (body["due_date"], body["due_all_day"]) == ("2029-01-15", True)
    series = api(owner).get(f"/api/recurring-tasks/{body['recurring_task']}").json()
    assert (series["title"], series["start_date"], series["time_zone"]) == ("Water", "2029-01-15", "UTC")


def test_completing_a_recurring_task_brings_the_next(api, owner, drain):
    client = api(owner)
    made = client.post(
        "/api/tasks", {"title": "Water", "due_date": "2029-01-31T09:00:00Z", "recurrence_rule": "monthly"}
    ).json()
    client.post(f"/api/tasks/{made['id']}/complete")
    drain()
    following = client.get("/api/tasks?status=pending").json()["items"]
    assert [item["due_date"] for item in following] == ["2029-02-28T09:00:00Z"]


def test_a_recurring_task_created_completed_brings_the_next(api, owner, drain):
    client = api(owner)
    client.post(
        "/api/tasks",
        {"title": "Water", "due_date": "2029-01-15", "recurrence_rule": "weekly", "status": "completed"},
    )
    drain()
    items = client.get("/api/tasks?sort_by=due_date").json()["items"]
    assert [(item["due_date"], item["status"]) for item in items] == [
        ("2029-01-15", "completed"),
        ("2029-01-22", "pending"),
    ]


def test_a_rule_without_a_due_date_starts_today(api, owner):
    owner.time_zone = "Pacific/Kiritimati"
    owner.save()
    body = api(owner).post("/api/tasks", {"title": "Water", "recurrence_rule": "daily"}).json()
    assert (body["due_date"], body["due_all_day"]) == (owner.today().isoformat(), True)


def test_a_patch_begins_changes_and_ends_a_series(api, owner, task):
    client, path = api(owner), f"/api/tasks/{task.pk}"
    begun = client.patch(path, {"recurrence_rule": "weekly", "due_date": "2029-01-15"}).json()
    assert (begun["recurrence_rule"], begun["due_date"]) == ("FREQ=WEEKLY", "2029-01-15")
    changed = client.patch(path, {"recurrence_rule": "FREQ=DAILY;INTERVAL=3"}).json()
    assert changed["recurring_task"] == begun["recurring_task"]
    assert changed["recurrence_rule"] == "FREQ=DAILY;INTERVAL=3"
    series = f"/api/recurring-tasks/{begun['recurring_task']}"
    assert client.get(f"{series}/preview").json()["items"][:2] == ["2029-01-18", "2029-01-21"]
    assert client.put(path, changed).json() == changed
    ended = client.patch(path, {"is_recurring": False}).json()
    assert (ended["is_recurring"], ended["recurrence_rule"], ended["recurring_task"]) == (False, None, None)
    assert client.get(series).status_code == 404


@pytest.mark.parametrize("body", [{"recurrence_rule": None}, {"is_recurring": False}, None])
def test_ways_to_end_a_series(api, owner, drain, body):
    client = api(owner)
    made = client.post("/api/tasks", {"title": "Water", "recurrence_rule": "daily"}).json()
    path = f"/api/tasks/{made['id']}"
    ended = client.put(path, {"title": "Water"}) if body is None else client.patch(path, body)
    assert ended.json()["is_recurring"] is False
    client.post(f"{path}/complete")
    drain()
    assert Task.objects.count() == 1


def test_ending_the_series_of_a_completed_task(api, owner, drain):
    client = api(owner)
    made = client.post("/api/tasks", {"title": "Water", "recurrence_rule": "daily"}).json()
    client.post(f"/api/tasks/{made['id']}/complete")
    drain()
    client.patch(f"/api/tasks/{made['id']}", {"recurrence_rule": None})
    assert [item["is_recurring"] for item in client.get("/api/tasks").json()["items"]] == [False, False]


def test_true_without_a_rule_is_refused_unless_there_is_one(api, owner, task):
    client, path = api(owner), f"/api/tasks/{task.pk}"
    for answer in (
        client.patch(path, {"is_recurring": True}),
        client.post("/api/tasks", {"title": "x", "is_recurring": True}),
        client.post("/api/tasks", {"title": "x", "is_recurring": False, "recurrence_rule": "daily"}),
        client.post("/api/tasks", {"title": "x", "recurrence_rule": "FREQ=DAILY;UNTIL=20200101"}),
    ):
        assert answer.status_code == 400
        assert list(answer.json()["errors"]) == ["recurrence_rule"]
    client.patch(path, {"recurrence_rule": "daily"})
    assert client.patch(path, {"is_recurring": True}).status_code == 200


def test_a_refused_rule_leaves_nothing_behind(api, owner):
    api(owner).post("/api/tasks", {"title": "x", "recurrence_rule": "FREQ=DAILY;UNTIL=20200101"})
    assert Task.objects.count() == 0
    assert RecurringTask.objects.count() == 0


# --- What is refused -------------------------------------------------------------------------------------

BAD = [
    ({}, "title"),
    ({"title": ""}, "title"),
    ({"title": "   "}, "title"),
    ({"title": None}, "title"),
    ({"title": 5}, "title"),
    ({"title": "x" * 201}, "title"),
    ({"title": "two\nlines"}, "title"),
    ({"title": "nul\0"}, "title"),
    ({"description": "x" * 10_001}, "description"),
    ({"description": None}, "description"),
    ({"description": 1}, "description"),
    ({"status": "done"}, "status"),
    ({"status": None}, "status"),
    ({"status": ["pending"]}, "status"),
    ({"priority": "p1"}, "priority"),
    ({"priority": 1}, "priority"),
    ({"tags": "web"}, "tags"),
    ({"tags": [""]}, "tags"),
    ({"tags": ["two words"]}, "tags"),
    ({"tags": ["a,b"]}, "tags"),
    ({"tags": [1]}, "tags"),
    ({"tags": ["x" * 51]}, "tags"),
    ({"tags": [f"t{n}" for n in range(31)]}, "tags"),
    ({"due_date": "tomorrow"}, "due_date"),
    ({"due_date": "2026-02-30"}, "due_date"),
    ({"due_date": "20261120"}, "due_date"),
    ({"due_date": "0001-01-01T00:00:00+14:00"}, "due_date"),
    ({"due_date": "9999-12-31"}, "due_date"),
    ({"due_date": 1763600000}, "due_date"),
    ({"due_date": "2026-11-20", "due_all_day": False}, "due_all_day"),
    ({"due_all_day": True}, "due_all_day"),
    ({"due_all_day": "yes"}, "due_all_day"),
    ({"project": "nope"}, "project"),
    ({"project": None}, "project"),
    ({"project": "0192aaaa-0000-7000-8000-000000000000"}, "project"),
    ({"parent": "0192aaaa-0000-7000-8000-000000000000"}, "parent"),
    ({"parent": 5}, "parent"),
    ({"position": ""}, "position"),
    ({"position": "A"}, "position"),
    ({"reminder_at": "2026-11-20"}, "reminder_at"),
    ({"reminder_at": "soon"}, "reminder_at"),
    ({"reminder_at": "2026-11-20T09:00Z", "reminders": []}, "reminder_at"),
    ({"reminders": {}}, "reminders"),
    ({"reminders": ["x"]}, "reminders"),
    ({"reminders": [{}]}, "reminders"),
    ({"reminders": [{"at": "2026-11-20T09:00Z", "minutes_before": 5}]}, "reminders"),
    ({"reminders": [{"at": "2026-11-20"}]}, "reminders"),
    ({"reminders": [{"at": 5}]}, "reminders"),
    ({"reminders": [{"minutes_before": -1}]}, "reminders"),
    ({"reminders": [{"minutes_before": "5"}]}, "reminders"),
    ({"reminders": [{"minutes_before": True}]}, "reminders"),
    ({"reminders": [{"minutes": 5}]}, "reminders"),
    ({"reminders": [{"minutes_before": n} for n in range(21)]}, "reminders"),
    ({"is_recurring": "true"}, "is_recurring"),
    ({"recurrence_rule": "hourly"}, "recurrence_rule"),
    ({"recurrence_rule": "FREQ=HOURLY"}, "recurrence_rule"),
    ({"recurrence_rule": 7}, "recurrence_rule"),
    ({"colour": "red"}, "colour"),
    ({"id": "0192aaaa-0000-7000-8000-000000000000"}, "id"),
]


@pytest.mark.parametrize(("body", "field"), BAD)
def test_what_is_wrong_is_named(api, owner, body, field):
    title = {} if field == "title" else {"title": "x"}
    answer = api(owner).post("/api/tasks", {**title, **body})
    assert answer.status_code == 400, answer.content
    problem = answer.json()
    assert answer["Content-Type"] == "application/problem+json"
    assert list(problem["errors"]) == [field]
    assert all(sentence.endswith((".", "}")) for sentence in problem["errors"][field]), problem
    assert field in problem["detail"]
    assert Task.objects.count() == 0


@pytest.mark.parametrize(("body", "field"), [case for case in BAD if case[0]])
def test_a_patch_refuses_the_same(api, owner, task, body, field, events_of):
    answer = api(owner).patch(f"/api/tasks/{task.pk}", body)
    assert answer.status_code == 400, answer.content
    assert list(answer.json()["errors"]) == [field]
    assert events_of(task.pk) == ["task.created"]


def test_all_that_is_wrong_is_named_at_once(api, owner):
    errors = api(owner).post("/api/tasks", {"titel": "x", "priority": "p1", "due_date": ""}).json()["errors"]
    assert set(errors) == {"titel", "title", "priority", "due_date"}
    assert "title" in errors["titel"][0]


def test_a_task_cannot_be_its_own_part(api, owner, shared, task):
    child = TaskFactory(project=shared, parent=task)
    for parent in (task, child):
        answer = api(owner).patch(f"/api/tasks/{task.pk}", {"parent": str(parent.pk)})
        assert list(answer.json()["errors"]) == ["parent"]


def test_a_part_stays_with_its_parent(api, owner, shared, inbox, task):
    child = TaskFactory(project=shared, parent=task)
    answer = api(owner).patch(f"/api/tasks/{child.pk}", {"project": str(inbox.pk)})
    assert list(answer.json()["errors"]) == ["parent"]


def test_acts_take_no_fields(api, owner, task):
    for act in ("complete", "restore"):
        answer = api(owner).post(f"/api/tasks/{task.pk}/{act}", {"status": "completed"})
        assert list(answer.json()["errors"]) == ["status"]


def test_query_parameters_are_refused_where_there_are_none(api, owner, task):
    client, path = api(owner), f"/api/tasks/{task.pk}"
    for answer in (
        client.get(f"{path}?fields=id"),
        client.patch(f"{path}?fields=id", {}),
        client.post("/api/tasks?fields=id", {"title": "x"}),
        client.delete(f"{path}?fields=id"),
    ):
        assert answer.status_code == 400
        assert list(answer.json()["errors"]) == ["fields"]


# --- Who -------------------------------------------------------------------------------------------------

WRITES = [
    ("patch", "", {"title": "Mine"}),
    ("put", "", {"title": "Mine"}),
    ("delete", "", None),
    ("post", "/complete", None),
]


def test_a_member_may_do_what_the_owner_may(api, member, task, last_actor_of):
    client, path = api(member), f"/api/tasks/{task.pk}"
    assert client.get(path).status_code == 200
    assert client.patch(path, {"title": "Ours"}).status_code == 200
    assert last_actor_of(task.pk) == ("Milo", "api")
    assert client.post(f"{path}/complete").status_code == 200
    assert client.delete(path).status_code == 204
    assert client.post(f"{path}/restore").status_code == 200


@pytest.mark.parametrize(("method", "suffix", "body"), WRITES)
def test_a_viewer_may_look_only(api, viewer, task, method, suffix, body, events_of):
    client, path = api(viewer), f"/api/tasks/{task.pk}"
    assert client.get(path).status_code == 200
    answer = getattr(client, method)(path + suffix, body)
    assert answer.status_code == 403
    assert events_of(task.pk) == ["task.created"]


@pytest.mark.parametrize(
    ("method", "suffix", "body"), [("get", "", None), ("post", "/restore", None), *WRITES]
)
def test_to_an_outsider_a_task_does_not_exist(api, outsider, task, method, suffix, body, events_of):
    answer = getattr(api(outsider), method)(f"/api/tasks/{task.pk}{suffix}", body)
    nothing = getattr(api(outsider), method)(f"/api/tasks/{Project().pk}{suffix}", body)
    assert answer.status_code == nothing.status_code == 404
    same = ("type", "title", "status", "detail")
    assert [answer.json()[name] for name in same] == [nothing.json()[name] for name in same]
    assert events_of(task.pk) == ["task.created"]


def test_nobody_can_reach_into_anothers_project(api, viewer, outsider, owner, shared, task):
    for person in (viewer, outsider):
        client = api(person)
        for body in ({"project": str(shared.pk)}, {"parent": str(task.pk)}):
            answer = client.post("/api/tasks", {"title": "x", **body})
            assert answer.status_code == 400
            assert list(answer.json()["errors"]) == list(body)


def test_a_viewer_cannot_restore(api, viewer, task, by):
    task.trash(by)
    assert api(viewer).post(f"/api/tasks/{task.pk}/restore").status_code == 404


# --- Cost ------------------------------------------------------------------------------------------------
# Each count includes the two queries that find the session and its user, and the savepoints of the transactions.


@pytest.mark.parametrize(
    ("method", "suffix", "body", "queries"),
    [
        ("get", "", None, 3),
        ("patch", "", {"title": "New"}, 9),
        ("put", "", {"title": "New"}, 9),
        ("delete", "", None, 13),
        ("post", "/complete", None, 10),
        ("post", "/restore", None, 5),
    ],
)
def test_queries_for_one_task(api, owner, task, django_assert_num_queries, method, suffix, body, queries):
    client = api(owner)
    with django_assert_num_queries(queries):
        getattr(client, method)(f"/api/tasks/{task.pk}{suffix}", body)


def test_queries_to_create(api, owner, shared, django_assert_num_queries):
    client = api(owner)
    with django_assert_num_queries(9):
        client.post("/api/tasks", {"title": "x", "project": str(shared.pk)})
