"""Dates at the ends of the calendar are slips of the keyboard, and no other clock could show them."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from tasks.models import Task
from tasks.models.reminder import clean_wishes
from tasks.tests.factories import TaskFactory

FAR = ["0001-01-01", "1899-12-31", "3000-01-01", "9999-12-31"]


@pytest.fixture
def page(client, owner):
    owner.time_zone = "Europe/Berlin"
    owner.save()
    client.force_login(owner)
    return client


@pytest.fixture
def task(shared):
    return TaskFactory(project=shared)


@pytest.mark.parametrize("day", FAR)
@pytest.mark.parametrize("time", ["", "00:00", "23:59"])
def test_a_task_is_never_due_then(page, task, day, time):
    fields = {"date": day, "time": time}
    assert page.post(reverse("tasks:property", args=[task.pk, "due"]), fields).status_code == 422
    row = {**fields, "title": task.title, "priority": "1"}
    answer = page.post(reverse("tasks:row-edit", args=[task.pk]), row, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert Task.objects.get().due_date is None


@pytest.mark.parametrize("day", FAR)
def test_nobody_is_reminded_then(page, task, day):
    fields = {"date": day, "time": "00:00"}
    assert page.post(reverse("tasks:property", args=[task.pk, "reminders"]), fields).status_code == 422
    with pytest.raises(ValidationError):
        clean_wishes([{"at": f"{day}T00:00:00Z"}])


@pytest.mark.parametrize("day", FAR)
def test_nothing_repeats_until_then(page, task, day):
    fields = {"every": "1", "unit": "day", "ends": "on", "until": day}
    assert page.post(reverse("tasks:property", args=[task.pk, "repeat"]), fields).status_code == 422


@pytest.mark.parametrize("day", FAR)
def test_a_filter_by_such_a_date_is_no_failure(page, day):
    assert page.get(reverse("tasks:all"), {"due_from": day, "due_to": day}).status_code == 200
