"""From the change of a task to what comes of it."""

from datetime import timedelta

from django.utils import timezone

from events.models import ConsumedEvent, OutboxEvent, TaskEventLog
from tasks import scheduler
from tasks.models import RecurringTask, Reminder, Task


def types_of(task):
    return list(OutboxEvent.objects.filter(key=task.pk).order_by("id").values_list("type", flat=True))


def test_every_change_is_one_event_and_one_log_entry(inbox, by, drain):
    task = Task(project=inbox, title="Pay rent")
    task.save(by=by)
    task.change(by, title="Pay the rent", priority=3)
    task.complete(by)
    task.toggle(by)
    task.trash(by)
    task.restore(by)
    assert types_of(task) == [
        "task.created", "task.updated", "task.completed", "task.reopened", "task.deleted", "task.restored",
    ]  # fmt: skip
    assert task.version == 6
    drain()
    log = TaskEventLog.objects.filter(task_id=task.pk).order_by("version")
    assert [entry.version for entry in log] == [1, 2, 3, 4, 5, 6]
    assert log[1].changes == {
        "title": {"from": "Pay rent", "to": "Pay the rent"},
        "priority": {"from": "low", "to": "high"},
    }
    assert (log[1].actor_name, log[1].via) == ("Olga", "web")


def test_saving_without_a_change_records_nothing(inbox, by):
    task = Task(project=inbox, title="Pay rent")
    task.save(by=by)
    Task.objects.get(pk=task.pk).save(by=by)
    assert types_of(task) == ["task.created"]
    assert Task.objects.get(pk=task.pk).version == 1


def test_completing_an_occurrence_brings_the_next_one_once(inbox, by, drain):
    series = RecurringTask(
        project=inbox, title="Water", rrule="FREQ=WEEKLY", start_date=timezone.now().date(), time_zone="UTC"
    )
    first = series.begin(by)
    for _ in range(3):
        first.toggle(by)
        drain()
    occurrences = Task.objects.filter(recurring_task=series).order_by("occurrence_at")
    assert [t.occurrence_at - first.occurrence_at for t in occurrences] == [timedelta(0), timedelta(weeks=1)]
    assert types_of(occurrences[1]) == ["task.created", "task.recurring.triggered"]


def test_a_reminder_fires_once(inbox, by, drain):
    now = timezone.now()
    task = Task(
        project=inbox,
        title="Call",
        due_date=now + timedelta(hours=1),
        reminders=[{"id": "a", "minutes_before": 30}],
    )
    task.save(by=by)
    assert Reminder.objects.get().fire_at == task.due_date - timedelta(minutes=30)
    later = now + timedelta(minutes=31)
    assert scheduler.fire_reminders(later) == 1
    assert scheduler.fire_reminders(later) == 0
    task.refresh_from_db()
    task.complete(by)
    task.reopen(by)
    assert scheduler.fire_reminders(later) == 0
    drain()
    assert TaskEventLog.objects.filter(type="task.reminder.due").count() == 1
    assert (
        ConsumedEvent.objects.filter(consumer="audit").count()
        == OutboxEvent.objects.exclude(type__startswith="notification.").count()
    )
