"""Two who change the same things at the same moment wait for each other; neither fails. With real threads."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from events.tests.at_once import at_once, successes
from tasks.models import RecurringTask, Task
from tasks.models.task import Status

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"


@pytest.fixture
def occurrence(inbox, by):
    made = RecurringTask(
        project=inbox, title="Water", rrule="FREQ=DAILY", start_date=timezone.now().date(), time_zone="UTC"
    ).begin(by)
    assert made is not None
    return made


def begun(act):
    """Begin something in another thread, and return when it waits for a lock of this one's or is done."""

    def run():
        try:
            return act()
        finally:
            connections.close_all()

    pool = ThreadPoolExecutor(1)
    done = pool.submit(run)
    pool.shutdown(wait=False)
    deadline = time.monotonic() + 30
    while not done.done() and not waiting():
        assert time.monotonic() < deadline, "nobody waits for a lock"
        time.sleep(0.01)
    return done


def waiting():
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return cursor.fetchone()[0]


def by_model(series, owner, by):
    series.end(by)


def by_page(series, owner, by):
    client = Client()
    client.force_login(owner)
    assert client.post(f"/recurring/{series.pk}/end").status_code == 302


def by_page_of_the_task(series, owner, by):
    client = Client()
    client.force_login(owner)
    assert client.post(f"/tasks/{series.occurrences.get().pk}/repeat/stop").status_code in {200, 302}


def by_api(series, owner, by):
    client = APIClient()
    client.force_authenticate(owner)
    assert client.delete(f"/api/recurring-tasks/{series.pk}").status_code == 204


@pytest.mark.parametrize("end", [by_model, by_page, by_page_of_the_task, by_api])
def test_a_series_ends_while_its_occurrence_is_edited(occurrence, owner, by, end):
    series = RecurringTask.objects.get(pk=occurrence.recurring_task_id)
    with transaction.atomic():
        task = Task.objects.get_current(occurrence.pk)
        ending = begun(lambda: end(series, owner, by))
        task.change(by, title="Water the ferns")  # the series takes this over
    ending.result(30)
    series.refresh_from_db()
    occurrence.refresh_from_db()
    assert (series.title, series.is_active) == ("Water the ferns", False)
    assert (occurrence.title, occurrence.recurring_task_id) == ("Water the ferns", None)


def test_bulk_changes_of_the_same_tasks_in_any_order(inbox, by):
    keys = [Task.objects.create(project=inbox, title=str(number)).pk for number in range(40)]

    def change(number):
        for turn in range(5):
            ordered = Task.objects.filter(pk__in=keys).order_by("title" if number % 2 else "-title")
            ordered.change(by, description=f"{number} {turn}")

    assert successes(at_once(*[lambda n=n: change(n) for n in range(4)])) == [None] * 4
    assert set(Task.objects.values_list("version", flat=True)) == {1 + 4 * 5}


def test_a_change_of_zone_beside_changes_of_the_dates_that_it_moves(owner, inbox, by):
    today = timezone.now()
    keys = [
        Task.objects.create(project=inbox, title=str(n), due_date=today, due_all_day=True).pk
        for n in range(20)
    ]

    def travel():
        for zone in ["Asia/Tokyo", "America/Lima"] * 3:
            traveller = type(owner).objects.get(pk=owner.pk)
            traveller.change(by, time_zone=zone)

    def plan():
        for day in range(6):
            Task.objects.filter(pk__in=keys).change(by, due_date=today + timedelta(days=day))

    assert successes(at_once(travel, plan)) == [None, None]


def test_a_task_that_is_being_changed_can_get_subtasks(inbox, by):
    parent = Task.objects.create(project=inbox, title="Move house")

    def add():
        return Task.objects.create(project=inbox, title="Pack", parent=parent).pk

    with transaction.atomic():
        Task.objects.get_current(parent.pk)
        (added,) = at_once(add)
    assert Task.objects.get(pk=added).status == Status.PENDING
