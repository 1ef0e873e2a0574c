"""Files on a task through the API: attached, listed, read and removed; problems that say what would be right."""

import io
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from accounts.models import ApiToken
from tasks.models import Attachment
from tasks.tests import files
from tasks.tests.factories import TaskFactory
from tasks.tests.files import upload

FIELDS = {
    "id", "name", "size", "content_type", "sha256", "created_at", "uploaded_by", "uploaded_by_name", "content",
}  # fmt: skip


@pytest.fixture
def task(shared):
    return TaskFactory(project=shared, title="Launch")


@pytest.fixture
def path(task):
    return f"/api/tasks/{task.pk}/attachments"


def send(client, path, file, **headers):
    return client.post(path, {"file": file}, format="multipart", headers=headers)


def test_a_file_is_attached_listed_read_and_removed(
    api, path, member, viewer, events_of, task, django_assert_max_num_queries
):
    made = send(api(member), path, upload("plan.png", files.PNG))
    assert made.status_code == 201
    document = made.json()
    assert set(document) == FIELDS
    assert (document["name"], document["content_type"], document["uploaded_by_name"]) == (
        "plan.png", "image/png", "Milo",
    )  # fmt: skip
    one = f"{path}/{document['id']}"
    assert (made["Location"], document["content"]) == (one, f"{one}/content")
    client = api(viewer)
    with django_assert_max_num_queries(5):
        assert client.get(path).json()["items"] == [document]
    with django_assert_max_num_queries(4):
        assert client.get(one).json() == document
    with django_assert_max_num_queries(3):
        content = client.get(document["content"])
    assert b"".join(content.streaming_content) == files.PNG
    assert content["Content-Disposition"] == 'attachment; filename="plan.png"'
    assert client.delete(one).status_code == 403
    assert api(member).delete(one).status_code == 204
    assert api(member).delete(one).status_code == 404
    assert events_of(task.pk)[1:] == ["task.attachment.added", "task.attachment.removed"]


def test_a_program_gets_the_file_under_the_same_policy(task, path, member):
    _row, secret = ApiToken.objects.issue(member, "ci", ["tasks:write"])
    program = APIClient(headers={"Authorization": f"Bearer {secret}"})
    made = send(program, path, upload("notes.txt"))
    assert made.status_code == 201
    content = program.get(made.json()["content"])
    assert content["Content-Security-Policy"].startswith("sandbox")
    assert content["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("accepted", ["application/octet-stream", "image/png", "text/html,*/*;q=0.8", "*/*"])
def test_a_file_is_what_it_is_whatever_is_asked_for(api, path, member, accepted):
    document = send(api(member), path, upload("plan.png", files.PNG)).json()
    answer = api(member).get(document["content"], headers={"Accept": accepted})
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    missing = api(member).get(f"{path}/{uuid4()}/content", headers={"Accept": accepted})
    assert (missing.status_code, missing["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.exe", files.PROGRAM, "“a.exe” cannot be attached. These kinds can: PNG,"),
        ("a.png", b"Hello", "“a.png” has another content than it says"),
        ("a.txt", b"", "“a.txt” is empty."),
        ("a.txt", b"x" * 301, "“a.txt” is too large: a file has at most 300\xa0bytes."),
    ],
)
def test_a_problem_names_the_field_and_says_what_is_allowed(api, path, member, settings, name, content, says):
    settings.ATTACHMENT_MAX_BYTES = 300
    answer = send(api(member), path, upload(name, content))
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["errors"]["file"][0].startswith(says)


@pytest.mark.parametrize("fields", [{}, {"file": "text"}, {"file": upload("a.txt"), "name": "b"}])
def test_what_is_not_one_file_is_refused(api, path, member, fields):
    assert api(member).post(path, fields, format="multipart").status_code == 400
    assert not Attachment.objects.exists()


def test_json_is_no_file(api, path, member):
    assert api(member).post(path, {"file": "x"}, format="json").status_code == 415


def test_two_files_are_one_too_many(api, path, member):
    fields = {"file": [upload("a.txt"), upload("b.txt")]}
    answer = api(member).post(path, fields, format="multipart")
    assert "Send one file" in answer.json()["errors"]["file"][0]


def test_a_request_that_is_too_large_is_a_problem(api, path, member, settings):
    settings.ATTACHMENT_MAX_BYTES = 10
    answer = send(api(member), path, upload("a.txt", b"x" * 2_000_000))
    assert (answer.status_code, answer["Content-Type"]) == (413, "application/problem+json")


def test_a_key_attaches_a_file_once(api, path, member):
    client = api(member)
    send_again = [
        send(client, path, upload("a.txt", b"Hello"), **{"Idempotency-Key": "k1"}) for _ in range(2)
    ]
    assert [answer.status_code for answer in send_again] == [201, 201]
    assert send_again[0].json() == send_again[1].json()
    assert send_again[1]["Idempotency-Replayed"] == "true"
    assert Attachment.objects.count() == 1
    other = send(client, path, upload("a.txt", b"Other"), **{"Idempotency-Key": "k1"})
    assert other.status_code == 422


def test_a_key_holds_for_files_larger_than_a_body_of_json(api, path, member):
    large = b"x" * 3_000_000
    for _ in range(2):
        send(api(member), path, upload("a.txt", large), **{"Idempotency-Key": "k1"})
    assert Attachment.objects.get().content().read() == large


def test_a_file_that_takes_no_place_in_memory_is_attached_too(api, path, member):
    content = io.BytesIO(b"y" * 2_700_000)
    content.name = "large.txt"
    assert send(api(member), path, content).json()["size"] == 2_700_000
