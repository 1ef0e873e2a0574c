"""Open pages: who is told of what, when, and what happens where there is no room or no stream."""

from __future__ import annotations

import json
import socket
from uuid import uuid4

import pytest

from accounts.actor import Actor
from events.models import TaskEventLog
from notifications.models import Notification
from tasks.models import Membership, Project, Task
from todo_project.live import changes, hub, views
from todo_project.live.changes import Change, News
from todo_project.live.hub import Hub
from todo_project.live.stream import HELLO, Stream, message

ASK = "/live/changes"


@pytest.fixture
def page(client, owner):
    """``page(after)`` is what an open page of the owner gets when it asks."""
    client.force_login(owner)
    return lambda after="": client.get(ASK, {"after": after} if after != "" else {}).json()


@pytest.fixture
def theirs(shared, member, drain):
    """A task that the member added to the shared project."""
    task = Task(project=shared, title="Theirs")
    task.save(by=Actor.of(member, "web"))
    drain()
    return task


def notify(person):
    Notification.objects.create(
        user=person, kind="reminder", title="Pay", url="/today", source_event_id=uuid4()
    )


def kinds(news):
    return [change["kind"] for change in news.get("changes", [])]


# --- Asking --------------------------------------------------------------------------------------------


def test_a_page_that_asks_learns_what_others_changed_since(page, theirs, member, drain):
    assert page(0)["changes"] == [{"task": str(theirs.pk), "kind": "task.created", "version": 1}]
    here = TaskEventLog.objects.latest("id").pk
    assert "changes" not in page(here)
    theirs.complete(Actor.of(member, "web"))
    drain()
    assert kinds(page(here)) == ["task.completed"]


def test_it_carries_only_ids_kinds_and_versions(page, theirs):
    assert set(page(0)["changes"][0]) == {"task", "kind", "version"}
    assert "Theirs" not in json.dumps(page(0))


def test_nobody_learns_of_a_task_that_they_cannot_see(client, theirs, outsider):
    client.force_login(outsider)
    assert "changes" not in client.get(ASK, {"after": 0}).json()


def test_rights_are_those_of_now(page, owner, member, theirs, client):
    client.force_login(member)
    assert len(client.get(ASK, {"after": 0}).json()["changes"]) == 1
    Membership.objects.filter(user=member, project=theirs.project).delete()
    assert "changes" not in client.get(ASK, {"after": 0}).json()


def test_what_moved_to_the_trash_is_told(page, theirs, member, drain):
    theirs.trash(Actor.of(member, "web"))
    drain()
    assert kinds(page(0))[-1] == "task.deleted"


def test_the_position_waits_for_what_may_still_appear_below_it(page, theirs, monkeypatch):
    newest = TaskEventLog.objects.latest("id").pk
    assert page(0)["position"] == 0
    TaskEventLog.objects.update(logged_at="2026-01-01T00:00:00Z")
    assert page(0)["position"] == newest


def test_who_missed_very_much_is_told_to_load_everything_again(page, theirs, monkeypatch):
    monkeypatch.setattr(changes, "MOST", 1)
    news = page(0)
    assert (news["reset"], kinds(news)) == (True, [])


def test_the_number_of_unread_notifications_comes_along(page, owner):
    assert page(0)["unread"] == 0
    notify(owner)
    assert page()["unread"] == 1


@pytest.mark.parametrize("address", ["/live", ASK, "/live/bell"])
def test_strangers_are_refused_and_not_led_anywhere(client, db, address):
    assert client.get(address).status_code == 403


@pytest.mark.parametrize("after", ["x", "-1", "9" * 30, "١"])
def test_a_position_that_is_none_is_as_good_as_no_position(page, after):
    assert page(after)["position"] >= 0


def test_asking_costs_little(page, theirs, django_assert_num_queries):
    newest = TaskEventLog.objects.latest("id").pk
    with django_assert_num_queries(4):  # session, user, the log, unread
        page(newest)
    with django_assert_num_queries(5):  # and what of it may be seen
        page(0)


