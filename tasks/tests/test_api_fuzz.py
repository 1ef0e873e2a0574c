"""Whatever a program sends, it gets an answer that says what is wrong: never a failure of ours."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from tasks.api.projects import ProjectInput
from tasks.api.recurring import PARAMETERS
from tasks.api.series_input import SeriesInput
from tasks.api.task_input import TaskInput
from tasks.api.task_list import TASK_PARAMETERS
from tasks.models import Task

# Values that are right for some field, so that combinations get past the first check.
PLAUSIBLE = [
    "x", "pending", "completed", "urgent", "weekly", "monthly", "schedule", "completion", "monday", "grey",
    "2026-11-20", "2999-12-31", "1900-01-01", "2026-11-20T14:15:00Z", "2026-03-29T02:30", "2999-12-31T23:59:59-14:00",
    "09:00", "UTC", "Pacific/Apia", "FREQ=DAILY;COUNT=1", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;INTERVAL=9999",
    "FREQ=MONTHLY;BYDAY=5FR;BYSETPOS=-1", True, False, None, 1, 0, -1, 10_000, 2**70, 0.5,
    ["a", "@b"], ["monday", "sunday"], [{"minutes_before": 5}], [{"at": "2026-11-20T14:15:00Z"}], [{"id": []}], {},
]  # fmt: skip
VALUES = st.sampled_from(PLAUSIBLE) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def bodies(serializer):
    return st.dictionaries(st.sampled_from(sorted(serializer().fields)), VALUES, max_size=6)


def queries(table):
    text = st.sampled_from(["", "pending", "title", "2026-11-20", "true", "1", "desc"]) | st.text()
    return st.dictionaries(st.sampled_from(sorted(table)), text, max_size=4)


FUZZ = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def client(owner):
    made = APIClient()
    made.force_login(owner)
    return made


def check(answer):
    assert answer.status_code in (200, 201, 204, 400, 404), answer.content
    if answer.status_code == 400:
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["detail"]


@FUZZ
@given(body=bodies(TaskInput), change=bodies(TaskInput))
def test_tasks(client, body, change):
    made = client.post("/api/tasks", json.dumps({"title": "x", **body}), content_type="application/json")
    check(made)
    if made.status_code == 201:
        path = f"/api/tasks/{made.json()['id']}"
        for call in (client.patch, client.put):
            check(call(path, json.dumps(change), content_type="application/json"))
        check(client.post(f"{path}/complete"))
        check(client.get(path))
        Task.objects.get(pk=made.json()["id"]).full_clean()


@FUZZ
@given(body=bodies(SeriesInput), change=bodies(SeriesInput))
def test_recurring_tasks(client, body, change):
    needed = {"title": "x", "recurrence_type": "weekly"}
    made = client.post(
        "/api/recurring-tasks", json.dumps({**needed, **body}), content_type="application/json"
    )
    check(made)
    if made.status_code == 201:
        path = f"/api/recurring-tasks/{made.json()['id']}"
        for call in (client.patch, client.put):
            check(call(path, json.dumps(change), content_type="application/json"))
        check(client.get(f"{path}/preview"))


@FUZZ
@given(body=bodies(ProjectInput))
def test_projects(client, body):
    check(client.post("/api/projects", json.dumps(body), content_type="application/json"))


@FUZZ
@given(query=queries(TASK_PARAMETERS))
def test_lists_of_tasks(client, query):
    check(client.get("/api/tasks", query))


@FUZZ
@given(query=queries(PARAMETERS))
def test_lists_of_recurring_tasks(client, query):
    check(client.get("/api/recurring-tasks", query))
