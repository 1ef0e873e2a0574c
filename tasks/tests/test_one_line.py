"""Titles and names are one line through every door that takes one from a person."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.forms import SignupForm
from accounts.models import ApiToken, User
from tasks.models import Project, RecurringTask, Task
from tasks.tests.factories import TaskFactory

BROKEN = ["a\nBcc: b@example.com", "a\r\nb", "a\0b"]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def page(client, owner):
    client.force_login(owner)
    return client


@pytest.fixture
def task(shared):
    return TaskFactory(project=shared, title="Pay rent")


@pytest.mark.parametrize("text", BROKEN)
def test_a_title_on_a_tasks_page(page, task, text):
    answer = page.post(reverse("tasks:property", args=[task.pk, "title"]), {"title": text})
    assert answer.status_code == 422
    assert Task.objects.get().title == "Pay rent"


@pytest.mark.parametrize("text", BROKEN)
def test_a_title_in_a_row(page, task, text):
    fields = {"title": text, "priority": "1"}
    answer = page.post(reverse("tasks:row-edit", args=[task.pk]), fields, headers=HTMX)
    assert answer.status_code == 422
    assert Task.objects.get().title == "Pay rent"


def test_a_subtask(page, task):
    answer = page.post(reverse("tasks:subtask-add", args=[task.pk]), {"title": "a\0b"})
    assert answer.status_code == 422
    assert not task.living_subtasks().exists()


def test_quick_add(page):
    assert page.post(reverse("tasks:quick-add"), {"q": "a \0 b"}).status_code == 422
    assert not Task.objects.exists()


@pytest.mark.parametrize("text", BROKEN)
def test_a_recurring_task(page, inbox, text):
    fields = {
        "title": text,
        "project": inbox.pk,
        "start": "2999-01-01",
        "every": "1",
        "unit": "day",
        "priority": "1",
    }
    assert page.post(reverse("tasks:recurring-new"), {**fields, "ends": "never"}).status_code == 422
    assert not RecurringTask.objects.exists()
    fields["title"] = "Water"
    assert page.post(reverse("tasks:recurring-new"), {**fields, "ends": "never"}).status_code == 302


@pytest.mark.parametrize("text", BROKEN)
def test_a_project(page, text):
    assert page.post(reverse("tasks:projects"), {"name": text, "colour": "red"}).status_code == 422
    assert not Project.objects.filter(is_inbox=False).exists()


@pytest.mark.parametrize("text", BROKEN)
def test_a_persons_name(page, owner, text):
    assert page.post("/settings/profile", {"display_name": text}).status_code == 422
    assert User.objects.get(pk=owner.pk).display_name == "Olga"
    assert "display_name" in SignupForm({"display_name": text}).errors


@pytest.mark.parametrize("text", BROKEN)
def test_an_api_tokens_name(owner, text):
    with pytest.raises(ValidationError, match="one line"):
        ApiToken.objects.issue(owner, text, ["tasks:read"], None)
