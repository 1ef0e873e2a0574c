"""Whichever way a task or an account is changed: each step is one event that fits its schema."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from asgiref.sync import async_to_sync
from django.contrib import admin
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F
from django.test import Client
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.actor import Actor
from accounts.models import User
from events import json_schema
from events.envelope import Unreadable
from events.models import OutboxEvent
from events.tests.invariants import (
    SCHEMAS,
    assert_events_fit_their_schemas,
    assert_told,
    data_of,
    rows_of,
    types_of,
)
from tasks import scheduler
from tasks.changes import StaleTask
from tasks.models import Project, RecurringTask, Reminder, Task


@pytest.fixture
def task(inbox, by):
    task = Task(project=inbox, title="Pay rent", tags=["home"])
    task.save(by=by)
    return task


def titled(inbox, *titles):
    for title in titles:
        Task(project=inbox, title=title).save()
    return Task.objects.filter(title__in=titles).order_by("title")


# --- One task ------------------------------------------------------------------------------------------


def test_everything_a_task_can_do(task, by):
    now = timezone.now()
    task.change(
        by,
        due_date=now + timedelta(days=2),
        reminders=[{"id": "a", "minutes_before": 5}],
        status="in_progress",
    )
    for act in (task.complete, task.reopen, task.toggle, task.toggle, task.trash, task.restore):
        act(by)
    assert types_of(task) == [
        "task.created", "task.updated", "task.completed", "task.reopened", "task.completed", "task.reopened",
        "task.deleted", "task.restored",
    ]  # fmt: skip
    assert {data_of(row)["actor"]["via"] for row in rows_of(task.pk)} == {"web"}
    assert_told()


def test_setting_an_attribute_and_saving(task):
    task.title = "  Pay the rent "
    task.save()
    assert data_of(rows_of(task.pk)[-1])["changes"] == {"title": {"from": "Pay rent", "to": "Pay the rent"}}
    assert_told()


def test_a_list_changed_in_place(task):
    task.tags.append("bills")
    task.save()
    task.reminders.append({"id": "a", "minutes_before": 5})
    task.save()
    task.reminders[0]["minutes_before"] = 10
    task.save()
    assert task.version == 4
    assert_told()


def test_deleting_an_instance_moves_it_to_the_trash(task):
    assert task.delete() == (1, {"tasks.Task": 1})
    assert Task.objects.get(pk=task.pk).deleted_at is not None
    assert types_of(task) == ["task.created", "task.deleted"]
    assert_told()


def test_update_fields_with_all_that_changed(task):
    task.status = "completed"
    task.save(update_fields=["status"])
    assert Task.objects.get(pk=task.pk).completed_at is not None
    assert_told()


def test_update_fields_that_leave_a_change_out_are_refused(task):
    task.title, task.status = "Pay", "completed"
    with pytest.raises(ValueError, match="status changed, too"):
        task.save(update_fields=["title"])
    assert types_of(task) == ["task.created"]
    assert_told()


def test_update_fields_accept_the_name_of_a_relation(task, owner):
    elsewhere = Project.objects.create(owner=owner, name="Elsewhere")
    task.project = elsewhere
    task.save(update_fields=["project"])
    task.assignee_id = owner.pk
    task.save(update_fields=["assignee_id"])
    assert_told()


@pytest.mark.parametrize(
    "part", [lambda tasks: tasks.only("title"), lambda tasks: tasks.defer("description")]
)
def test_a_task_that_was_read_in_part_is_not_saved(task, part):
    read = part(Task.objects).get(pk=task.pk)
    read.title = read.description = "Changed"
    with pytest.raises(TypeError, match="read in part"):
        read.save()
    assert_told()


def test_reading_one_field_again_keeps_what_was_changed_in_others(task):
    task.title = "Pay the rent"
    task.refresh_from_db(fields=["description"])
    task.save()
    assert Task.objects.get(pk=task.pk).title == "Pay the rent"
    assert_told()


def test_a_field_that_is_loaded_late_keeps_what_was_changed_in_others(task):
    read = Task.objects.defer("description").get(pk=task.pk)
    read.title = "Pay the rent"
    assert read.description == ""
    read.save()
    assert data_of(rows_of(task.pk)[-1])["changes"] == {"title": {"from": "Pay rent", "to": "Pay the rent"}}
    assert_told()


def test_a_change_that_the_database_refuses_has_no_event(task, by):
    with pytest.raises(IntegrityError), transaction.atomic():
        task.change(by, title="")
    task.refresh_from_db()
    assert types_of(task) == ["task.created"]
    assert_told()


def test_a_change_whose_event_nobody_could_read_does_not_happen(task, by):
    with pytest.raises(Unreadable), transaction.atomic():
        task.change(by, tags=[5])
    assert Task.objects.get(pk=task.pk).tags == ["home"]
    assert_told()


# --- Versions ------------------------------------------------------------------------------------------


def test_a_stale_write_raises_and_writes_nothing(task, by):
    stale = Task.objects.get(pk=task.pk)
    task.change(by, title="First")
    with pytest.raises(StaleTask):
        stale.change(by, title="Second")
    assert stale.version == 1
    assert Task.objects.get(pk=task.pk).title == "First"
    assert types_of(task) == ["task.created", "task.updated"]
    assert_told()


def test_the_version_is_checked_inside_the_update(task, by, django_assert_num_queries):
    with django_assert_num_queries(4) as captured:  # savepoint, UPDATE, INSERT of the event, release
        task.change(by, title="Pay the rent")
    update = next(q["sql"] for q in captured.captured_queries if q["sql"].startswith("UPDATE"))
    assert '"version" = 2' in update.partition("WHERE")[0]
    assert '"version" = 1' in update.partition("WHERE")[2]


def test_a_row_that_is_gone_is_not_written(task, by):
    copy = Task.objects.get(pk=task.pk)
    task.trash(by)
    Task.objects.purge()
    with pytest.raises(DatabaseError):
        copy.change(by, title="Ghost")
    assert not Task.objects.filter(pk=task.pk).exists()
    assert types_of(task) == ["task.created", "task.deleted"]


# --- Many tasks ----------------------------------------------------------------------------------------


def test_queryset_update(inbox):
    assert titled(inbox, "A", "B").update(priority=3, status="completed") == 2
    assert [task.completed_at is not None for task in titled(inbox)] == []
    for task in Task.objects.all():
        assert (task.priority, task.is_completed, types_of(task)[-1]) == (3, True, "task.completed")
    assert_told()


def test_update_with_an_expression_is_refused(inbox):
    tasks = titled(inbox, "A", "B")
    with pytest.raises(TypeError, match="an expression would change tasks without an event"):
        tasks.update(priority=F("priority") + 1)
    assert set(Task.objects.values_list("version", flat=True)) == {1}
    assert_told()


def test_queryset_delete(inbox):
    assert titled(inbox, "A", "B").delete() == (2, {"tasks.Task": 2})
    assert Task.objects.in_trash().count() == 2
    assert_told()


def test_bulk_create_tells_all_in_two_statements(inbox, django_assert_num_queries):
    tasks = [Task(project=inbox, title=f"Task {n}", version=7) for n in range(20)]
    with django_assert_num_queries(4):  # savepoint, tasks, events, release
        Task.objects.bulk_create(tasks)
    assert OutboxEvent.objects.filter(type="task.created").count() == 20
    assert_told()


def test_bulk_create_plans_reminders(inbox):
    due = timezone.now() + timedelta(days=1)
    reminders = [{"id": "a", "minutes_before": 5}]
    Task.objects.bulk_create([Task(project=inbox, title="A", due_date=due, reminders=reminders)])
    assert Reminder.objects.get().fire_at == due - timedelta(minutes=5)


@pytest.mark.parametrize("how", [(None, True), (None, False, True)])
def test_bulk_create_over_others_is_refused(inbox, how):
    with pytest.raises(TypeError, match="round the events"):
        Task.objects.bulk_create([Task(project=inbox, title="A")], *how)


def test_bulk_create_of_what_exists_writes_nothing(task, inbox):
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.bulk_create([Task(project=inbox, title="B"), Task(pk=task.pk, project=inbox, title="A")])
    assert Task.objects.count() == 1
    assert_told()


def test_bulk_update(inbox):
    tasks = list(titled(inbox, "A", "B"))
    for task in tasks:
        task.title += "!"
    assert Task.objects.bulk_update(tasks, ["title"]) == 2
    assert set(Task.objects.values_list("title", flat=True)) == {"A!", "B!"}
    assert_told()


def test_get_or_create_and_update_or_create(inbox):
    task, _ = Task.objects.get_or_create(title="A", project=inbox)
    assert Task.objects.get_or_create(title="A", project=inbox) == (task, False)
    Task.objects.update_or_create(title="A", defaults={"priority": 4}, create_defaults={"project": inbox})
    Task.objects.update_or_create(title="B", defaults={"project": inbox})
    assert types_of(task) == ["task.created", "task.updated"]
    assert Task.objects.count() == 2
    assert_told()


async def _aupdate(task):
    await Task.objects.filter(pk=task.pk).aupdate(title="Later")


@pytest.mark.django_db(transaction=True)
def test_the_asynchronous_twins(inbox):
    task = Task.objects.create(project=inbox, title="A")
    async_to_sync(_aupdate)(task)
    assert Task.objects.get().title == "Later"
    assert_told()


def test_related_managers(inbox, owner):
    parent, child, other = titled(inbox, "A", "B", "C")
    parent.subtasks.add(child)
    parent.subtasks.add(other, bulk=False)
    parent.subtasks.remove(child)
    parent.subtasks.set([child])
    parent.subtasks.clear()
    parent.subtasks.create(project=inbox, title="D")
    owner.assigned_tasks.add(parent, child)
    owner.assigned_tasks.update(title="Mine")
    Project.objects.create(owner=owner, name="Elsewhere").tasks.add(parent)
    assert [len(rows_of(task.pk)) > 2 for task in (parent, child, other)] == [True] * 3
    assert_told()


# --- Trash ---------------------------------------------------------------------------------------------


def family(inbox):
    top = Task.objects.create(project=inbox, title="Top")
    middle = Task.objects.create(project=inbox, title="Middle", parent=top)
    leaf = Task.objects.create(project=inbox, title="Leaf", parent=middle)
    return top, middle, leaf


def test_a_task_takes_all_below_it_to_the_trash_and_back(inbox, by):
    top, middle, leaf = family(inbox)
    top.trash(by)
    assert Task.objects.values_list("deleted_at", flat=True).distinct().count() == 1
    assert Task.objects.in_trash().count() == 3
    top.refresh_from_db()
    top.restore(by)
    assert Task.objects.alive().count() == 3
    assert types_of(leaf) == types_of(middle) == ["task.created", "task.deleted", "task.restored"]
    assert_told()


def test_a_chosen_set_goes_to_the_trash_together_whatever_its_order(inbox, by):
    top, _middle, leaf = family(inbox)
    Task.objects.filter(pk__in=[leaf.pk, top.pk]).trash(by)
    top.refresh_from_db()
    top.restore(by)
    assert Task.objects.alive().count() == 3
    assert_told()


def test_trashing_a_project(owner, by):
    project = Project.objects.create(owner=owner, name="Website")
    titled(project, "A", "B")
    project.trash(by)
    assert Task.objects.in_trash().count() == 2
    assert_told()


def test_a_purge_removes_what_is_in_the_trash_and_counts_tasks(inbox, by):
    due = timezone.now() + timedelta(days=1)
    old = Task.objects.create(
        project=inbox, title="A", due_date=due, reminders=[{"id": "a", "minutes_before": 5}]
    )
    kept = Task.objects.create(project=inbox, title="B")
    old.trash(by)
    assert Task.objects.purge() == 1
    assert list(Task.objects.all()) == [kept]
    assert types_of(old) == ["task.created", "task.deleted"]
    assert_told()


def test_a_living_task_that_goes_with_its_parent_is_told_as_deleted(inbox, by):
    top, middle, leaf = family(inbox)
    top.change(by, deleted_at=timezone.now())  # as a purge finds it when a subtask came later
    Task.objects.purge()
    assert types_of(leaf) == types_of(middle) == ["task.created", "task.deleted"]
    assert [data_of(row)["version"] for row in rows_of(leaf.pk)] == [1, 2]
    assert_events_fit_their_schemas()


# --- loaddata ------------------------------------------------------------------------------------------


def load(tmp_path, *objects):
    fixture = tmp_path / "tasks.json"
    fixture.write_text(json.dumps(objects))
    call_command("loaddata", str(fixture), verbosity=0)


def as_fixture(pk, **fields):
    return {"model": "tasks.task", "pk": str(pk), "fields": fields}


def test_loaddata_of_a_new_task(inbox, tmp_path):
    due, key = datetime(2030, 5, 1, 12, tzinfo=UTC), uuid7()
    reminders = [{"id": "a", "minutes_before": 30}]
    load(
        tmp_path,
        as_fixture(key, project=str(inbox.pk), owner=str(inbox.owner_id), title="Loaded", version=9,
                   due_date=due.isoformat(), reminders=reminders),
    )  # fmt: skip
    task = Task.objects.get(pk=key)
    assert (task.version, types_of(task)) == (1, ["task.created"])
    assert Reminder.objects.get().fire_at == due - timedelta(minutes=30)
    assert_told()


def test_loaddata_over_a_task(task, inbox, tmp_path):
    load(
        tmp_path,
        as_fixture(task.pk, project=str(inbox.pk), owner=str(inbox.owner_id), title="Loaded", version=1),
    )
    assert types_of(task) == ["task.created", "task.updated"]
    task.refresh_from_db()
    assert (task.title, task.version, task.tags) == ("Loaded", 2, [])
    assert_told()


def test_loaddata_that_changes_nothing(task, tmp_path):
    fixture = tmp_path / "same.json"
    call_command("dumpdata", "tasks.task", output=str(fixture), verbosity=0)
    before = Task.objects.values().get()
    call_command("loaddata", str(fixture), verbosity=0)
    assert Task.objects.values().get() == before
    assert types_of(task) == ["task.created"]
    assert_told()


def test_what_was_dumped_can_be_loaded_into_an_empty_database(inbox, by, tmp_path):
    due = timezone.now() + timedelta(days=1)
    Task(project=inbox, title="A", due_date=due, reminders=[{"id": "a", "minutes_before": 5}]).save(by=by)
    scheduler.tick(due - timedelta(minutes=1))
    fixture = tmp_path / "all.json"
    call_command("dumpdata", "accounts.user", "tasks", output=str(fixture), verbosity=0)
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        for table in (Reminder, Task, Project.memberships.rel.related_model, Project, User, OutboxEvent):
            cursor.execute(f"DELETE FROM {table._meta.db_table}")
    call_command("loaddata", str(fixture), verbosity=0)
    assert Reminder.objects.get().fired_at is not None
    assert Task.objects.get().version == 1
    assert_told()


# --- Admin ---------------------------------------------------------------------------------------------


@pytest.fixture
def staff(db):
    person = User.objects.create_superuser("staff@example.com", "correct horse", display_name="Sam")
    client = Client()
    client.force_login(person)
    return client


def test_every_action_of_the_admin(inbox, staff, rf):
    registered = admin.site._registry[Task]
    request = rf.get("/admin/tasks/task/")
    request.user = User.objects.get(email="staff@example.com")
    for name in registered.get_actions(request):
        keys = [str(task.pk) for task in titled(inbox, f"{name} A", f"{name} B")]
        before = set(OutboxEvent.objects.values_list("pk", flat=True))
        answer = staff.post(
            "/admin/tasks/task/", {"action": name, "_selected_action": keys, "post": "yes", "confirm": "yes"}
        )
        assert answer.status_code == 302, (name, answer.status_code)
        told = OutboxEvent.objects.exclude(pk__in=before)
        assert {(data_of(row)["actor"]["name"], data_of(row)["actor"]["via"]) for row in told} <= {
            ("Sam", "admin")
        }
        assert_told()
    assert "delete_selected" in registered.get_actions(request)
    assert Task.objects.in_trash().count() >= 2


# --- The system's own ----------------------------------------------------------------------------------


def test_what_the_scheduler_tells(inbox, by):
    now = timezone.now()
    soon = Task(
        project=inbox,
        title="A",
        due_date=now + timedelta(hours=3),
        reminders=[{"id": "a", "minutes_before": 60}],
    )
    soon.save(by=by)
    scheduler.tick(now)
    scheduler.tick(now + timedelta(hours=2, seconds=1))
    scheduler.tick(now + timedelta(hours=4))
    assert types_of(soon) == ["task.created", "task.due_soon", "task.reminder.due", "task.overdue"]
    assert_told()


def test_what_a_series_tells(inbox, by, drain):
    now = timezone.now()
    series = RecurringTask(
        project=inbox,
        title="Water",
        rrule="FREQ=DAILY",
        start_date=now.date(),
        time_zone="UTC",
        tags=["plants"],
    )
    first = series.begin(by)
    first.complete(by)
    drain()
    scheduler.tick(now + timedelta(days=3))
    series.end(by)
    assert Task.objects.count() >= 4
    assert OutboxEvent.objects.filter(type="task.recurring.triggered").count() == Task.objects.count()
    assert_told()


def test_a_series_that_grows_out_of_a_task(task, inbox, by):
    RecurringTask(
        project=inbox, title="Rent", rrule="FREQ=MONTHLY", start_date=timezone.now().date(), time_zone="UTC"
    ).begin(by, task=task)
    task.change(by, title="Pay it")
    assert RecurringTask.objects.get().title == "Pay it"
    assert_told()


def test_what_accounts_tell(owner, client):
    owner.display_name, owner.time_zone = "Olga B.", "Asia/Tokyo"
    owner.save(by=Actor.of(owner, "web"))
    client.force_login(owner)
    owner.save()
    assert types_of(owner) == ["user.registered", "user.updated", "user.login"]
    assert data_of(rows_of(owner.pk)[1])["changes"]["time_zone"] == {"from": "UTC", "to": "Asia/Tokyo"}
    assert_events_fit_their_schemas()


def test_moving_to_another_zone_changes_no_task(inbox, owner, by):
    Task(project=inbox, title="A", due_date=timezone.now() + timedelta(days=1), due_all_day=True).save(by=by)
    owner.time_zone = "Pacific/Auckland"
    owner.save()
    assert Task.objects.get().version == 1
    assert_told()


# --- Schemas -------------------------------------------------------------------------------------------


def test_the_schemas_are_those_of_the_classes():
    assert json_schema.outdated() == [], "run `manage.py export_event_schemas`"
    assert {path.name for path in json_schema.FOLDER.iterdir()} >= {
        json_schema.path_of(event).name for event in json_schema.EVENT_CLASSES
    }


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schemas_are_schemas_that_refuse_the_unknown(name):
    SCHEMAS[name].check_schema(SCHEMAS[name].schema)
    assert SCHEMAS[name].schema["additionalProperties"] is False


def test_the_schemas_refuse_what_the_classes_refuse(task):
    data = data_of(rows_of(task.pk)[0])
    assert list(SCHEMAS["task.created"].iter_errors(data)) == []
    for wrong in (
        {"surprise": 1},
        {"version": 0},
        {"task_id": "1"},
        {"occurred_at": "2030-01-01T00:00:00"},
        {"task": data["task"] | {"status": "done"}},
    ):
        assert list(SCHEMAS["task.created"].iter_errors(data | wrong)) != [], wrong


def test_schemas_that_are_out_of_date_are_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(json_schema, "FOLDER", tmp_path)
    with pytest.raises(CommandError, match=r"task\.created\.v1\.json"):
        call_command("export_event_schemas", check=True)
    call_command("export_event_schemas")
    call_command("export_event_schemas", check=True)
    assert "Every schema is up to date." in capsys.readouterr().out
