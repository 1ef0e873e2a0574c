"""Files on the page of a task: added, refused, read and removed, with and without a script."""

import pytest
from django.urls import reverse

from accounts.actor import Actor
from tasks.attaching.storage import storage
from tasks.models import Attachment
from tasks.tests import files
from tasks.tests.factories import TaskFactory
from tasks.tests.files import upload
from tasks.tests.page_reading import HTMX, text_of


@pytest.fixture
def task(shared):
    return TaskFactory(project=shared, title="Launch")


def at(name, *keys):
    return reverse(f"tasks:{name}", args=keys)


def attach(task, person, name="notes.txt", content=b"Hello"):
    return Attachment.objects.attach(task, upload(name, content), person, Actor.of(person, "web"))


def send(client, task, *uploads, **how):
    return client.post(at("attachment-add", task.pk), {"files": list(uploads)}, **how)


def names(task):
    return list(task.attachments.values_list("name", flat=True))


# --- Adding --------------------------------------------------------------------------------------------


def test_several_files_go_with_a_plain_form(client, task, member, last_actor_of):
    client.force_login(member)
    page = client.get(at("task", task.pk)).content.decode()
    assert 'enctype="multipart/form-data"' in page
    sent = send(client, task, upload("plan.png", files.PNG), upload("notes.md", b"# Hi"))
    assert sent["Location"] == at("task", task.pk)
    assert names(task) == ["plan.png", "notes.md"]
    assert last_actor_of(task.pk) == ("Milo", "web")


def test_what_is_wrong_with_one_keeps_none_of_the_others_back(client, task, member):
    client.force_login(member)
    answer = send(client, task, upload("a.txt"), upload("b.exe", files.PROGRAM), upload("c.txt", b""))
    shown = text_of(answer)
    assert answer.status_code == 422
    assert "“b.exe” cannot be attached" in shown
    assert "“c.txt” is empty." in shown
    assert names(task) == ["a.txt"]


def test_no_file_is_no_upload(client, task, member):
    client.force_login(member)
    answer = send(client, task)
    assert (answer.status_code, "Choose a file." in text_of(answer)) == (422, True)


def test_a_script_is_told_in_words_alone(client, task, member):
    client.force_login(member)
    refused = send(client, task, upload("<b>.exe", files.PROGRAM), headers=HTMX)
    assert (refused.status_code, refused["Content-Type"]) == (422, "text/plain")
    assert refused.content.decode().startswith("“<b>.exe” cannot be attached")
    assert send(client, task, upload("a.txt"), headers=HTMX).status_code == 200
    assert names(task) == ["a.txt"]


def test_a_request_that_is_too_large_is_not_read(client, task, member, settings):
    settings.ATTACHMENT_MAX_BYTES = 10
    client.force_login(member)
    answer = send(client, task, upload("a.txt", b"x" * 2_000_000))
    assert (answer.status_code, "at most 5 files at once" in text_of(answer)) == (413, True)
    assert names(task) == []


def test_where_nobody_can_attach_there_is_no_form(client, task, member, settings):
    kept = attach(task, member)
    settings.ATTACHMENT_QUOTA_BYTES = 0
    client.force_login(member)
    page = client.get(at("task", task.pk)).content.decode()
    assert "data-attach" not in page
    assert at("attachment", kept.pk) in page


# --- Seeing --------------------------------------------------------------------------------------------


def test_everybody_sees_who_attached_what_and_how_large(
    client, task, member, viewer, django_assert_max_num_queries
):
    kept = attach(task, member, "plan.png", files.PNG)
    for number in range(5):
        attach(task, member, f"{number}.txt")
    client.force_login(viewer)
    client.get(at("task", task.pk))
    with django_assert_max_num_queries(10):
        page = client.get(at("task", task.pk))
    shown = text_of(page)
    assert f"Attachments 6 plan.png {len(files.PNG)}\xa0bytes · Milo ·".replace("\xa0", " ") in shown.replace(
        "\xa0", " "
    )
    assert at("attachment-remove", task.pk, kept.pk) not in page.content.decode()
    assert "data-attach" not in page.content.decode()


