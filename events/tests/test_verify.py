"""The proof finds what is missing, names exactly that, and mends it."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events import repair as repairing
from events import verify as verifying
from events.findings import Finding, Kind, Report
from events.models import ConsumedEvent, DeadLetter, OutboxEvent, RelayCursor, TaskEventLog, UserEventLog
from events.models.dead_letter import State
from events.repair import repair
from events.verify import verify
from tasks import scheduler
from tasks.models import RecurringTask, Reminder, Task

NOW = timedelta(0)


@pytest.fixture
def world(inbox, by, drain):
    """A task with seven versions, one with a reminder that fired, a series with a completed occurrence."""
    task = Task(project=inbox, title="Title 1")
    task.save(by=by)
    for version in range(2, 8):
        task.change(by, title=f"Title {version}")
    due = timezone.now() + timedelta(hours=1)
    Task(project=inbox, title="Call", due_date=due, reminders=[{"id": "a", "minutes_before": 60}]).save(by=by)
    scheduler.tick(due)
    first = RecurringTask(
        project=inbox, title="Water", rrule="FREQ=WEEKLY", start_date=timezone.now().date(), time_zone="UTC"
    ).begin(by)
    first.complete(by)
    gone = Task(project=inbox, title="Gone")
    gone.save(by=by)
    gone.trash(by)
    Task.objects.purge()
    drain()
    assert verify(NOW).findings == []
    return {"task": task, "first": first, "gone": gone, "call": Task.objects.get(title="Call")}


def event(task, version):
    return OutboxEvent.objects.get(key=task.pk, sequence=version)


def found():
    return verify(NOW).findings


def names(findings):
    return [(finding.kind, finding.key, finding.version) for finding in findings]


def run(command, **options):
    """Returns its exit status and what it printed."""
    out = StringIO()
    try:
        call_command(command, stdout=out, stderr=StringIO(), **options)
    except CommandError as error:
        return error.returncode, out.getvalue() + str(error)
    return 0, out.getvalue()


# --- What is found -------------------------------------------------------------------------------------


def test_nothing_is_missing_from_a_healthy_database(world):
    report = verify(NOW)
    assert report.is_clean
    assert (report.tasks, report.on_their_way, report.in_letters) == (Task.objects.count(), 0, 0)
    assert report.events == OutboxEvent.objects.count() > 20


def test_a_log_entry_that_was_removed(world):
    TaskEventLog.objects.filter(task_id=world["task"].pk, version=4).delete()
    assert names(found()) == [(Kind.NOT_LOGGED, world["task"].pk, 4)]


def test_the_last_log_entry_and_several(world):
    TaskEventLog.objects.filter(task_id=world["task"].pk, version__in=(1, 4, 5, 7)).delete()
    assert names(found()) == [(Kind.NOT_LOGGED, world["task"].pk, version) for version in (1, 4, 5, 7)]
    assert verify(NOW).lines() == [f"task {world['task'].pk}: versions 1, 4-5, 7: not in the event log"]


def test_a_log_entry_of_an_account_that_was_removed(world, owner):
    row = OutboxEvent.objects.get(key=owner.pk)
    UserEventLog.objects.filter(event_id=row.event_id).delete()
    assert found() == [Finding(Kind.NOT_LOGGED, owner.pk, None, row.event_id, "audit", "user")]


@pytest.mark.parametrize(
    ("consumer", "who", "version"),
    [("audit", "task", 3), ("recurrence", "first", 3), ("notification", "call", 3)],
)
def test_a_receipt_that_was_removed(world, consumer, who, version):
    row = event(world[who], version)
    assert ConsumedEvent.objects.filter(consumer=consumer, event_id=row.event_id).delete()[0] == 1
    assert found() == [Finding(Kind.NOT_RECEIVED, row.key, version, row.event_id, consumer)]


def test_an_event_that_nobody_ever_handled(world):
    row = event(world["task"], 7)
    TaskEventLog.objects.filter(event_id=row.event_id).delete()
    ConsumedEvent.objects.filter(event_id=row.event_id).delete()
    assert names(found()) == [(Kind.NOT_LOGGED, row.key, 7)]


@pytest.mark.parametrize("version", [1, 4, 7])
def test_an_outbox_row_that_was_removed(world, version):
    event(world["task"], version).delete()
    assert names(found()) == [(Kind.NOT_IN_OUTBOX, world["task"].pk, version)]


class TestWhatTheOutboxHasLetGo:
    """After its time in the outbox, an event is in the log alone."""

    @pytest.fixture
    def old(self, world, settings):
        """The first four versions of a task, from before what the outbox keeps."""
        settings.OUTBOX_RETENTION_DAYS = 30
        entries = TaskEventLog.objects.filter(task_id=world["task"].pk, version__lte=4)
        entries.update(occurred_at=timezone.now() - timedelta(days=40))
        OutboxEvent.objects.filter(event_id__in=entries.values("event_id")).delete()
        return world["task"]

    def test_is_missed_by_nobody(self, old):
        assert found() == []

    def test_is_missed_where_the_log_lacks_it(self, old):
        TaskEventLog.objects.filter(task_id=old.pk, version=2).delete()
        assert names(found()) == [(Kind.LOST, old.pk, 2)]

    def test_hides_nothing_that_came_later(self, old):
        event(old, 6).delete()
        assert names(found()) == [(Kind.NOT_IN_OUTBOX, old.pk, 6)]
        TaskEventLog.objects.filter(task_id=old.pk, version=7).delete()
        assert names(found()) == [(Kind.NOT_LOGGED, old.pk, 7), (Kind.NOT_IN_OUTBOX, old.pk, 6)]


@pytest.mark.parametrize("version", [1, 4, 7])
def test_a_version_of_which_nothing_is_left(world, version):
    event(world["task"], version).delete()
    TaskEventLog.objects.filter(task_id=world["task"].pk, version=version).delete()
    assert names(found()) == [(Kind.LOST, world["task"].pk, version)]


def test_a_gap_in_the_history_of_a_task_that_was_removed(world):
    event(world["gone"], 1).delete()
    assert names(found()) == [(Kind.NOT_IN_OUTBOX, world["gone"].pk, 1)]
    TaskEventLog.objects.filter(task_id=world["gone"].pk, version=1).delete()
    assert names(found()) == [(Kind.LOST, world["gone"].pk, 1)]


def test_a_log_entry_too_many(world):
    entry = TaskEventLog.objects.get(task_id=world["task"].pk, version=7)
    entry.pk, entry.event_id, entry.version = None, uuid4(), 8
    entry.save()
    assert names(found()) == [(Kind.BEYOND, world["task"].pk, 8)]


def test_a_log_entry_of_another_event(world):
    TaskEventLog.objects.filter(task_id=world["task"].pk, version=2).update(event_id=uuid4())
    assert names(found()) == [(Kind.DIFFERENT, world["task"].pk, 2)]


def test_an_event_beyond_the_task(world):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tasks_task SET version = 6 WHERE id = %s", [world["task"].pk.hex])
    assert set(names(found())) == {(Kind.BEYOND, world["task"].pk, 7)}


def test_a_task_that_was_changed_past_everything(world):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tasks_task SET version = 9 WHERE id = %s", [world["task"].pk.hex])
    assert names(found()) == [(Kind.LOST, world["task"].pk, 8), (Kind.LOST, world["task"].pk, 9)]


def test_a_task_without_any_event(world):
    OutboxEvent.objects.filter(key=world["task"].pk).delete()
    TaskEventLog.objects.filter(task_id=world["task"].pk).delete()
    assert names(found()) == [(Kind.UNTOLD, world["task"].pk, 7)]


def test_a_reminder_that_fired_in_silence(world):
    reminder = Reminder.objects.get(task=world["call"])
    reminder.pk, reminder.wish = uuid4(), "b"
    reminder.save(force_insert=True)
    assert names(found()) == [(Kind.REMINDER_UNTOLD, world["call"].pk, None)]


def test_a_reminder_that_was_told_and_has_not_fired(world):
    Reminder.objects.filter(task=world["call"]).update(fired_at=None)
    assert names(found()) == [(Kind.REMINDER_NOT_FIRED, world["call"].pk, None)]


def test_a_reminder_that_was_told_twice(world, drain):
    reminder, call = Reminder.objects.get(task=world["call"]), world["call"]
    call.announce(
        "reminder.due", {"reminder_id": reminder.pk, "fire_at": reminder.fire_at, "late_seconds": 0}
    )
    drain()
    assert names(found()) == [(Kind.REMINDER_TOLD_TWICE, call.pk, call.version)]


def remove_successor(world):
    successor = Task.objects.exclude(pk=world["first"].pk).get(recurring_task__isnull=False)
    successor.reminder_rows.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM tasks_task WHERE id = %s", [successor.pk.hex])
    OutboxEvent.objects.filter(key=successor.pk).delete()
    TaskEventLog.objects.filter(task_id=successor.pk).delete()
    RecurringTask.objects.update(next_due_at=successor.occurrence_at, occurrences_made=1)


def test_a_completed_occurrence_without_a_successor(world):
    remove_successor(world)
    assert names(found()) == [(Kind.NO_SUCCESSOR, world["first"].pk, 3)]


@pytest.mark.parametrize("end", ["pause", "finish"])
def test_a_series_that_stopped_needs_no_successor(world, end):
    remove_successor(world)
    change = {"is_active": False} if end == "pause" else {"next_due_at": None}
    RecurringTask.objects.update(**change)
    assert found() == []


def test_a_series_that_counts_from_completion_needs_its_successor(inbox, by, drain):
    first = RecurringTask(
        project=inbox, title="Filter", rrule="FREQ=MONTHLY", anchor="completion",
        start_date=timezone.now().date(), time_zone="UTC",
    ).begin(by)  # fmt: skip
    first.complete(by)
    drain()
    assert found() == []
    remove_successor({"first": first})
    assert names(found()) == [(Kind.NO_SUCCESSOR, first.pk, 3)]
    assert repair(verify(NOW)) == 1
    assert Task.objects.count() == 2


def test_a_successor_that_was_deleted_for_good_is_not_missing(inbox, by, drain):
    first = RecurringTask(
        project=inbox, title="Filter", rrule="FREQ=MONTHLY", anchor="completion",
        start_date=timezone.now().date(), time_zone="UTC",
    ).begin(by)  # fmt: skip
    first.complete(by)
    drain()
    Task.objects.exclude(pk=first.pk).get().trash(by)
    drain()
    assert Task.objects.in_trash().purge() == 1
    assert found() == []


def test_the_last_of_a_counted_series_needs_no_successor(inbox, by, drain):
    first = RecurringTask(
        project=inbox,
        title="Once",
        rrule="FREQ=DAILY;COUNT=1",
        start_date=timezone.now().date(),
        time_zone="UTC",
    ).begin(by)
    first.complete(by)
    drain()
    assert found() == []


@pytest.mark.parametrize("chunk", [1, 3])
def test_the_size_of_the_steps_changes_nothing(world, chunk, monkeypatch):
    monkeypatch.setattr(verifying, "CHUNK", chunk)
    TaskEventLog.objects.filter(task_id=world["task"].pk, version=4).delete()
    event(world["task"], 6).delete()
    seen = []
    report = verify(NOW, lambda *step: seen.append(step))
    assert names(report.findings) == [
        (Kind.NOT_LOGGED, world["task"].pk, 4),
        (Kind.NOT_IN_OUTBOX, world["task"].pk, 6),
    ]
    assert {what for what, _done, _total in seen} == {"events", "log entries", "tasks"}
    assert all(done <= total for _what, done, total in seen)


# --- What is on its way, and what letters speak for -----------------------------------------------------


def test_what_is_young_is_on_its_way(world, inbox, by, drain, settings):
    Task(project=inbox, title="Fresh").save(by=by)
    report = verify()
    assert (report.findings, report.on_their_way) == ([], 1)
    drain()
    assert verify().on_their_way == 0


def test_what_was_not_published_is_on_its_way_however_old(world, inbox, by, grow_old):
    Task(project=inbox, title="Fresh").save(by=by)
    grow_old(10_000)
    report = verify()
    assert (report.findings, report.on_their_way) == ([], 1)
    RelayCursor.objects.update(position=OutboxEvent.objects.order_by("-id").first().pk)
    assert [finding.kind for finding in verify().findings] == [Kind.NOT_LOGGED, Kind.NOT_RECEIVED]


@pytest.mark.parametrize(
    ("state", "expected"),
    [(State.RETRYING, []), (State.REQUEUED, []), (State.DISCARDED, []), (State.DEAD, [Kind.NOT_LOGGED])],
)
def test_a_letter_of_the_audit(world, state, expected):
    row = event(world["task"], 4)
    TaskEventLog.objects.filter(event_id=row.event_id).delete()
    ConsumedEvent.objects.filter(event_id=row.event_id).delete()
    DeadLetter.objects.create(
        consumer="audit", event_id=row.event_id, type=row.type, envelope=row.envelope, state=state
    )
    report = verify(NOW)
    assert [finding.kind for finding in report.findings] == expected
    assert (report.on_their_way, report.in_letters) == (
        int(state in {State.RETRYING, State.REQUEUED}),
        int(state in {State.DEAD, State.DISCARDED}),
    )


def test_a_letter_of_another_consumer_speaks_for_its_event(world):
    row = event(world["first"], 3)
    ConsumedEvent.objects.filter(consumer="recurrence", event_id=row.event_id).delete()
    DeadLetter.objects.create(
        consumer="recurrence", event_id=row.event_id, type=row.type, envelope=row.envelope, state=State.DEAD
    )
    assert found() == []


# --- Repair --------------------------------------------------------------------------------------------


def tamper(world):
    """One of everything that can be mended. Returns the kinds, in the order in which they are found."""
    TaskEventLog.objects.filter(task_id=world["task"].pk, version__in=(2, 3)).delete()
    ConsumedEvent.objects.filter(event_id=event(world["task"], 5).event_id).delete()
    event(world["task"], 6).delete()
    remove_successor(world)
    return [
        Kind.NOT_LOGGED, Kind.NOT_LOGGED, Kind.NOT_RECEIVED, Kind.NOT_IN_OUTBOX, Kind.NO_SUCCESSOR,
    ]  # fmt: skip


def test_repair_mends_what_the_outbox_or_the_log_still_has(world, drain):
    kinds = tamper(world)
    report = verify(NOW)
    assert [finding.kind for finding in report.findings] == kinds
    assert repair(report) == len(kinds)
    assert found() == []
    drain()
    assert found() == []
    assert Task.objects.filter(recurring_task__isnull=False).count() == 2


def test_repair_does_nothing_twice(world, drain):
    before = set(TaskEventLog.objects.values_list("event_id", flat=True))
    event(world["task"], 6).delete()
    repair(verify(NOW))
    drain()  # the relay publishes the restored row once more
    assert set(TaskEventLog.objects.values_list("event_id", flat=True)) == before
    assert (
        ConsumedEvent.objects.filter(consumer="audit").count()
        == TaskEventLog.objects.count() + UserEventLog.objects.count()
    )


def test_repair_goes_in_batches(world, monkeypatch):
    monkeypatch.setattr(repairing, "BATCH", 2)
    TaskEventLog.objects.filter(task_id=world["task"].pk).delete()
    assert repair(verify(NOW)) == 7
    assert found() == []
    versions = TaskEventLog.objects.filter(task_id=world["task"].pk).order_by("id")
    assert [entry.version for entry in versions] == [1, 2, 3, 4, 5, 6, 7]


def test_repair_of_an_account_event_that_is_logged_but_has_no_receipt(world, owner):
    row = OutboxEvent.objects.get(key=owner.pk)
    ConsumedEvent.objects.filter(event_id=row.event_id).delete()
    assert repair(verify(NOW)) == 1
    assert found() == []
    assert UserEventLog.objects.filter(event_id=row.event_id).count() == 1


def test_repair_leaves_alone_what_nobody_has(world):
    event(world["task"], 4).delete()
    TaskEventLog.objects.filter(task_id=world["task"].pk, version=4).delete()
    assert repair(verify(NOW)) == 0
    assert names(found()) == [(Kind.LOST, world["task"].pk, 4)]


def test_repair_resolves_the_dead_letter(world):
    row = event(world["task"], 4)
    TaskEventLog.objects.filter(event_id=row.event_id).delete()
    ConsumedEvent.objects.filter(event_id=row.event_id).delete()
    DeadLetter.objects.create(
        consumer="audit", event_id=row.event_id, type=row.type, envelope=row.envelope, state=State.DEAD
    )
    repair(verify(NOW))
    assert DeadLetter.objects.get().state == State.RESOLVED
    assert found() == []


# --- The command ---------------------------------------------------------------------------------------


def test_the_command_on_a_healthy_database(world):
    status, text = run("verify_events", age=0)
    assert status == 0
    assert "Nothing is missing." in text
    assert f"Checked {Task.objects.count()} tasks" in text


def test_the_command_names_what_is_missing_and_exits_with_1(world):
    tamper(world)
    status, text = run("verify_events", age=0)
    key = world["task"].pk
    assert status == 1
    assert f"task {key}: versions 2-3: not in the event log" in text
    assert f"task {key}: version 5: without a receipt of audit" in text
    assert f"task {key}: version 6: in the event log, but not in the outbox" in text
    assert f"task {world['first'].pk}: version 3: completed, but the next occurrence was not made" in text
    assert "5 things are wrong. With --repair" in text


def test_the_command_repairs_and_verifies_again(world):
    tamper(world)
    status, text = run("verify_events", age=0, repair=True)
    assert status == 0
    assert "Handed over again: 5." in text
    assert text.rstrip().endswith("Nothing is missing.")
    assert run("verify_events", age=0)[0] == 0


def test_the_command_says_what_it_could_not_repair(world):
    event(world["task"], 4).delete()
    TaskEventLog.objects.filter(task_id=world["task"].pk, version__in=(4, 5)).delete()
    status, text = run("verify_events", age=0, repair=True)
    assert status == 1
    assert "1 things are wrong." in text
    assert "version 4: neither in the outbox nor in the log" in text


def test_the_command_in_json(world):
    TaskEventLog.objects.filter(task_id=world["task"].pk, version=4).delete()
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("verify_events", age=0, json=True, stdout=out)
    answer = json.loads(out.getvalue())
    assert answer["clean"] is False
    assert answer["findings"] == [
        {
            "kind": "not_logged",
            "key": str(world["task"].pk),
            "version": 4,
            "event_id": str(event(world["task"], 4).event_id),
            "consumer": "audit",
            "about": "task",
        }
    ]
    out = StringIO()
    call_command("verify_events", age=0, json=True, repair=True, stdout=out)
    answer = json.loads(out.getvalue())
    assert (answer["clean"], answer["repaired"], len(answer["found_first"])) == (True, 1, 1)


def test_very_many_findings_are_cut_short(world, capsys):
    report = Report(findings=[Finding(Kind.LOST, uuid4(), 1) for _ in range(130)])
    assert len(report.lines()) == 130
    OutboxEvent.objects.all().delete()
    Task.objects.bulk_create([Task(project=world["task"].project, title=f"T{n}") for n in range(120)])
    OutboxEvent.objects.all().delete()
    status, text = run("verify_events", age=0)
    assert status == 1
    assert "more (--json prints all)" in text


def test_the_number_of_queries_does_not_grow_with_the_rows(world, inbox, drain):
    with CaptureQueriesContext(connection) as few:
        verify(NOW)
    Task.objects.bulk_create([Task(project=inbox, title=f"T{n}") for n in range(300)])
    drain()
    with CaptureQueriesContext(connection) as many:
        assert verify(NOW).is_clean
    assert len(many) == len(few)


def test_an_untouched_database_is_clean(db):
    assert run("verify_events")[0] == 0
