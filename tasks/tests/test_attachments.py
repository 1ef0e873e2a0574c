"""Files on a task: their limits, their events, and when the stored file comes and goes."""

from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from types import SimpleNamespace

import pytest
import time_machine
from django.core.checks import run_checks
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import OperationalError, transaction
from django.utils import timezone

from accounts.actor import Actor
from events.envelope import decode
from events.models import OutboxEvent
from tasks.attaching.storage import storage
from tasks.models import Attachment, Membership, Role, Task
from tasks.tests import files
from tasks.tests.factories import TaskFactory
from tasks.tests.files import upload


@pytest.fixture
def task(shared):
    return TaskFactory(project=shared, title="Launch")


def attach(task, person, name="notes.txt", content=b"Hello", claimed=""):
    by = Actor.of(person, "web")
    return Attachment.objects.attach(task, upload(name, content, claimed), person, by)


def stored():
    try:
        return set(storage().listdir("")[1])
    except FileNotFoundError:
        return set()


# --- Adding and removing -------------------------------------------------------------------------------


def test_what_was_found_is_noted_not_what_was_claimed(task, member):
    made = attach(task, member, "../plan.png", files.PNG, "application/octet-stream")
    assert (made.name, made.size, made.content_type) == ("plan.png", len(files.PNG), "image/png")
    assert made.content().read() == files.PNG
    assert "plan" not in made.file
    assert stored() == {made.file}


def test_adding_and_removing_are_events_of_the_task(task, member, by, events_of, last_actor_of):
    made = attach(task, member, "plan.png", files.PNG)
    said = decode(OutboxEvent.objects.latest("id").envelope).data
    assert (said.attachment_id, said.name, said.content_type) == (made.pk, "plan.png", "image/png")
    assert (said.size, said.sha256) == (len(files.PNG), made.sha256)
    assert last_actor_of(task.pk) == ("Milo", "web")
    made.remove(by)
    assert events_of(task.pk)[1:] == ["task.attachment.added", "task.attachment.removed"]
    task.refresh_from_db()
    assert task.version == 3


def test_the_file_goes_when_nothing_can_bring_its_row_back(
    task, member, by, django_capture_on_commit_callbacks
):
    made = attach(task, member)
    with django_capture_on_commit_callbacks() as callbacks:
        made.remove(by)
        assert stored() == {made.file}
    for callback in callbacks:
        callback()
    assert stored() == set()


def test_removing_twice_is_told_once(task, member, by, events_of):
    made = attach(task, member)
    again = Attachment.objects.get(pk=made.pk)
    made.remove(by)
    again.remove(by)
    assert events_of(task.pk).count("task.attachment.removed") == 1


