"""Errors of the API, wherever they arise, are RFC 9457 problem documents."""

import pytest
from django.test import Client
from rest_framework.exceptions import Throttled
from rest_framework.test import APIClient

from accounts.models import ApiToken
from tasks.api.tasks import TaskList

MEDIA_TYPE = "application/problem+json"


@pytest.fixture
def client(owner):
    made = APIClient(raise_request_exception=False)
    made.force_login(owner)
    return made


def check(answer, status, *fields):
    """The parts that every problem has, and the fields that it names."""
    problem = answer.json()
    assert (answer.status_code, problem["status"]) == (status, status), problem
    assert answer["Content-Type"] == MEDIA_TYPE
    assert set(problem) - {"errors"} == {"type", "title", "status", "detail", "instance", "request_id"}
    assert problem["request_id"] == answer["X-Request-ID"]
    assert problem["type"].startswith("urn:todo:problem:")
    assert tuple(problem.get("errors", ())) == fields
    return problem


def test_a_wrong_field(client):
    problem = check(client.post("/api/tasks", {"title": ""}), 400, "title")
    assert problem["instance"] == "/api/tasks"
    assert (problem["type"], problem["title"]) == ("urn:todo:problem:bad-request", "Bad Request")
    assert problem["detail"] == "Correct title and send the request again."
    assert problem["errors"]["title"] == ["Give one line of 1 to 200 characters."]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[" * 100_000,
        b'{"title": NaN}',
        b'{"title": "\xff"}',
        b'{"title": "\\ud800"}',
        b"\xef\xbb\xbf{}",
    ],
)
def test_what_is_not_json(client, body):
    problem = check(client.post("/api/tasks", body, content_type="application/json"), 400)
    assert "not JSON" in problem["detail"]


def test_a_name_that_stands_twice(client, owner):
    body = b'{"title": "One", "title": "Two", "priority": "low"}'
    problem = check(client.post("/api/tasks", body, content_type="application/json"), 400, "title")
    assert problem["errors"] == {"title": ["This is given more than once."]}
    body = b'{"title": "One", "reminders": [{"minutes_before": 5, "minutes_before": 10}]}'
    check(client.post("/api/tasks", body, content_type="application/json"), 400, "minutes_before")


@pytest.mark.parametrize("body", ["[]", '"x"', "5", "null"])
def test_what_is_not_an_object(client, body):
    problem = check(client.post("/api/tasks", body, content_type="application/json"), 400)
    assert "JSON object" in problem["detail"]


def test_a_body_without_end(client):
    body = b'{"title": "' + b"x" * 1_100_000 + b'"}'
    check(client.post("/api/tasks", body, content_type="application/json"), 413)


def test_not_signed_in(db):
    answer = APIClient().get("/api/tasks")
    check(answer, 401)
    assert answer["WWW-Authenticate"].startswith("Bearer")
    check(APIClient(headers={"Authorization": "Bearer nonsense"}).get("/api/tasks"), 401)


def test_a_token_without_the_scope(owner):
    _token, secret = ApiToken.objects.issue(owner, "test", ["tasks:read"])
    client = APIClient(headers={"Authorization": f"Bearer {secret}"})
    assert client.get("/api/tasks").status_code == 200
    problem = check(client.post("/api/tasks", {"title": "x"}), 403)
    assert "tasks:write" in problem["detail"]


def test_a_session_needs_the_csrf_token(owner):
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(owner)
    check(client.post("/api/tasks", {"title": "x"}), 403)
    assert client.get("/api/tasks").status_code == 200


def test_a_token_needs_no_csrf_token(owner):
    _token, secret = ApiToken.objects.issue(owner, "test", ["tasks:write"])
    client = APIClient(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {secret}"})
    assert client.post("/api/tasks", {"title": "x"}).status_code == 201


def test_an_unknown_path(client):
    for path in ("/api/nothing", "/api/tasks/not-an-id", "/api/tasks//"):
        check(client.get(path), 404)
    check(client.post("/api/nothing", {}), 404)


def test_a_page_that_is_missing_stays_a_page(client):
    answer = client.get("/nothing-here")
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")


def test_a_method_that_is_not_there(client):
    answer = client.delete("/api/tasks")
    check(answer, 405)
    assert answer["Allow"] == "GET, POST, HEAD, OPTIONS"


def test_a_media_type_that_is_not_read(client):
    check(client.post("/api/tasks", "title=x", content_type="application/x-www-form-urlencoded"), 415)


def test_a_media_type_that_is_not_written(client):
    check(client.get("/api/tasks", headers={"Accept": "application/xml"}), 406)


def test_too_many_requests(client, monkeypatch):
    def refuse(view, request):
        raise Throttled(wait=7)

    monkeypatch.setattr(TaskList, "check_throttles", refuse)
    answer = client.get("/api/tasks")
    check(answer, 429)
    assert answer["Retry-After"] == "7"


@pytest.fixture
def broken(monkeypatch):
    def fail(view, request):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(TaskList, "get", fail)


def test_an_unexpected_failure(client, broken, caplog):
    answer = client.get("/api/tasks")
    problem = check(answer, 500)
    assert "secret detail" not in answer.content.decode()
    assert "request_id" in problem["detail"]
    assert "secret detail" in caplog.text


def test_a_refused_host(db):
    check(Client(headers={"host": "evil.example"}).get("/api/tasks"), 400)


def test_the_callers_own_request_id(client):
    answer = client.get("/api/nothing", headers={"X-Request-ID": "abcdefgh-1"})
    assert answer.json()["request_id"] == "abcdefgh-1"


@pytest.mark.parametrize("path", ["tasks", "recurring-tasks", "projects", "me", "schema"])
def test_every_path_answers_with_and_without_its_final_slash(client, path):
    for url in (f"/api/{path}", f"/api/{path}/"):
        assert client.get(url).status_code == 200


def test_writing_with_a_final_slash(client):
    made = client.post("/api/tasks/", {"title": "x"})
    assert made.status_code == 201
    path = f"/api/tasks/{made.json()['id']}"
    assert client.patch(f"{path}/", {"title": "y"}).json()["title"] == "y"
    assert client.put(f"{path}/", {"title": "z"}).json()["title"] == "z"
    assert client.post(f"{path}/complete/").json()["status"] == "completed"
    assert client.get(f"{path}/history/").status_code == 200
    assert client.delete(f"{path}/").status_code == 204
    assert client.post(f"{path}/restore/").status_code == 200


def test_an_id_in_capital_letters_is_the_same(client):
    made = client.post("/api/tasks", {"title": "x"}).json()
    assert client.get(f"/api/tasks/{made['id'].upper()}").status_code == 200


def test_indented_json_on_request(client):
    answer = client.get("/api/me", headers={"Accept": "application/json; indent=2"})
    assert answer.content.startswith(b'{\n  "id"')


def test_in_a_browser_a_problem_is_a_page(client):
    answer = client.get("/api/tasks?nothing=1", headers={"Accept": "text/html"})
    assert (answer.status_code, answer["Content-Type"]) == (400, "text/html; charset=utf-8")
    assert "There is no such query parameter." in answer.content.decode()
    nobody = APIClient().get("/api/tasks", headers={"Accept": "text/html"})
    assert nobody.status_code == 401
    assert "/accounts/login/?next=/api/tasks" in nobody.content.decode()
