"""What is counted of tasks and reminders."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from tasks import scheduler
from tasks.models import Task
from tasks.tests.factories import TaskFactory

OPERATIONS = "todo_task_operations_total"


def test_each_operation_counts_with_its_door(inbox, by, counted, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        task = Task(project=inbox, title="Buy milk")
        task.save(by=by)
        task.complete(by)
    assert counted(OPERATIONS, operation="created", via="web") == 1
    assert counted(OPERATIONS, operation="completed", via="web") == 1


def test_many_at_once_count_each(inbox, counted, django_capture_on_commit_callbacks):
    tasks = TaskFactory.create_batch(3, project=inbox)
    with django_capture_on_commit_callbacks(execute=True):
        Task.objects.filter(pk__in=[task.pk for task in tasks]).update(priority=3)
    assert counted(OPERATIONS, operation="updated", via="system") == 3


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_does_not_count(inbox, counted):
    with transaction.atomic():
        TaskFactory(project=inbox)
        transaction.set_rollback(True)
    assert counted(OPERATIONS, operation="created", via="system") == 0
    TaskFactory(project=inbox)
    assert counted(OPERATIONS, operation="created", via="system") == 1


def test_a_fired_reminder_counts_with_how_late_it_is(
    inbox, counted, time_machine, django_capture_on_commit_callbacks
):
    now = timezone.now()
    TaskFactory(project=inbox, reminders=[{"id": "a", "at": (now + timedelta(minutes=1)).isoformat()}])
    time_machine.move_to(now + timedelta(minutes=1, seconds=90), tick=False)
    with django_capture_on_commit_callbacks(execute=True):
        assert scheduler.tick().reminders == 1
    assert counted("todo_reminder_late_seconds_count") == 1
    assert counted("todo_reminder_late_seconds_sum") == pytest.approx(90, abs=0.01)
    assert counted("todo_reminder_late_seconds_bucket", le="60.0") == 0
    assert counted("todo_reminder_late_seconds_bucket", le="300.0") == 1
