"""The OpenAPI document: complete, free of warnings, and true."""

import json
from datetime import timedelta

import jsonschema
import pytest
from django.core.management import call_command
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from rest_framework.test import APIClient
from rest_framework.views import APIView


@pytest.fixture
def client(owner):
    made = APIClient()
    made.force_login(owner)
    return made


@pytest.fixture
def document(client):
    return client.get("/api/schema", headers={"Accept": "application/json"}).json()


def test_it_is_valid_and_has_no_warnings(tmp_path):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yml"))
    assert "openapi: 3" in (tmp_path / "schema.yml").read_text()


def api_paths(patterns, prefix=""):
    for entry in patterns:
        route = prefix + str(entry.pattern).replace("^", "").removesuffix("/?$")
        if isinstance(entry, URLResolver):
            yield from api_paths(entry.url_patterns, route)
        elif isinstance(entry, URLPattern) and issubclass(getattr(entry.callback, "cls", object), APIView):
            yield route.partition("(?P")[0], entry.callback.cls


def test_every_path_is_in_it(document):
    described = {path.partition("{")[0] for path in document["paths"]}
    served = {f"/{path}" for path, view in api_paths(get_resolver().url_patterns) if path.startswith("api/")}
    assert served - {"/api/schema"} <= described


def test_every_operation_says_what_it_refuses(document):
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if not path.startswith(("/api/tasks", "/api/recurring-tasks", "/api/projects", "/api/me")):
                continue
            refused = [code for code in operation["responses"] if code >= "400"]
            assert {"400", "401", "403"} <= set(refused), (method, path)
            for code in refused:
                content = operation["responses"][code]["content"]
                assert list(content) == ["application/problem+json"], (method, path, code)
            assert operation["description"], (method, path)
            assert all(answer["description"] for answer in operation["responses"].values()), (method, path)


def wrong_with(value, document, name):
    """Where a value is not what a component of the document says, which may use any other. Nothing may be unnamed."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": closed(document["components"])}
    checks = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in checks.iter_errors(value)]


def closed(part):
    """OpenAPI 3.0's ``nullable`` in the words of JSON Schema, and no property beyond those named."""
    if isinstance(part, list):
        return [closed(entry) for entry in part]
    if not isinstance(part, dict):
        return part
    made = {name: closed(entry) for name, entry in part.items()}
    if isinstance(part.get("properties"), dict):
        made["additionalProperties"] = False
    return {"anyOf": [made, {"type": "null"}]} if part.get("nullable") is True else made


def test_answers_are_what_it_says(client, document, drain):
    due = (timezone.now() + timedelta(days=3)).isoformat()
    bodies = [
        {"title": "plain"},
        {"title": "all day", "due_date": "2029-01-01", "tags": ["a"], "reminders": [{"minutes_before": 5}]},
        {
            "title": "timed",
            "due_date": due,
            "recurrence_rule": "weekly",
            "reminder_at": due,
            "priority": "urgent",
        },
    ]
    made = [client.post("/api/tasks", body).json() for body in bodies]
    for body in made:
        assert wrong_with(body, document, "Task") == []
    drain()
    series = made[2]["recurring_task"]
    for path, name in [
        ("/api/tasks", "TaskPage"),
        ("/api/tasks?cursor=&page_size=1", "TaskPage"),
        (f"/api/tasks/{made[0]['id']}/history", "TaskEventPage"),
        ("/api/recurring-tasks", "RecurringTaskPage"),
        (f"/api/recurring-tasks/{series}", "RecurringTask"),
        (f"/api/recurring-tasks/{series}/preview", "Preview"),
        ("/api/projects", "ProjectPage"),
        ("/api/me", "Me"),
        ("/api/tasks?nothing=1", "Problem"),
        ("/api/nothing", "Problem"),
    ]:
        assert wrong_with(client.get(path).json(), document, name) == []


def test_it_is_there_for_everybody_as_json_and_yaml(db):
    client = APIClient()
    assert client.get("/api/schema")["Content-Type"].startswith("application/vnd.oai.openapi")
    answer = client.get("/api/schema", headers={"Accept": "application/json"})
    assert json.loads(answer.content)["info"]["title"] == "Todo API"


@pytest.mark.parametrize("path", ["/docs", "/docs/", "/redoc", "/redoc/"])
def test_its_pages_use_files_from_here_only(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "https://" not in page
    assert "http://" not in page
    assert (
        "'unsafe-inline'"
        not in answer["Content-Security-Policy"].partition("script-src")[2].partition(";")[0]
    )


def test_other_pages_keep_the_strict_policy(client):
    assert "unsafe-inline" not in client.get("/state")["Content-Security-Policy"]
    assert (
        "unsafe-inline"
        not in client.get("/api/me", headers={"Accept": "text/html"})["Content-Security-Policy"]
    )