def test_a_form_that_is_open_learns_who_changed_what_from_which_value_to_which(
    client, owner, theirs, member, drain
):
    theirs.change(Actor.of(member, "web"), title="<b>Ours</b>")
    drain()
    client.force_login(owner)
    text = client.get(f"/live/tasks/{theirs.pk}").content.decode()
    assert "Milo renamed it" in text
    assert "<del>Theirs</del> → <ins>&lt;b&gt;Ours&lt;/b&gt;</ins>" in text


def test_a_form_learns_nothing_of_a_task_that_its_reader_cannot_see(client, outsider, theirs):
    client.force_login(outsider)
    assert client.get(f"/live/tasks/{theirs.pk}").status_code == 404


# --- Streams -------------------------------------------------------------------------------------------


@pytest.fixture
def quiet(monkeypatch):
    """A hub whose thread does not run: the test looks in its place."""
    made = Hub()
    monkeypatch.setattr(hub.Hub, "_run", lambda self: None)
    monkeypatch.setattr(views, "HUB", made)
    yield made
    made.stop()


def sent(stream):
    """The news that wait in a stream."""
    found = []
    while not stream._waiting.empty():
        data = stream._waiting.get()
        found += [json.loads(line[6:]) for line in data.decode().splitlines() if line.startswith("data: ")]
    return found


def test_each_stream_gets_what_its_reader_may_see(quiet, owner, outsider, theirs):
    mine, others = quiet.open(owner.pk), quiet.open(outsider.pk)
    quiet._position = 0
    quiet.look()
    assert [kinds(news) for news in sent(mine)] == [["task.created"]]
    assert sent(others) == []


def test_what_was_told_is_not_told_again_and_what_appears_late_is(quiet, owner, theirs, member, drain):
    theirs.complete(Actor.of(member, "web"))
    drain()
    late = TaskEventLog.objects.latest("id")
    stream = quiet.open(owner.pk)
    quiet._position = 0
    early = TaskEventLog.objects.exclude(pk=late.pk)
    low, high = early.latest("id").pk, late.pk
    assert low < high
    row = TaskEventLog.objects.get(pk=low)
    row.delete()  # its transaction has not ended yet
    quiet.look()
    row.pk = low
    row.save(force_insert=True)
    quiet.look()
    quiet.look()
    assert [kinds(news) for news in sent(stream)] == [["task.completed"], ["task.created"]]


def test_a_new_notification_rings(quiet, owner, member):
    stream, other = quiet.open(owner.pk), quiet.open(member.pk)
    notify(owner)
    quiet.look()
    assert [news["unread"] for news in sent(stream)] == [1]
    assert sent(other) == []


def test_what_is_read_in_one_page_is_told_to_the_others_once(quiet, owner):
    notify(owner)
    first, second = quiet.open(owner.pk), quiet.open(owner.pk)
    quiet.look()
    Notification.objects.of(owner).mark_read()
    quiet.look()
    quiet.look()
    for stream in (first, second):
        assert [news["unread"] for news in sent(stream)] == [1, 0]


def test_a_page_is_not_told_the_number_with_which_it_began(quiet, client, owner):
    notify(owner)
    client.force_login(owner)
    client.get("/live")
    (stream,) = quiet._streams
    assert [news["unread"] for news in sent(stream)] == [1]
    quiet.look()
    assert sent(stream) == []


def test_looking_for_many_pages_costs_as_much_as_for_one(
    quiet, owner, member, theirs, django_assert_num_queries
):
    for person in (owner, member, owner):
        quiet.open(person.pk)
    quiet._position = 0
    with django_assert_num_queries(4):  # the log, the tasks, their members, notifications
        quiet.look()
    with django_assert_num_queries(2):
        quiet.look()


def test_there_is_room_for_so_many_pages_of_a_person_and_so_many_in_all(quiet, owner, member, settings):
    opened = [quiet.open(owner.pk) for _ in range(hub.OF_ONE_PERSON + 1)]
    assert [stream is None for stream in opened] == [False] * hub.OF_ONE_PERSON + [True]
    quiet.close(opened[0])
    assert quiet.open(owner.pk) is not None
    settings.LIVE_STREAMS = len(quiet)
    assert quiet.open(member.pk) is None