def test_an_open_page_gets_the_list_anew(client, task, member):
    attach(task, member, "plan.png", files.PNG)
    client.force_login(member)
    assert "plan.png" in text_of(client.get(at("task-parts", task.pk)))


def test_the_history_names_the_file(client, task, member, owner, drain):
    attach(task, member, "<i>plan.png", files.PNG).remove(Actor.of(owner, "web"))
    drain()
    client.force_login(member)
    html = client.get(reverse("events:history", args=[task.pk])).content.decode()
    assert "added the file &lt;i&gt;plan.png" in html
    assert "removed the file" in html
    assert "<i>plan" not in html


# --- Reading -------------------------------------------------------------------------------------------


def test_a_file_is_sent_to_be_saved_and_never_to_be_run(
    client, task, member, viewer, django_assert_max_num_queries
):
    kept = attach(task, member, "Grüße.txt", b"<script>alert(1)</script>")
    client.force_login(viewer)
    with django_assert_max_num_queries(4):
        answer = client.get(at("attachment", kept.pk))
    assert b"".join(answer.streaming_content) == b"<script>alert(1)</script>"
    headers = {name: answer[name] for name in ("Content-Type", "X-Content-Type-Options", "Content-Length")}
    assert headers == {
        "Content-Type": "text/plain; charset=utf-8",
        "X-Content-Type-Options": "nosniff",
        "Content-Length": "25",
    }
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''Gr%C3%BC%C3%9Fe.txt"
    assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer["Cache-Control"] == "private, no-cache"


def test_a_name_cannot_break_out_of_its_header(client, task, member):
    kept = attach(task, member, 'a"; filename="evil.exe\r\nX-Evil: 1.txt')
    client.force_login(member)
    answer = client.get(at("attachment", kept.pk))
    assert "X-Evil" not in answer.headers
    assert answer["Content-Disposition"] == r'attachment; filename="a\"; filename=\"evil.exeX-Evil: 1.txt"'


def test_a_file_that_the_storage_lost_is_not_found(client, task, member, caplog):
    kept = attach(task, member)
    storage().delete(kept.file)
    client.force_login(member)
    assert client.get(at("attachment", kept.pk)).status_code == 404
    assert str(kept.pk) in caplog.text


def test_what_is_in_the_trash_is_not_sent(client, task, member, by):
    kept = attach(task, member)
    task.refresh_from_db()
    task.trash(by)
    client.force_login(member)
    assert client.get(at("attachment", kept.pk)).status_code == 404


# --- Removing ------------------------------------------------------------------------------------------


def test_who_may_change_the_task_removes_after_being_asked(client, task, member, owner):
    kept = attach(task, member)
    client.force_login(owner)
    page = client.get(at("task", task.pk)).content.decode()
    assert "cannot be brought back" in page
    remove = at("attachment-remove", task.pk, kept.pk)
    assert remove in page
    assert client.post(remove)["Location"] == at("task", task.pk)
    assert names(task) == []
    assert client.post(remove).status_code == 404


def test_with_htmx_the_list_comes_back(client, task, member):
    kept, _other = attach(task, member), attach(task, member, "other.txt")
    client.force_login(member)
    answer = client.post(at("attachment-remove", task.pk, kept.pk), headers=HTMX)
    assert ("notes.txt" in text_of(answer), "other.txt" in text_of(answer)) == (False, True)
    assert "task-changed" in answer["HX-Trigger-After-Settle"]


def test_a_file_is_not_removed_by_the_address_of_another_task(client, task, member, shared):
    kept, other = attach(task, member), TaskFactory(project=shared)
    client.force_login(member)
    assert client.post(at("attachment-remove", other.pk, kept.pk)).status_code == 404
    assert names(task) == ["notes.txt"]
