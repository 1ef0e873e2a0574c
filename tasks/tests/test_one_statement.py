"""A new task and its event as one statement on PostgreSQL, and what makes an ordinary transaction of it."""

from __future__ import annotations

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from accounts.actor import SYSTEM
from events.models import OutboxEvent
from tasks.models import Project, Task
from tasks.one_statement import one_statement
from tasks.signals import tasks_changed

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def sent(inbox, monkeypatch):
    """The first words of every statement that the driver is given."""
    statements: list[str] = []
    execute = psycopg.Cursor.execute

    def noting(cursor, query, *args, **kwargs):
        statements.append(" ".join(str(query).split()[:2]))
        return execute(cursor, query, *args, **kwargs)

    monkeypatch.setattr(psycopg.Cursor, "execute", noting)
    return statements


@pytest.fixture
def refusing():
    """A receiver that refuses every change."""

    def refuse(**_):
        raise RuntimeError("No.")

    tasks_changed.connect(refuse)
    yield
    tasks_changed.disconnect(refuse)


def transactions_of(task):
    """The transactions that wrote a task's row and its event's."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT xmin::text FROM tasks_task WHERE id = %s "
            "UNION SELECT xmin::text FROM events_outboxevent WHERE key = %s",
            [task.pk, task.pk],
        )
        return cursor.fetchall()


def test_a_new_task_and_its_event_are_one_statement(inbox, sent):
    task = Task(project=inbox, title="Buy milk")
    task.save()
    assert sent == ["WITH held_0"]
    assert len(transactions_of(task)) == 1
    assert connection.get_autocommit()


def test_reads_before_it_need_no_transaction(inbox, sent):
    with one_statement():
        project = Project.objects.get(pk=inbox.pk)
        Task(project=project, title="Buy milk").save()
    assert sent == ['SELECT "tasks_project"."id",', "WITH held_0"]


def test_what_follows_finds_what_was_held(inbox, sent):
    with one_statement():
        task = Task(project=inbox, title="Buy milk")
        task.save()
        task.complete(SYSTEM)
    assert (Task.objects.get().version, OutboxEvent.objects.filter(key=task.pk).count()) == (2, 2)


def test_reminders_come_with_the_task(inbox):
    wish = {"id": "0198c0de-0000-7000-8000-000000000001", "at": "2031-01-01T08:00:00+00:00"}
    # They are read before they are planned, so this is an ordinary transaction.
    task = Task(project=inbox, title="Buy milk", reminders=[wish])
    task.save()
    assert task.reminder_rows.count() == 1


def test_a_receiver_that_raises_leaves_nothing(inbox, refusing):
    with pytest.raises(RuntimeError):
        Task(project=inbox, title="Buy milk").save()
    assert not Task.objects.exists()
    assert not OutboxEvent.objects.filter(type="task.created").exists()
    assert connection.get_autocommit()
    assert connection.connection.autocommit


def test_what_a_constraint_forbids_leaves_nothing_and_a_connection_that_works(inbox):
    first = Task(project=inbox, title="Buy milk")
    first.save()
    with pytest.raises(IntegrityError):
        Task(pk=first.pk, project=inbox, title="Buy bread").save()
    assert Task.objects.get().title == "Buy milk"
    assert OutboxEvent.objects.filter(type="task.created").count() == 1
    Task(project=inbox, title="Buy bread").save()
    assert Task.objects.count() == 2


def test_an_error_in_the_block_leaves_nothing(inbox):
    def fail():
        with one_statement():
            Task(project=inbox, title="Buy milk").save()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert not Task.objects.exists()


def test_a_lock_is_held_until_the_end(inbox):
    with one_statement():
        list(Project.objects.filter(pk=inbox.pk).select_for_update())
        with pytest.raises(psycopg.errors.LockNotAvailable), another_connection() as other:
            other.execute("SELECT 1 FROM tasks_project WHERE id = %s FOR UPDATE NOWAIT", [inbox.pk])


def test_what_waits_for_the_commit_runs_after_it(inbox):
    seen: list[int] = []
    with one_statement():
        Task(project=inbox, title="Buy milk").save()
        transaction.on_commit(lambda: seen.append(rows_elsewhere()))
        assert not seen
    assert seen == [1]


def test_inside_a_transaction_it_is_a_part_of_that(inbox):
    with transaction.atomic():
        Task(project=inbox, title="Buy milk").save()
        assert rows_elsewhere() == 0
        transaction.set_rollback(True)
    assert not Task.objects.exists()


def another_connection():
    return psycopg.connect(
        **{**connection.get_connection_params(), "cursor_factory": psycopg.Cursor, "context": None}
    )


def rows_elsewhere() -> int:
    with another_connection() as other:
        return other.execute("SELECT count(*) FROM tasks_task").fetchone()[0]
