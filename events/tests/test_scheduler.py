"""What is due fires once, however many schedulers run, and costs the same however much is pending."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.actor import SYSTEM
from events.models import OutboxEvent
from events.tests.at_once import at_once, successes
from events.tests.invariants import assert_told, data_of, types_of
from tasks import scheduler
from tasks.models import RecurringTask, Reminder, Task
from tasks.scheduler import Tick

HOUR = timedelta(hours=1)
SYSTEM_EVENTS = ("task.reminder.due", "task.due_soon", "task.overdue", "task.recurring.triggered")


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def reminded(inbox, by, now):
    """A task that is due in 48 hours, with a reminder an hour before."""
    task = Task(
        project=inbox, title="Call", due_date=now + 48 * HOUR, reminders=[{"id": "a", "minutes_before": 60}]
    )
    task.save(by=by)
    return task


def fired(kind):
    return [data_of(row) for row in OutboxEvent.objects.filter(type=kind).order_by("id")]


def daily(project, now, title="Water"):
    """A series whose first occurrence exists and whose next ones come at each midnight UTC."""
    series = RecurringTask(
        project=project, title=title, rrule="FREQ=DAILY", start_date=now.date(), time_zone="UTC"
    )
    series.begin(SYSTEM)
    return series


# --- Once, and on time ---------------------------------------------------------------------------------


def test_each_thing_fires_when_it_is_due_and_once(reminded, now):
    due = reminded.due_date
    ticks = [
        (now, Tick()),
        (due - 24 * HOUR - timedelta(seconds=1), Tick()),
        (due - 24 * HOUR, Tick(due_soon=1)),
        (due - HOUR, Tick(reminders=1)),
        (due - HOUR, Tick()),
        (due, Tick(overdue=1)),
        (due + HOUR, Tick()),
    ]
    assert [scheduler.tick(moment) for moment, _ in ticks] == [expected for _, expected in ticks]
    assert types_of(reminded) == ["task.created", "task.due_soon", "task.reminder.due", "task.overdue"]
    assert [data_of(row).get("late_seconds") for row in OutboxEvent.objects.filter(key=reminded.pk)][1:] == [
        0,
        0,
        0,
    ]
    assert Reminder.objects.get().fired_at == due - HOUR
    assert_told()


def test_after_downtime_everything_comes_late_and_says_so(reminded, now):
    late = reminded.due_date + 2 * HOUR
    assert scheduler.tick(late) == Tick(reminders=1, overdue=1)
    assert fired("task.reminder.due")[0]["late_seconds"] == 3 * 3600
    assert fired("task.overdue")[0]["late_seconds"] == 2 * 3600
    assert_told()


def test_due_soon_after_downtime_counts_from_24_hours_before(reminded):
    scheduler.tick(reminded.due_date - 20 * HOUR)
    assert fired("task.due_soon")[0]["late_seconds"] == 4 * 3600


def test_nobody_calls_a_minute_late(reminded):
    scheduler.tick(reminded.due_date - HOUR + timedelta(seconds=60))
    assert fired("task.reminder.due")[0]["late_seconds"] == 0


def test_what_was_due_before_it_was_asked_for_is_not_late(inbox, by, now):
    Task(project=inbox, title="A", due_date=now - 5 * HOUR).save(by=by)
    Task(project=inbox, title="B", due_date=now + HOUR, reminders=[{"id": "a", "minutes_before": 180}]).save(
        by=by
    )
    assert scheduler.tick(timezone.now()) == Tick(reminders=1, due_soon=1, overdue=1)
    assert [
        event["late_seconds"] for kind in SYSTEM_EVENTS for event in fired(kind) if "late_seconds" in event
    ] == [0] * 3


@pytest.mark.parametrize("end", ["complete", "trash"])
def test_what_is_done_or_deleted_fires_nothing(reminded, by, end):
    getattr(reminded, end)(by)
    assert scheduler.tick(reminded.due_date + HOUR) == Tick()


def test_a_moved_due_date_moves_everything(reminded, by):
    scheduler.tick(reminded.due_date)
    reminded.refresh_from_db()
    reminded.change(by, due_date=reminded.due_date + 72 * HOUR)
    scheduler.tick(reminded.due_date - HOUR)
    scheduler.tick(reminded.due_date)
    assert [len(fired(kind)) for kind in ("task.reminder.due", "task.due_soon", "task.overdue")] == [2, 1, 2]
    assert_told()


def test_occurrences_are_made_on_schedule_all_that_are_due(inbox, now):
    series = daily(inbox, now)
    assert scheduler.tick(now).occurrences == 0
    assert scheduler.tick(series.next_due_at + 2 * 24 * HOUR).occurrences == 3
    assert scheduler.tick(series.next_due_at + 2 * 24 * HOUR).occurrences == 0
    assert_told()


def test_one_that_fails_keeps_none_of_the_others_from_its_turn(inbox, reminded, now):
    broken, sound = daily(inbox, now, "Broken"), daily(inbox, now, "Sound")
    RecurringTask.objects.filter(pk=broken.pk).update(rrule="FREQ=SOMETIMES")
    Reminder.objects.create(task=reminded, wish="b", fire_at=now)
    tick = scheduler.tick(sound.next_due_at)
    assert (tick.occurrences, tick.reminders) == (1, 1)
    assert_told()


def test_a_tick_takes_a_batch_of_each_kind_and_the_next_the_rest(reminded, now, monkeypatch):
    monkeypatch.setattr(scheduler, "BATCH", 3)
    Reminder.objects.bulk_create([Reminder(task=reminded, wish=f"w{n}", fire_at=now) for n in range(7)])
    assert [scheduler.tick(now).reminders for _ in range(4)] == [3, 3, 1, 0]


def test_the_trash_is_emptied_after_its_days(inbox, by, now, settings):
    old, recent = Task(project=inbox, title="Old"), Task(project=inbox, title="Recent")
    for task, days in ((old, 31), (recent, 29)):
        task.save(by=by)
        task.trash(by, now - timedelta(days=days))
    assert scheduler.tick(now).purged == 1
    assert list(Task.objects.all()) == [recent]
    assert_told()


# --- Two schedulers ------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_at_once_fire_everything_once(inbox, by, now):
    reminders = [{"id": "a", "minutes_before": 60}]
    for number in range(20):
        Task(project=inbox, title=f"Soon {number}", due_date=now + 2 * HOUR, reminders=reminders).save(by=by)
        Task(project=inbox, title=f"Late {number}", due_date=now - HOUR).save(by=by)
    for number in range(5):
        daily(inbox, now, f"Series {number}")
    for moment in (now, now + 1.5 * HOUR, now + 48 * HOUR):
        for _ in range(2):  # the second tells of the occurrences that the first made
            results = at_once(*[lambda moment=moment: scheduler.tick(moment)] * 3)
            assert len(successes(results)) == 3
        assert scheduler.tick(moment) == Tick()
    tasks = Task.objects.filter(title__startswith="Soon")
    assert all(
        types_of(t).count("task.reminder.due") == types_of(t).count("task.due_soon") == 1 for t in tasks
    )
    assert all(types_of(t).count("task.overdue") == 1 for t in Task.objects.filter(title__startswith="Late"))
    made = Task.objects.filter(title__startswith="Series")
    assert OutboxEvent.objects.filter(type="task.recurring.triggered").count() == made.count() > 5
    assert len(fired("task.reminder.due")) == Reminder.objects.exclude(fired_at=None).count() == 20
    assert_told()


# --- What a tick costs ---------------------------------------------------------------------------------


class Cost:
    """Statements, and steps of the database's virtual machine: what it does for each row that it looks at."""

    def __init__(self):
        self.statements, self.steps = [], 0

    def note(self, execute, sql, params, many, context):
        self.statements.append((sql, params))
        return execute(sql, params, many, context)

    def step(self):
        self.steps += 1

    def plans(self):
        """The plan of each SELECT, with the values that it ran with."""
        with connection.cursor() as cursor:
            for sql, params in self.statements:
                if sql.startswith("SELECT"):
                    cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
                    yield " / ".join(row[-1] for row in cursor.fetchall())