def test_nothing_stays_of_what_could_not_be_written(task, member, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError

    monkeypatch.setattr(Task, "announce", fail)
    with pytest.raises(RuntimeError), transaction.atomic():
        attach(task, member)
    assert (stored(), Attachment.objects.count()) == (set(), 0)


def test_a_commit_of_which_nobody_knows_leaves_the_file(task, member, monkeypatch):
    @contextmanager
    def lost_connection():
        yield
        raise OperationalError("server closed the connection unexpectedly")

    commit = SimpleNamespace(atomic=lost_connection, on_commit=transaction.on_commit)
    monkeypatch.setattr("tasks.models.attachment.transaction", commit)
    with pytest.raises(OperationalError):
        attach(task, member)
    assert stored() == set(Attachment.objects.values_list("file", flat=True)) != set()


def test_the_trash_keeps_files_and_emptying_it_removes_them(
    task, member, by, django_capture_on_commit_callbacks
):
    made = attach(task, member)
    task.refresh_from_db()
    task.trash(by)
    assert stored() == {made.file}
    with django_capture_on_commit_callbacks(execute=True):
        assert Task.objects.purge() == 1
    assert (stored(), Attachment.objects.count()) == (set(), 0)


def test_restoring_brings_them_back(task, member, by):
    made = attach(task, member)
    task.refresh_from_db()
    task.trash(by)
    assert not Attachment.objects.visible_to(member).exists()
    task.restore(by)
    assert Attachment.objects.visible_to(member).get() == made


# --- Who -----------------------------------------------------------------------------------------------


def test_who_may_not_change_the_task_adds_nothing(task, viewer, outsider):
    for person in (viewer, outsider):
        with pytest.raises(Task.DoesNotExist):
            attach(task, person)
    assert stored() == set()


def test_members_see_and_editors_and_the_uploader_remove(task, owner, member, viewer, outsider):
    made = attach(task, member)
    sees = [Attachment.objects.visible_to(person).exists() for person in (owner, member, viewer, outsider)]
    removes = [
        Attachment.objects.removable_by(person).exists() for person in (owner, member, viewer, outsider)
    ]
    assert (sees, removes) == ([True, True, True, False], [True, True, False, False])
    Membership.objects.filter(user=member).update(role=Role.VIEWER)
    assert Attachment.objects.removable_by(member).get() == made
    Membership.objects.filter(user=member, project=task.project).delete()
    assert not Attachment.objects.removable_by(member).exists()


# --- Limits --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.txt", b"", "“a.txt” is empty."),
        ("a.txt", b"x" * 101, "“a.txt” is too large: a file has at most 100\xa0bytes."),
        ("a.exe", files.PROGRAM[:50], "“a.exe” cannot be attached"),
    ],
)
def test_what_cannot_be_attached_is_refused_in_a_sentence(
    task, member, settings, name, content, says, events_of
):
    settings.ATTACHMENT_MAX_BYTES = 100
    with pytest.raises(ValidationError) as refused:
        attach(task, member, name, content)
    assert refused.value.messages[0].startswith(says)
    assert (stored(), events_of(task.pk)) == (set(), ["task.created"])


def test_an_account_has_room_for_so_much(task, owner, member, by, settings):
    settings.ATTACHMENT_QUOTA_BYTES = 10
    first = attach(task, member, content=b"123456")
    with pytest.raises(ValidationError, match="no room for “notes"):
        attach(task, member, content=b"12345")
    attach(task, owner, content=b"12345")
    first.remove(by)
    attach(task, member, content=b"1234567890")
    settings.ATTACHMENT_QUOTA_BYTES = 0
    with pytest.raises(ValidationError, match="cannot be attached here"):
        attach(task, owner)


# --- What a process left that died ---------------------------------------------------------------------


def removed(*options):
    said = StringIO()
    call_command("remove_orphaned_files", *options, stdout=said)
    return said.getvalue().split()


def test_what_is_on_no_task_for_a_day_is_removed(task, member):
    made, lost = attach(task, member), storage().save("lost", upload("a"))
    assert removed() == ["0", "removed."]
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        assert removed("--dry-run") == [lost, "1", "would", "be", "removed."]
        assert stored() == {made.file, lost}
        assert removed() == [lost, "1", "removed."]
    assert stored() == {made.file}


# --- How it is set up ----------------------------------------------------------------------------------


def test_types_that_nobody_knows_are_named(settings):
    settings.ATTACHMENT_TYPES = ["image/png", "image/svg+xml"]
    assert [(found.id, "image/svg+xml" in found.msg) for found in run_checks()] == [("tasks.E001", True)]


@pytest.mark.parametrize(
    ("transport", "bucket", "quota", "warned"),
    [("embedded", "", 1, False), ("dapr", "", 1, True), ("dapr", "files", 1, False), ("dapr", "", 0, False)],
)
def test_a_folder_is_not_for_many_machines(settings, transport, bucket, quota, warned):
    settings.EVENT_TRANSPORT, settings.ATTACHMENTS_BUCKET = transport, bucket
    settings.ATTACHMENT_QUOTA_BYTES = quota
    found = {message.id for message in run_checks(include_deployment_checks=True)}
    assert ("tasks.W001" in found) == warned
