"""What is due at once is fired together: few statements, every version, and none of it kept up by another."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, models, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.models import OutboxEvent
from events.tests.at_once import at_once, successes
from events.tests.invariants import assert_told, types_of
from tasks import scheduler
from tasks.announcing import Announcement, announce
from tasks.changes import StaleTask
from tasks.models import RecurringTask, Reminder, Task
from tasks.scheduler import Tick

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def remind(inbox, by, now):
    """``remind(3)``: so many tasks, each with a reminder in an hour."""

    def make(number):
        wish = {"id": "a", "at": (now + HOUR).isoformat()}
        tasks = [Task(project=inbox, title=f"Call {n}", reminders=[wish]) for n in range(number)]
        for task in tasks:
            task.save(by=by)
        return tasks

    return make


def spoil(task):
    """Give a task what no event may carry, so that it cannot be told."""
    models.QuerySet.update(Task.objects.filter(pk=task.pk), tags=[1])


FIRING = {
    "reminders": scheduler.fire_reminders,
    "overdue": scheduler.tell_overdue,
    "due_soon": scheduler.tell_due_soon,
}


@pytest.mark.parametrize("kind", FIRING)
def test_firing_many_takes_as_many_statements_as_firing_one(inbox, by, now, kind):
    fields = {
        "reminders": {"reminders": [{"id": "a", "at": (now + HOUR).isoformat()}]},
        "overdue": {"due_date": now + HOUR},
        "due_soon": {"due_date": now + 25 * HOUR},
    }
    costs = []
    for number in (1, 30):
        for n in range(number):
            Task(project=inbox, title=f"Task {n}", **fields[kind]).save(by=by)
        with CaptureQueriesContext(connection) as captured:
            assert FIRING[kind](now + HOUR) == number
        costs.append(len(captured))
    assert costs[0] == costs[1] < 10


def test_reminders_of_one_task_at_one_instant_take_one_version_each(remind, now):
    (task,) = remind(1)
    Reminder.objects.bulk_create([Reminder(task=task, wish=f"w{n}", fire_at=now + HOUR) for n in range(4)])
    assert scheduler.fire_reminders(now + HOUR) == 5
    rows = OutboxEvent.objects.filter(key=task.pk).order_by("sequence")
    assert list(rows.values_list("sequence", flat=True)) == [1, 2, 3, 4, 5, 6]
    assert list(rows.order_by("id").values_list("sequence", flat=True)) == [1, 2, 3, 4, 5, 6]
    task.refresh_from_db()
    assert task.version == 6
    assert_told()


def test_tasks_at_different_versions_fire_together(remind, by, now):
    tasks = remind(6)
    for number, task in enumerate(tasks):
        for step in range(number % 3):
            task.change(by, title=f"Call {number} {step}")
    assert scheduler.fire_reminders(now + HOUR) == 6
    assert_told()


def test_reminders_that_cannot_be_told_keep_no_other_of_their_batch(remind, now):
    tasks = remind(12)
    for broken in (tasks[0], tasks[7]):
        spoil(broken)
    assert scheduler.fire_reminders(now + HOUR) == 10
    assert set(Reminder.objects.filter(fired_at=None).values_list("task", flat=True)) == {
        tasks[0].pk,
        tasks[7].pk,
    }
    assert [types_of(task)[1:] for task in (tasks[0], tasks[1])] == [[], ["task.reminder.due"]]
    assert scheduler.fire_reminders(now + HOUR) == 0


def test_an_announcement_of_a_stale_task_is_refused_with_all_beside_it(remind, by):
    tasks = remind(2)
    stale = Task.objects.get(pk=tasks[1].pk)
    tasks[1].change(by, title="Changed meanwhile")
    fresh = Task.objects.get(pk=tasks[0].pk)
    details = {"deadline_at": fresh.created_at, "late_seconds": 0}
    with pytest.raises(StaleTask), transaction.atomic():
        announce([Announcement(task, "overdue", details) for task in (fresh, stale)], overdue_told=True)
    assert [types_of(task) for task in tasks] == [["task.created"], ["task.created", "task.updated"]]
    assert not Task.objects.filter(overdue_told=True).exists()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_task_that_somebody_is_at_holds_up_no_other(remind, now):
    held, *others = remind(4)
    with transaction.atomic():
        Task.objects.get_current(held.pk)
        (fired,) = successes(at_once(lambda: scheduler.fire_reminders(now + HOUR)))
        assert fired == len(others)
    assert scheduler.fire_reminders(now + HOUR) == 1
    assert_told()


@pytest.mark.django_db(transaction=True)
def test_a_task_that_is_completed_while_its_reminder_fires_loses_no_version(remind, by, now):
    tasks = remind(20)

    def complete():
        for task in tasks:
            with transaction.atomic():
                Task.objects.get_current(task.pk).complete(by)

    at_once(
        lambda: scheduler.fire_reminders(now + HOUR), complete, lambda: scheduler.fire_reminders(now + HOUR)
    )
    scheduler.fire_reminders(now + HOUR)
    assert Task.objects.completed().count() == 20
    assert all(types_of(task).count("task.reminder.due") <= 1 for task in tasks)
    fired = Reminder.objects.exclude(fired_at=None).count()
    assert OutboxEvent.objects.filter(type="task.reminder.due").count() == fired
    assert_told()


# --- When to look again --------------------------------------------------------------------------------


def test_nothing_is_due_next_where_nothing_waits(db, now):
    assert scheduler.next_due_at(now) is None


def test_what_is_due_next_is_the_first_of_every_kind(inbox, by, now):
    due = now + 72 * HOUR
    Task(project=inbox, title="Call", due_date=due, reminders=[{"id": "a", "minutes_before": 60}]).save(by=by)
    later = due.date() + timedelta(days=9)
    series = RecurringTask(
        project=inbox, title="Water", rrule="FREQ=DAILY", start_date=later, time_zone="UTC"
    )
    series.begin(by)
    RecurringTask.objects.filter(pk=series.pk).update(create_at=due + HOUR)
    expected = [
        (due - 24 * HOUR, Tick(due_soon=1)),
        (due - HOUR, Tick(reminders=1)),
        (due, Tick(overdue=1)),
        (due + HOUR, Tick(occurrences=1)),
    ]
    moment, seen = now, []
    for _ in expected:
        moment = scheduler.next_due_at(moment)
        seen.append((moment, scheduler.tick(moment)))
    assert seen == expected
