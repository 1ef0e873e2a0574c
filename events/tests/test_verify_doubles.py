"""The proof names what came twice, should a database ever let it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from events.findings import Kind
from events.models import ConsumedEvent, OutboxEvent, TaskEventLog
from events.verify import verify
from tasks.models import Task

NOW = timedelta(0)
pytestmark = pytest.mark.postgresql


@pytest.fixture
def task(inbox, by, drain):
    """A task with four versions, all of them logged."""
    task = Task(project=inbox, title="Title 1")
    task.save(by=by)
    for version in range(2, 5):
        task.change(by, title=f"Title {version}")
    drain()
    assert verify(NOW).findings == []
    return task


def named(report):
    return [(finding.kind, finding.version, finding.consumer) for finding in report.findings]


@pytest.fixture
def without_constraints(db):
    """What keeps effects single is gone for one test: the transaction of the test brings it back."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("DROP INDEX one_entry_per_version")
        cursor.execute("ALTER TABLE events_taskeventlog DROP CONSTRAINT events_taskeventlog_event_id_key")
        cursor.execute("ALTER TABLE events_consumedevent DROP CONSTRAINT events_consumedevent_new_pkey")


def test_a_version_that_was_logged_twice(task, without_constraints):
    entry = TaskEventLog.objects.get(task_id=task.pk, version=3)
    entry.pk = None
    entry.save()
    assert named(verify(NOW)) == [(Kind.LOGGED_TWICE, 3, "")]
    assert verify(NOW).lines() == [f"task {task.pk}: version 3: more than once in the event log"]


def test_a_receipt_that_is_there_twice(task, without_constraints):
    row = OutboxEvent.objects.get(key=task.pk, sequence=2)
    ConsumedEvent.objects.create(consumer="audit", event_id=row.event_id)
    assert named(verify(NOW)) == [(Kind.RECEIVED_TWICE, 2, "audit")]
    assert verify(NOW).lines() == [f"task {task.pk}: version 2: with more than one receipt of audit"]
