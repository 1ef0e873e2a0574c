"""A series that was moved to a project which those who may change its occurrences need not even see."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from tasks.models import Project, RecurringTask, Task


@pytest.fixture
def series(owner, shared, by):
    made = RecurringTask(
        project=shared,
        title="Water",
        rrule="FREQ=DAILY",
        start_date=timezone.now().date(),
        time_zone="UTC",
    )
    made.begin(by)
    made.revise(project=Project.objects.create(owner=owner, name="Private"))
    return made


@pytest.fixture
def task(series):
    return series.occurrences.get()


@pytest.fixture
def unchanged(series):
    """What nobody without a right to the series may have changed."""

    def now():
        row = RecurringTask.objects.get(pk=series.pk)
        return row.title, row.rrule, row.deleted_at, row.exceptions, row.project_id

    before = now()
    return lambda: now() == before


def test_editing_the_occurrence_changes_the_occurrence_alone(api, member, inbox, task, unchanged):
    client, path = api(member), f"/api/tasks/{task.pk}"
    mine = Project.objects.inbox_of(member)
    assert client.patch(path, {"title": "Mine"}).status_code == 200
    assert client.patch(path, {"project": str(mine.pk)}).status_code == 200
    assert Task.objects.get(pk=task.pk).title == "Mine"
    assert unchanged()


@pytest.mark.parametrize("body", [{"recurrence_rule": "yearly"}, {"is_recurring": False}])
def test_the_api_refuses_to_change_the_series(api, member, task, unchanged, body):
    answer = api(member).patch(f"/api/tasks/{task.pk}", body)
    assert answer.status_code == 400
    assert "you may not change" in answer.json()["errors"]["recurrence_rule"][0]
    assert unchanged()


@pytest.mark.parametrize("name", ["repeat-skip", "repeat-stop"])
def test_the_page_of_the_task_neither_skips_nor_ends_it(client, member, task, unchanged, name):
    client.force_login(member)
    assert client.post(reverse(f"tasks:{name}", args=[task.pk])).status_code == 404
    assert unchanged()


def test_the_page_of_the_task_refuses_another_rule(client, member, task, unchanged):
    client.force_login(member)
    fields = {"every": "1", "unit": "year", "ends": "never"}
    answer = client.post(reverse("tasks:property", args=[task.pk, "repeat"]), fields)
    assert answer.status_code == 422
    assert "you may not change" in answer.content.decode()
    assert unchanged()


def test_its_owner_may_do_all_that(api, owner, task, series):
    answer = api(owner).patch(f"/api/tasks/{task.pk}", {"recurrence_rule": "yearly"})
    assert answer.json()["recurrence_rule"] == "FREQ=YEARLY"
    assert api(owner).patch(f"/api/tasks/{task.pk}", {"is_recurring": False}).status_code == 200
    assert RecurringTask.objects.get(pk=series.pk).deleted_at is not None