def test_without_room_a_page_is_told_to_ask_instead(quiet, client, owner, settings):
    client.force_login(owner)
    settings.LIVE_STREAMS = 0
    assert client.get("/live").status_code == 429


def test_a_stream_begins_where_the_page_left_off(quiet, client, owner, theirs):
    client.force_login(owner)
    response = client.get("/live", headers={"Last-Event-ID": "0"})
    assert response["Content-Type"] == "text/event-stream"
    assert response["X-Accel-Buffering"] == "no"
    assert "no-store" in response["Cache-Control"]
    parts = iter(response.streaming_content)
    assert next(parts) == HELLO
    assert b'"kind":"task.created"' in next(parts)
    quiet.stop()
    assert list(parts) == []


def test_a_silent_stream_shows_that_it_is_alive(monkeypatch, owner):
    monkeypatch.setattr("todo_project.live.stream.HEARTBEAT_SECONDS", 0.01)
    parts = iter(Stream(owner.pk))
    assert [next(parts), next(parts)] == [HELLO, b": still here\n\n"]


def test_a_stream_ends_after_a_while_so_that_the_page_shows_its_session_again(monkeypatch, owner):
    monkeypatch.setattr("todo_project.live.stream.LIFE_SECONDS", 0.05)
    assert list(Stream(owner.pk)) == [HELLO]


def test_a_connection_of_its_own_gets_what_waits_and_is_closed_when_the_page_has_gone(owner):
    ours, page = socket.socketpair()
    stream = Stream(owner.pk)
    news = message(News(3, [Change(owner.pk, "task.updated", 2)]))
    stream.send(news)
    stream.attach(ours)
    stream.flush()
    assert page.recv(1000) == news
    page.close()
    for _ in range(2):
        stream.send(news)
        stream.flush()
    assert not stream.is_open


def test_a_page_that_takes_nothing_in_is_let_go(owner):
    ours, page = socket.socketpair()
    stream = Stream(owner.pk)
    stream.attach(ours)
    stream.send(b"x" * 10_000_000)
    stream.flush()
    assert not stream.is_open
    page.close()


def test_a_heartbeat_goes_over_a_connection_of_its_own(monkeypatch, owner):
    monkeypatch.setattr("todo_project.live.stream.HEARTBEAT_SECONDS", 0.0)
    ours, page = socket.socketpair()
    stream = Stream(owner.pk)
    stream.attach(ours)
    stream.flush()
    assert page.recv(100) == b": still here\n\n"
    stream.close()
    page.close()


def test_under_gunicorn_the_connection_leaves_its_thread(quiet, client, owner):
    ours, page = socket.socketpair()
    client.force_login(owner)
    response = client.get("/live", **{"gunicorn.socket": ours})
    assert list(response.streaming_content) == [HELLO]
    response.close()
    ours.close()  # what gunicorn does
    (stream,) = quiet._streams
    stream.send(b"data: {}\n\n")
    stream.flush()
    assert page.recv(1000).endswith(b"data: {}\n\n")
    page.close()


@pytest.mark.django_db(transaction=True)
def test_the_hub_works_while_there_are_pages_and_rests_afterwards(owner, monkeypatch):
    monkeypatch.setattr(hub, "LOOK_SECONDS", 0.01)
    project, made = Project.objects.inbox_of(owner), Hub()
    stream = made.open(owner.pk)
    thread = made._thread
    entry = {
        "actor_name": "",
        "via": "web",
        "data": {},
        "envelope": "",
        "occurred_at": "2026-11-20T00:00:00Z",
    }
    task = Task.objects.create(project=project, title="New")
    TaskEventLog.objects.create(
        event_id=task.pk, type="task.created", task_id=task.pk, user_id=owner.pk, version=1, **entry
    )
    parts = iter(stream)
    assert next(parts) == HELLO
    assert b"task.created" in next(parts)
    made.close(stream)
    thread.join(10)
    assert not thread.is_alive()
    assert made._thread is None