@contextmanager
def cost():
    measured = Cost()
    connection.connection.set_progress_handler(measured.step, 1)
    try:
        with connection.execute_wrapper(measured.note):
            yield measured
    finally:
        connection.connection.set_progress_handler(None, 1)


@pytest.mark.sqlite
def test_each_query_of_a_tick_uses_its_index(db, now):
    with cost() as measured:
        scheduler.tick(now)
    assert list(measured.plans()) == [
        "SEARCH tasks_reminder USING INDEX pending_reminders (fire_at<?)",
        "SEARCH tasks_task USING INDEX pending_due_soon (deadline_at>? AND deadline_at<?)",
        "SEARCH tasks_task USING INDEX pending_overdue (deadline_at<?)",
        "SEARCH tasks_recurringtask USING INDEX pending_occurrences (create_at<?)",
        "SEARCH tasks_task USING INDEX task_trash (deleted_at>? AND deleted_at<?)",
    ]


def fill(number, task, series):
    """So many pending reminders, tasks with a deadline and series, copied from one of each."""
    copies = {
        Reminder: (task.reminder_rows.get(wish="a"), "wish"),
        Task: (task, None),
        RecurringTask: (series, None),
    }
    for model, (row, unique) in copies.items():
        columns = [
            field.column for field in model._meta.concrete_fields if field.column not in {"id", unique}
        ]
        names = ", ".join(columns)
        chosen = names.replace("occurrence_at", "NULL")
        extra_name, extra_value = (f", {unique}", f", '{number}-' || n") if unique else ("", "")
        with connection.cursor() as cursor:
            cursor.execute(
                f"WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {number}) "
                f"INSERT INTO {model._meta.db_table} (id, {names}{extra_name}) "
                f"SELECT lower(hex(randomblob(16))), {chosen}{extra_value} FROM {model._meta.db_table}, counted "
                "WHERE id = %s",
                [row.pk.hex],
            )


