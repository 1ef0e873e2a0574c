"""What becomes of a series when an occurrence is deleted, restored, or completed by mistake."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from tasks import scheduler
from tasks.models import Anchor, Comment, Project, RecurringTask, Task
from tasks.tests.friday import NOW
from tasks.tests.page_reading import HTMX, text_of

pytestmark = pytest.mark.usefixtures("on_friday")


def begun(project, by, anchor, rule="FREQ=DAILY;INTERVAL=3", **fields):
    series = RecurringTask(
        project=project,
        title="Water",
        rrule=rule,
        anchor=anchor,
        start_date=NOW.date(),
        time_zone="UTC",
        **fields,
    )
    first = series.begin(by)
    series.refresh_from_db()
    return series, fresh(first)


def fresh(task):
    return Task.objects.select_related("project", "owner", "recurring_task").get(pk=task.pk)


def days(series):
    """The days of the living occurrences, after today."""
    living = series.occurrences.filter(deleted_at=None).order_by("occurrence_at")
    return [(task.due_date.date() - NOW.date()).days for task in living]


@pytest.fixture
def after_completion(inbox, by):
    return begun(inbox, by, Anchor.COMPLETION)


@pytest.fixture
def by_the_calendar(inbox, by):
    return begun(inbox, by, Anchor.SCHEDULE)


# --- Deleting the open one -----------------------------------------------------------------------------


def test_a_series_after_completion_goes_on_when_its_open_one_is_deleted(after_completion, by):
    series, task = after_completion
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        task.trash(by)
    assert days(series) == [4]


def test_restoring_it_takes_the_next_one_back(after_completion, by, events_of):
    series, task = after_completion
    task.trash(by)
    following = series.occurrences.get(deleted_at=None)
    fresh(task).restore(by)
    assert days(series) == [0]
    assert fresh(following).deleted_at is not None
    assert events_of(following.pk) == ["task.created", "task.recurring.triggered", "task.deleted"]
    series.refresh_from_db()
    assert (series.occurrences_made, series.next_due_at) == (1, None)


def test_the_page_says_when_the_next_one_is_due(client, owner, after_completion):
    client.force_login(owner)
    answer = client.post(reverse("tasks:delete", args=[after_completion[1].pk]), headers=HTMX)
    assert "Moved “Water” to the trash. The next one is due Mon 23 Nov." in text_of(answer)


@pytest.mark.parametrize("state", ["paused", "ended", "project"])
def test_a_series_that_does_not_go_on_makes_none(shared, by, state):
    series, task = begun(shared, by, Anchor.COMPLETION)
    if state == "paused":
        series.pause()
    elif state == "ended":
        series.end(by)
    if state == "project":
        shared.trash(by)
    else:
        fresh(task).trash(by)
    assert Task.objects.alive().filter(project=shared).count() == 0


def test_a_series_by_the_calendar_waits_for_its_time(by_the_calendar, by):
    series, task = by_the_calendar
    task.trash(by)
    assert days(series) == []
    with time_machine.travel(NOW + timedelta(days=3), tick=False):
        scheduler.make_occurrences(NOW + timedelta(days=3))
    assert days(series) == [3]


def test_deleting_a_completed_one_or_an_older_one_makes_none(after_completion, by, drain):
    series, task = after_completion
    task.complete(by)
    drain()
    assert days(series) == [0, 3]
    fresh(task).trash(by)
    assert days(series) == [3]


# --- Taking a completion back --------------------------------------------------------------------------


@pytest.mark.parametrize("anchor", [Anchor.SCHEDULE, Anchor.COMPLETION])
def test_reopening_takes_back_what_followed(inbox, by, drain, anchor):
    series, task = begun(inbox, by, anchor)
    before = (series.occurrences_made, series.next_due_at, series.create_at)
    task.complete(by)
    drain()
    assert days(series) == [0, 3]
    fresh(task).reopen(by)
    assert days(series) == [0]
    series.refresh_from_db()
    assert (series.occurrences_made, series.next_due_at, series.create_at) == before
    fresh(task).complete(by)
    drain()
    assert days(series) == [0, 3]


def test_the_undo_of_the_page_does_so(client, owner, by_the_calendar, drain):
    series, task = by_the_calendar
    client.force_login(owner)
    complete = reverse("tasks:complete", args=[task.pk])
    client.post(complete, {"status": "completed"})
    drain()
    assert days(series) == [0, 3]
    client.post(complete, {"status": "pending"}, headers=HTMX)
    assert days(series) == [0]


def test_an_undo_that_is_quicker_than_the_next_one(by_the_calendar, by, drain):
    series, task = by_the_calendar
    task.complete(by)
    fresh(task).reopen(by)
    drain()
    assert days(series) == [0]


def retitle(task, by):
    task.change(by, title="Water the ferns")


def comment(task, by):
    Comment.objects.write(task, "With rain water", task.owner, by)


def add_below(task, by):
    Task(project=task.project, parent=task, title="Fetch the can").save(by=by)


def finish(task, by):
    task.complete(by)


@pytest.mark.parametrize("touch", [retitle, comment, add_below, finish])
def test_what_somebody_touched_stays(by_the_calendar, by, drain, touch):
    series, task = by_the_calendar
    task.complete(by)
    drain()
    touch(fresh(series.occurrences.latest("occurrence_at")), by)
    fresh(task).reopen(by)
    assert days(series) == [0, 3]


def test_what_only_the_system_spoke_of_goes(inbox, by, drain):
    series, task = begun(
        inbox, by, Anchor.COMPLETION, "FREQ=DAILY", reminders=[{"id": "a", "minutes_before": 0}]
    )
    task.complete(by)
    drain()
    later = NOW + timedelta(days=2, hours=1)
    with time_machine.travel(later, tick=False):
        scheduler.fire_reminders(later)
        scheduler.tell_overdue(later)
        assert fresh(series.occurrences.latest("occurrence_at")).version > 2
        fresh(task).reopen(by)
    assert days(series) == [0]


def test_what_would_be_there_by_now_anyway_stays(by_the_calendar, by, drain):
    series, task = by_the_calendar
    task.complete(by)
    drain()
    with time_machine.travel(NOW + timedelta(days=4), tick=False):
        fresh(task).reopen(by)
    assert days(series) == [0, 3]


# --- A project that is deleted -------------------------------------------------------------------------


def test_a_series_goes_on_where_its_restored_occurrence_is(shared, inbox, by, drain):
    series, task = begun(shared, by, Anchor.SCHEDULE, "FREQ=DAILY")
    shared.trash(by)
    later = NOW + timedelta(days=3)
    with time_machine.travel(later, tick=False):
        assert scheduler.make_occurrences(later) == 0
        fresh(task).restore(by)
        series.refresh_from_db()
        assert (series.project, series.is_active) == (inbox, True)
        assert series.next_due_at == datetime(2026, 11, 23, tzinfo=UTC)
        scheduler.make_occurrences(later)
    assert days(series) == [0, 3]


def test_one_that_was_paused_before_stays_paused(shared, by):
    series, task = begun(shared, by, Anchor.SCHEDULE, "FREQ=DAILY")
    series.pause()
    shared.trash(by)
    fresh(task).restore(by)
    series.refresh_from_db()
    assert not series.is_active


def test_completing_it_there_brings_the_next_one(shared, by, drain):
    series, task = begun(shared, by, Anchor.COMPLETION)
    shared.trash(by)
    fresh(task).restore(by)
    fresh(task).complete(by)
    drain()
    assert days(series) == [0, 3]


def test_nobody_changes_a_series_of_a_deleted_project(client, owner, shared, by):
    series, _task = begun(shared, by, Anchor.SCHEDULE, "FREQ=DAILY")
    shared.trash(by)
    client.force_login(owner)
    assert client.post(reverse("tasks:recurring-resume", args=[series.pk])).status_code == 404
    assert Project.objects.get(pk=shared.pk).deleted_at is not None
