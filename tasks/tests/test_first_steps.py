"""The first minutes of an account: lines to try, a sample project on request, nothing of it for anybody else."""

import pytest
from django.urls import reverse

from tasks.first_steps import EXAMPLES, SAMPLE, make_sample
from tasks.models import Project, RecurringTask, Task
from tasks.quickadd import parse
from tasks.tests.test_quickadd import BERLIN, NOW


@pytest.fixture
def new(client, owner):
    client.force_login(owner)
    return client


@pytest.mark.parametrize("page", ["/today", "/inbox"])
def test_empty_account_is_led_by_the_page_itself(new, page):
    text = new.get(page).content.decode()
    for line in EXAMPLES:
        assert f'data-fill="{line}"' in text
    assert reverse("tasks:sample-project") in text


@pytest.mark.parametrize("line", EXAMPLES)
def test_each_example_says_something_to_quick_add(line):
    parsed = parse(line, now=NOW, zone=BERLIN)
    assert parsed.errors == ()
    assert len(parsed.chips) >= 1


@pytest.mark.parametrize("page", ["/today", "/inbox"])
def test_who_has_had_a_task_is_not_led(new, page, inbox, by):
    task = Task(project=inbox, title="Milk")
    task.save(by=by)
    task.trash(by)
    assert "data-fill" not in new.get(page).content.decode()


def test_sample_is_real_tasks_and_goes_in_one_go(new, owner, events_of):
    answer = new.post(reverse("tasks:sample-project"))
    project = Project.objects.get(owner=owner, is_inbox=False)
    assert answer["Location"] == reverse("tasks:project", args=[project.pk])
    tasks = Task.objects.filter(project=project)
    assert {str(title) for title, _words in SAMPLE} <= set(tasks.values_list("title", flat=True))
    assert all("task.created" in events_of(task.pk) for task in tasks)
    assert tasks.filter(status="completed").count() == 1
    assert RecurringTask.objects.filter(project=project, is_active=True).count() == 1

    new.post(reverse("tasks:project-delete", args=[project.pk]))
    assert not tasks.filter(deleted_at=None).exists()
    assert not RecurringTask.objects.filter(project=project).exclude(create_at=None).exists()


def test_asking_twice_makes_one(new, owner):
    for _ in range(2):
        new.post(reverse("tasks:sample-project"))
    assert Project.objects.filter(owner=owner, is_inbox=False).count() == 1


def test_sample_is_made_whole_or_not_at_all(owner, by, monkeypatch):
    def fails(self, by):
        raise RuntimeError

    monkeypatch.setattr(Task, "complete", fails)
    with pytest.raises(RuntimeError):
        make_sample(owner, by)
    assert list(Project.objects.filter(is_inbox=False)) == []


def test_strangers_get_none(client, db):
    assert client.post(reverse("tasks:sample-project"))["Location"].startswith("/accounts/login/")
