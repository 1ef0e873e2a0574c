"""What comes back from the trash, or is reopened, after the world around it changed."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from tasks.models import Project, RecurringTask, Task
from tasks.tests.factories import TaskFactory


@pytest.fixture
def doomed(owner):
    return Project.objects.create(owner=owner, name="Doomed")


@pytest.fixture
def series(inbox, by):
    made = RecurringTask(
        project=inbox, title="Water", rrule="FREQ=DAILY", start_date=timezone.now().date(), time_zone="UTC"
    )
    made.begin(by)
    return made


def fresh(task):
    return Task.objects.select_related("project", "owner", "parent", "recurring_task").get(pk=task.pk)


def test_from_a_deleted_project_the_subtasks_come_to_the_inbox_with_their_parent(
    doomed, inbox, by, events_of
):
    parent = TaskFactory(project=doomed)
    child = TaskFactory(project=doomed, parent=parent)
    grandchild = TaskFactory(project=doomed, parent=child)
    doomed.trash(by)
    fresh(parent).restore(by)
    for task in (parent, child, grandchild):
        assert fresh(task).project == inbox
        assert events_of(task.pk) == ["task.created", "task.deleted", "task.restored"]
    fresh(child).clean()


def test_a_subtask_comes_back_to_where_its_parent_is_by_then(shared, inbox, by):
    parent = TaskFactory(project=shared)
    child = TaskFactory(project=shared, parent=parent)
    child.trash(by)
    fresh(parent).change(by, project=inbox)
    fresh(child).restore(by)
    assert (fresh(child).parent, fresh(child).project) == (parent, inbox)


def test_an_occurrence_that_is_restored_after_its_series_ended_does_not_repeat(series, by):
    occurrence = series.occurrences.get()
    occurrence.trash(by)
    series.end(by)
    fresh(occurrence).restore(by)
    back = fresh(occurrence)
    assert (back.recurring_task, back.occurrence_at) == (None, None)


def test_an_occurrence_that_is_reopened_after_its_series_ended_does_not_repeat(series, by):
    occurrence = series.occurrences.get()
    occurrence.complete(by)
    series.end(by)
    assert fresh(occurrence).recurring_task == series
    fresh(occurrence).reopen(by)
    assert fresh(occurrence).recurring_task is None


def test_one_of_a_series_that_goes_on_stays_its_occurrence(series, by):
    occurrence = series.occurrences.get()
    occurrence.trash(by)
    fresh(occurrence).restore(by)
    assert fresh(occurrence).recurring_task == series


def test_the_page_of_a_completed_occurrence_of_an_ended_series_names_no_series(client, owner, series, by):
    occurrence = series.occurrences.get()
    occurrence.complete(by)
    series.end(by)
    client.force_login(owner)
    page = client.get(reverse("tasks:task", args=[occurrence.pk])).content.decode()
    assert reverse("tasks:recurring-detail", args=[series.pk]) not in page
    assert "Paused" not in page
