"""Recounting: what is recorded in a block has happened at the block's instant."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.utils import timezone

from tasks import clock
from tasks.models import RecurringTask, Task
from tasks.signals import tasks_changed

AGO = timedelta(days=20)


def test_outside_of_a_block_it_is_now():
    before = timezone.now()
    assert before <= clock.now() <= timezone.now()


def test_blocks_nest_and_end_with_an_error():
    moment = timezone.now() - AGO
    with clock.at(moment):
        with pytest.raises(ValueError, match="no"), clock.at(moment + AGO):
            raise ValueError("no")
        assert clock.now() == moment
    assert clock.now() > moment + timedelta(days=1)


def test_other_threads_have_their_own():
    seen = []
    with clock.at(timezone.now() - AGO):
        thread = threading.Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()
    assert timezone.now() - seen[0] < timedelta(minutes=1)


def test_a_task_and_what_is_told_of_it_are_of_that_instant(inbox, by):
    told = []

    def note(changes, **_):
        told.extend((change.kind, change.occurred_at) for change in changes)

    made, finished = timezone.now() - AGO, timezone.now() - AGO / 2
    tasks_changed.connect(note)
    try:
        with clock.at(made):
            task = Task(project=inbox, title="Pay rent")
            task.save(by=by)
        with clock.at(finished):
            task.complete(by)
            task.trash(by)
    finally:
        tasks_changed.disconnect(note)
    assert told == [("created", made), ("completed", finished), ("deleted", finished)]
    task.refresh_from_db()
    assert (task.created_at, task.completed_at, task.deleted_at) == (made, finished, finished)
    assert task.updated_at == finished


def test_a_series_begins_on_that_day(inbox, by):
    then = timezone.now() - AGO
    series = RecurringTask(
        project=inbox, title="Water", rrule="FREQ=DAILY", start_date=then.date(), time_zone="UTC"
    )
    with clock.at(then):
        first = series.begin(by)
    assert first.occurrence_at.date() == then.date()
    assert (first.created_at, series.last_created_at) == (then, then)
