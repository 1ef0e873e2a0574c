"""Changes of very many tasks: in portions, each done once whoever dies, and taken back as a whole."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.actor import Actor
from accounts.models import User
from tasks import jobs, many
from tasks.models import Job, Membership, Role, Task
from tasks.tests.list_reading import HTMX, body_of, toasts_in
from tasks.wishes import Wish

NUMBER = 12


@pytest.fixture
def portions(monkeypatch):
    """Small ones, and what counts as many is a few."""
    monkeypatch.setattr(jobs, "PORTION", 5)
    monkeypatch.setattr("tasks.pages.bulk.MOST", 5)


@pytest.fixture
def dozen(inbox, portions):
    return Task.objects.bulk_create([Task(project=inbox, title=f"Task {number}") for number in range(NUMBER)])


@pytest.fixture
def finish(django_capture_on_commit_callbacks):
    """``finish(job)``: let workers go on until it is over. Returns it as it is then."""

    def go_on(job):
        while job.is_running:
            with django_capture_on_commit_callbacks():  # each portion is asked for once more than it was sent
                jobs.go_on(str(job.pk))
            job = Job.objects.get(pk=job.pk)
        return job

    return go_on


def keys(tasks):
    return [task.pk for task in tasks]


def statuses():
    return sorted(set(Task.objects.values_list("status", flat=True)))


def test_all_are_changed_in_portions_with_their_events(dozen, owner, by, finish, events_of):
    job = jobs.begin(owner, by, Wish("complete"), keys(dozen))
    assert (job.done, statuses()) == (0, ["pending"])
    jobs.go_on(str(job.pk))
    assert Task.objects.completed().count() == 5
    job = finish(Job.objects.get(pk=job.pk))
    assert (job.state, job.done, job.changed, job.failed) == ("done", NUMBER, NUMBER, 0)
    assert statuses() == ["completed"]
    assert all(events_of(task.pk) == ["task.created", "task.completed"] for task in dozen)


def test_each_portion_asks_for_the_next_one(dozen, owner, by, drain, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = jobs.begin(owner, by, Wish("complete"), keys(dozen))
    for _portion in range(3):
        with django_capture_on_commit_callbacks(execute=True):
            drain()
    assert Job.objects.get(pk=job.pk).state == "done"


def test_a_message_that_comes_again_does_nothing_twice(dozen, owner, by, finish, events_of):
    job = finish(jobs.begin(owner, by, Wish("priority", 4), keys(dozen)))
    jobs.go_on(str(job.pk))
    assert all(events_of(task.pk) == ["task.created", "task.updated"] for task in dozen)


def test_a_portion_that_dies_half_way_is_done_anew(dozen, owner, by, finish, events_of, monkeypatch):
    job = jobs.begin(owner, by, Wish("complete"), keys(dozen))
    real, calls = many.complete, []

    def dying(task, by):
        calls.append(task)
        if len(calls) == 4:
            raise RuntimeError("killed")
        real(task, by)

    monkeypatch.setattr(many, "complete", dying)
    with pytest.raises(RuntimeError):
        jobs.go_on(str(job.pk))
    assert statuses() == ["pending"]
    finish(Job.objects.get(pk=job.pk))
    assert all(events_of(task.pk) == ["task.created", "task.completed"] for task in dozen)


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Something went wrong."), ("de", "Etwas ist schiefgegangen.")]
)
def test_what_fails_again_and_again_stops_and_says_so(dozen, owner, by, monkeypatch, language, said):
    User.objects.filter(pk=owner.pk).update(locale=language)
    job = jobs.begin(owner, by, Wish("complete"), keys(dozen))

    def broken(*_given):
        raise RuntimeError("broken")

    monkeypatch.setattr(many, "change_many", broken)
    for _attempt in range(jobs.ATTEMPTS):
        with pytest.raises(RuntimeError):
            jobs.go_on(str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.done) == ("stopped", 0)
    assert job.error.startswith(said)


def test_who_falls_silent_is_sent_on_its_way_again_once_in_a_while(dozen, owner, by):
    jobs.begin(owner, by, Wish("complete"), keys(dozen))
    now = timezone.now()
    assert jobs.take_up(now) == 0
    later = now + jobs.SILENCE + timedelta(seconds=1)
    assert jobs.take_up(later) == 1
    assert jobs.take_up(later) == 0


def test_one_undo_takes_back_all_of_it(dozen, owner, by, finish):
    job = finish(jobs.begin(owner, by, Wish("delete"), keys(dozen)))
    assert not Task.objects.alive().exists()
    undoing = finish(jobs.begin_undo(Job.objects.get(pk=job.pk), by))
    assert (undoing.changed, Task.objects.alive().count()) == (NUMBER, NUMBER)
    with pytest.raises(ValidationError, match="taken back already"):
        jobs.begin_undo(Job.objects.get(pk=job.pk), by)


def test_what_changed_again_meanwhile_is_named_by_the_undo(dozen, owner, by, finish):
    job = finish(jobs.begin(owner, by, Wish("priority", 4), keys(dozen)))
    Task.objects.get(pk=dozen[0].pk).change(by, priority=2)
    undoing = finish(jobs.begin_undo(Job.objects.get(pk=job.pk), by))
    assert (undoing.changed, undoing.failed) == (NUMBER - 1, 1)
    assert undoing.failures == [{"title": "Task 0", "detail": "It was changed again since."}]


def test_a_second_one_waits_until_the_first_is_done(dozen, owner, by, finish):
    first = jobs.begin(owner, by, Wish("complete"), keys(dozen))
    with pytest.raises(ValidationError, match="Wait until"):
        jobs.begin(owner, by, Wish("delete"), keys(dozen))
    finish(first)
    jobs.begin(owner, by, Wish("delete"), keys(dozen))


def test_whoever_lost_the_right_meanwhile_changes_no_more(dozen, owner, member, by, finish, shared):
    tasks = Task.objects.bulk_create([Task(project=shared, title="Ours") for _ in range(7)])
    job = jobs.begin(member, Actor.of(member, "web"), Wish("complete"), keys(tasks))
    jobs.go_on(str(job.pk))
    Membership.objects.filter(project=shared, user=member).update(role=Role.VIEWER)
    job = finish(Job.objects.get(pk=job.pk))
    assert (job.changed, job.failed) == (5, 2)
    assert {each["detail"] for each in job.failures} == {"You may see it, but not change it."}


def test_a_project_that_is_gone_stops_the_move(dozen, owner, by, finish, shared):
    job = jobs.begin(owner, by, Wish("project", str(shared.pk)), keys(dozen))
    shared.trash(by)
    job = finish(job)
    assert (job.state, job.changed) == ("stopped", 0)
    assert "Choose a project" in job.error


# --- The pages ------------------------------------------------------------------------------------------


def everything(client, action, view="", **more):
    return client.post(reverse("tasks:bulk"), {"everything": "1", "view": view, "action": action, **more})


def test_a_long_list_offers_all_that_match(client, owner, dozen, monkeypatch):
    client.force_login(owner)
    assert "All 12 that match" not in body_of(client.get("/tasks"))
    monkeypatch.setattr("tasks.pages.finding.PAGE_SIZE", 5)
    body = body_of(client.get("/tasks?q=task"))
    assert "All 12 that match" in body
    assert 'name="view" value="q=task"' in body


def test_a_full_inbox_offers_all_that_match(client, owner, inbox, by):
    client.force_login(owner)
    Task.objects.bulk_create([Task(project=inbox, title="One of many") for _ in range(201)])
    assert "All 201 that match" in body_of(client.get("/inbox"))


def test_all_that_match_go_to_a_job_whose_page_shows_how_far_it_is(client, owner, dozen, finish):
    client.force_login(owner)
    answer = everything(client, "complete", "q=task")
    job = Job.objects.get()
    assert answer["Location"] == reverse("tasks:job", args=[job.pk])
    page = body_of(client.get(answer["Location"]))
    assert 'hx-trigger="every 1s"' in page
    assert '<progress value="0" max="12"' in page
    finish(job)
    page = body_of(client.get(answer["Location"]))
    assert "12 tasks changed." in page
    assert 'hx-trigger="every' not in page
    client.post(reverse("tasks:job-undo", args=[job.pk]))
    finish(Job.objects.exclude(pk=job.pk).get())
    assert statuses() == ["pending"]
    assert reverse("tasks:job-undo", args=[job.pk]) not in body_of(client.get(answer["Location"]))


def test_htmx_is_led_to_the_page_of_the_job(client, owner, dozen):
    client.force_login(owner)
    answer = client.post(
        reverse("tasks:bulk"), {"everything": "1", "view": "q=task", "action": "complete"}, headers=HTMX
    )
    assert answer["HX-Redirect"] == reverse("tasks:job", args=[Job.objects.get().pk])


def test_a_view_with_a_few_tasks_is_changed_at_once(client, owner, dozen, by):
    client.force_login(owner)
    dozen[0].change(by, title="Special")
    answer = everything(client, "complete", "q=special")
    assert toasts_in(client.get(answer["Location"])) == ["Completed 1 task Undo"]
    assert Task.objects.completed().count() == 1
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("view", "sentence"), [("q=nonsense:x", "There is no"), ("q=nobodyhasthis", "Choose some tasks first")]
)
def test_a_view_that_makes_no_sense_or_is_empty_changes_nothing(client, owner, dozen, view, sentence):
    client.force_login(owner)
    assert sentence in toasts_in(client.get(everything(client, "delete", view)["Location"]))[0]
    assert Task.objects.alive().count() == NUMBER


def test_more_than_a_job_takes_is_refused(client, owner, dozen, monkeypatch):
    monkeypatch.setattr("tasks.pages.whole_view.MOST", 10)
    client.force_login(owner)
    assert "At most 10 tasks" in toasts_in(client.get(everything(client, "delete")["Location"]))[0]


def test_nobody_else_sees_a_job_or_takes_it_back(client, outsider, dozen, owner, by, finish):
    job = finish(jobs.begin(owner, by, Wish("complete"), keys(dozen)))
    client.force_login(outsider)
    assert client.get(reverse("tasks:job", args=[job.pk])).status_code == 404
    assert client.post(reverse("tasks:job-undo", args=[job.pk])).status_code == 404


def test_the_view_of_another_changes_only_what_its_reader_sees(client, outsider, dozen):
    client.force_login(outsider)
    everything(client, "delete")
    assert Task.objects.alive().count() == NUMBER


# --- The API --------------------------------------------------------------------------------------------


def test_the_api_begins_a_job_follows_it_and_takes_it_back(api, owner, dozen, finish):
    begun = api(owner).post("/api/tasks/jobs", {"filter": "task", "action": "priority", "value": "urgent"})
    assert (begun.status_code, begun.json()["state"], begun.json()["total"]) == (202, "running", NUMBER)
    assert api(owner).post("/api/tasks/jobs", {"filter": "task", "action": "complete"}).status_code == 409
    finish(Job.objects.get())
    assert api(owner).get(begun["Location"]).json()["changed"] == NUMBER
    undoing = api(owner).post(f"{begun['Location']}/undo")
    assert undoing.status_code == 202
    finish(Job.objects.get(pk=undoing.json()["id"]))
    assert set(Task.objects.values_list("priority", flat=True)) == {1}


@pytest.mark.parametrize(
    "body",
    [
        {"filter": "nonsense:x", "action": "complete"},
        {"filter": "nobodyhasthis", "action": "complete"},
        {"filter": "task", "action": "priority"},
        {"action": "complete"},
    ],
)
def test_the_api_refuses_what_makes_no_sense(api, owner, dozen, body):
    assert api(owner).post("/api/tasks/jobs", body).status_code == 400
    assert not Job.objects.exists()


def test_the_api_shows_nobody_elses_job(api, owner, outsider, dozen, by):
    job = jobs.begin(owner, by, Wish("complete"), keys(dozen))
    assert api(outsider).get(f"/api/tasks/jobs/{job.pk}").status_code == 404
    assert api(outsider).post(f"/api/tasks/jobs/{job.pk}/undo").status_code == 404
