"""Several who change the same thing at the same moment, for real: threads on a database file."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.actor import SYSTEM
from events import consumers
from events.models import ConsumedEvent, OutboxEvent, TaskEventLog
from events.tests.at_once import at_once, successes
from events.tests.invariants import assert_told, types_of
from tasks.changes import StaleTask
from tasks.models import RecurringTask, Task

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 8


@pytest.fixture
def task(inbox, by):
    task = Task(project=inbox, title="Pay rent")
    task.save(by=by)
    return task


@pytest.fixture
def occurrence(inbox, by):
    today = timezone.now().date()
    return RecurringTask(
        project=inbox, title="Water", rrule="FREQ=WEEKLY", start_date=today, time_zone="UTC"
    ).begin(by)


def test_of_many_writes_of_one_version_one_succeeds(task, by):
    copies = [Task.objects.get(pk=task.pk) for _ in range(THREADS)]
    results = at_once(*[lambda c=c, n=n: c.change(by, title=f"By {n}") or n for n, c in enumerate(copies)])
    (winner,) = successes(results)
    assert [type(result) for result in results].count(StaleTask) == THREADS - 1
    task.refresh_from_db()
    assert (task.title, task.version) == (f"By {winner}", 2)
    assert_told()


def test_writers_that_read_under_the_lock_lose_no_update(task, by):
    def append(letter):
        for _ in range(5):
            with transaction.atomic():
                current = Task.objects.get_current(task.pk)
                current.change(by, description=current.description + letter)

    results = at_once(*[lambda letter=letter: append(letter) for letter in "abcdefgh"])
    assert successes(results) == [None] * THREADS
    task.refresh_from_db()
    assert sorted(task.description) == sorted("abcdefgh" * 5)
    assert task.version == 1 + 40
    assert_told()


def test_a_task_that_is_completed_by_many_is_completed_once(task, by):
    def complete():
        with transaction.atomic():
            Task.objects.get_current(task.pk).complete(by)

    assert successes(at_once(*[complete] * THREADS)) == [None] * THREADS
    assert types_of(task) == ["task.created", "task.completed"]


def test_concurrent_completions_bring_one_occurrence(occurrence, by):
    occurrence.complete(by)
    results = at_once(*[lambda: RecurringTask.follow_completion(occurrence.pk)] * THREADS)
    assert len([made for made in successes(results) if made is not None]) == 1
    assert len(successes(results)) == THREADS
    assert Task.objects.filter(recurring_task=occurrence.recurring_task_id).count() == 2


def test_completing_and_reopening_while_events_are_handled_brings_one_occurrence(occurrence, by):
    def toggle():
        with transaction.atomic():
            Task.objects.get_current(occurrence.pk).toggle(by)

    def handle():
        events = OutboxEvent.objects.filter(type="task.completed").order_by("id")
        consumers.consume("recurrence", [row.envelope for row in events])

    for _ in range(3):
        assert successes(at_once(*[toggle, handle] * 4)) == [None] * 8
    handle()
    series = RecurringTask.objects.get()
    assert (series.occurrences.count(), series.occurrences_made) == (1, 1)  # it is open again
    toggle()
    handle()
    series.refresh_from_db()
    assert (series.occurrences.count(), series.occurrences_made) == (2, 2)
    assert_told()


def test_completion_and_schedule_together_make_an_occurrence_once(occurrence, by):
    occurrence.complete(by)
    series = RecurringTask.objects.get()
    due = series.create_at
    at_once(
        *[lambda: RecurringTask.follow_completion(occurrence.pk)] * 4,
        *[lambda: RecurringTask.make_due(series.pk, due)] * 4,
    )
    instants = list(Task.objects.values_list("occurrence_at", flat=True))
    assert len(instants) == len(set(instants))
    assert due in instants
    series.refresh_from_db()
    assert series.occurrences_made == len(instants)
    assert_told()


def test_one_event_that_many_workers_handle_has_one_effect(task):
    envelope = OutboxEvent.objects.get(type="task.created").envelope
    assert successes(at_once(*[lambda: consumers.consume("audit", [envelope])] * THREADS)) == [None] * THREADS
    assert TaskEventLog.objects.filter(task_id=task.pk).count() == 1
    assert ConsumedEvent.objects.filter(consumer="audit").count() == 1


def test_workers_that_handle_a_tasks_events_in_any_order_log_them_in_order(task):
    for number in range(2 * THREADS - 1):
        task.change(SYSTEM, title=f"Title {number}")
    envelopes = list(
        OutboxEvent.objects.filter(key=task.pk).order_by("-id").values_list("envelope", flat=True)
    )
    shares = [envelopes[start::THREADS] for start in range(THREADS)]
    results = at_once(*[lambda share=share: consumers.consume("audit", share) for share in shares])
    assert successes(results) == [None] * THREADS
    versions = list(
        TaskEventLog.objects.filter(task_id=task.pk).order_by("id").values_list("version", flat=True)
    )
    assert versions == list(range(1, 2 * THREADS + 1))
    assert ConsumedEvent.objects.filter(consumer="audit").count() == 2 * THREADS