@pytest.mark.sqlite
def test_a_tick_costs_the_same_with_10_or_100_000_pending(inbox, reminded, now):
    series = daily(inbox, now)
    scheduler.tick(now)
    with cost() as idle:
        scheduler.tick(now)
    fill(10, reminded, series)
    with cost() as few:
        scheduler.tick(now)
    fill(100_000, reminded, series)
    assert Reminder.objects.filter(fired_at=None, fire_at__gt=now).count() > 100_000
    assert Task.objects.filter(deadline_at__gt=now, overdue_told=False).count() > 100_000
    assert RecurringTask.objects.filter(create_at__gt=now).count() > 100_000
    with cost() as many:
        assert scheduler.tick(now) == Tick()
    assert len(idle.statements) == len(few.statements) == len(many.statements) == 5
    assert many.steps == few.steps == idle.steps
    assert many.steps < 1000


@pytest.mark.sqlite
def test_firing_one_costs_the_same_with_10_or_100_000_pending(inbox, reminded, now):
    Reminder.objects.create(task=reminded, wish="first", fire_at=now)
    with cost() as few:
        assert scheduler.fire_reminders(now) == 1
    fill(100_000, reminded, daily(inbox, now))
    Reminder.objects.create(task=reminded, wish="second", fire_at=now)
    with cost() as many:
        assert scheduler.fire_reminders(now) == 1
    assert len(many.statements) == len(few.statements)
    assert many.steps == pytest.approx(few.steps, rel=0.01)
