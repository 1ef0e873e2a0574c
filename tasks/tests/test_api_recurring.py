"""/api/recurring-tasks: a series through the API, for whom, and what is refused."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from tasks.models import RecurringTask, Task

FIELDS = {
    "id", "title", "description", "priority", "tags", "reminders", "project", "recurrence_type",
    "recurrence_interval", "weekdays", "rrule", "anchor", "start_date", "start_time", "end_date", "time_zone",
    "is_active", "next_due_at", "last_created_at", "created_at", "updated_at",
}  # fmt: skip


@pytest.fixture
def series(shared, by):
    """Every Monday from 2029-01-01 on, in the shared project; the first task exists."""
    made = RecurringTask(
        project=shared, title="Report", rrule="FREQ=WEEKLY", start_date=date(2029, 1, 1), time_zone="UTC"
    )
    made.begin(by)
    return made


@pytest.fixture
def path(series):
    return f"/api/recurring-tasks/{series.pk}"


# --- Creating --------------------------------------------------------------------------------------------


def test_a_title_and_a_type_are_enough(api, owner, inbox, events_of, last_actor_of):
    answer = api(owner).post("/api/recurring-tasks", {"title": "Water", "recurrence_type": "daily"})
    body = answer.json()
    assert answer.status_code == 201, body
    assert set(body) == FIELDS
    today = owner.today()
    expected = {
        "title": "Water", "description": "", "priority": "low", "tags": [], "reminders": [],
        "project": str(inbox.pk), "recurrence_type": "daily", "recurrence_interval": 1, "weekdays": [],
        "rrule": "FREQ=DAILY", "anchor": "schedule", "start_date": today.isoformat(), "start_time": None,
        "end_date": None, "time_zone": "UTC", "is_active": True,
        "next_due_at": f"{today + timedelta(days=1)}T00:00:00Z",
    }  # fmt: skip
    assert {name: body[name] for name in expected} == expected
    assert body["last_created_at"] is not None
    assert answer["Location"] == f"/api/recurring-tasks/{body['id']}"
    first = Task.objects.get(recurring_task=body["id"])
    assert (first.due_date.date(), first.due_all_day) == (today, True)
    assert events_of(first.pk) == ["task.created", "task.recurring.triggered"]


def test_a_series_with_everything(api, owner, shared):
    body = api(owner).post(
        "/api/recurring-tasks",
        {
            "title": "Standup",
            "description": "In the *kitchen*",
            "priority": "high",
            "tags": ["team"],
            "reminders": [{"minutes_before": 10}],
            "project": str(shared.pk),
            "recurrence_type": "weekly",
            "recurrence_interval": 2,
            "weekdays": ["thursday", "monday"],
            "start_date": "2029-03-19",
            "start_time": "09:30",
            "end_date": "2029-12-31",
            "time_zone": "Europe/Berlin",
            "anchor": "schedule",
        },
    ).json()  # fmt: skip
    assert body["rrule"] == "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH"
    assert body["weekdays"] == ["monday", "thursday"]
    assert (body["start_time"], body["end_date"], body["time_zone"]) == (
        "09:30",
        "2029-12-31",
        "Europe/Berlin",
    )
    first = Task.objects.get(recurring_task=body["id"])
    assert first.due_date.isoformat() == "2029-03-19T08:30:00+00:00"
    assert (first.title, first.priority, first.tags) == ("Standup", 3, ["team"])
    # Summer time begins on 25 March: the clock on the wall stays, the instant moves.
    preview = api(owner).get(f"/api/recurring-tasks/{body['id']}/preview").json()["items"]
    assert preview[:2] == ["2029-03-22T08:30:00Z", "2029-04-02T07:30:00Z"]
    assert len(preview) == 10


@pytest.mark.parametrize(
    ("rrule", "kind", "interval", "weekdays"),
    [
        ("FREQ=DAILY;INTERVAL=3", "daily", 3, []),
        ("weekly", "weekly", 1, []),
        ("FREQ=WEEKLY;BYDAY=SU,SA", "weekly", 1, ["saturday", "sunday"]),
        ("FREQ=MONTHLY;BYDAY=-1FR", "monthly", 1, []),
        ("FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=1;COUNT=5", "yearly", 1, []),
    ],
)
def test_an_rrule_is_told_as_a_type_too(api, owner, rrule, kind, interval, weekdays):
    body = api(owner).post("/api/recurring-tasks", {"title": "x", "rrule": rrule}).json()
    assert (body["recurrence_type"], body["recurrence_interval"], body["weekdays"]) == (
        kind,
        interval,
        weekdays,
    )


def test_monthly_on_the_31st_takes_the_last_day_of_short_months(api, owner):
    client = api(owner)
    made = client.post(
        "/api/recurring-tasks", {"title": "Rent", "recurrence_type": "monthly", "start_date": "2029-01-31"}
    ).json()
    preview = client.get(f"/api/recurring-tasks/{made['id']}/preview").json()["items"]
    assert preview[:3] == ["2029-02-28", "2029-03-31", "2029-04-30"]


def test_from_completion(api, owner, drain):
    client = api(owner)
    made = client.post(
        "/api/recurring-tasks", {"title": "Filter", "rrule": "FREQ=DAILY;INTERVAL=5", "anchor": "completion"}
    ).json()
    assert (made["anchor"], made["next_due_at"]) == ("completion", None)
    client.post(f"/api/tasks/{Task.objects.get().pk}/complete")
    drain()
    due = client.get("/api/tasks?status=pending").json()["items"][0]["due_date"]
    assert due == (owner.today() + timedelta(days=5)).isoformat()


def test_a_series_can_begin_paused(api, owner):
    body = api(owner).post(
        "/api/recurring-tasks", {"title": "x", "recurrence_type": "daily", "is_active": False}
    ).json()  # fmt: skip
    assert body["is_active"] is False


# --- Reading ---------------------------------------------------------------------------------------------


def test_lists_and_their_filters(api, owner, member, outsider, inbox, series):
    client = api(owner)
    client.post("/api/recurring-tasks", {"title": "Paused", "recurrence_type": "daily", "is_active": False})

    def titles(query):
        return [item["title"] for item in client.get(f"/api/recurring-tasks{query}").json()["items"]]

    assert titles("") == ["Paused", "Report"]
    assert titles("?is_active=true") == ["Report"]
    assert titles(f"?project={inbox.pk}") == ["Paused"]
    assert titles("?page=2&page_size=1") == ["Report"]
    cursor = client.get("/api/recurring-tasks?cursor=&page_size=1").json()["next_cursor"]
    assert titles(f"?cursor={cursor}") == ["Report"]
    assert api(member).get("/api/recurring-tasks").json()["total"] == 1
    assert api(outsider).get("/api/recurring-tasks").json()["total"] == 0


def test_a_series_reads_as_listed(api, owner, path):
    body = api(owner).get(path).json()
    assert set(body) == FIELDS
    assert api(owner).get("/api/recurring-tasks").json()["items"] == [body]


# --- Changing --------------------------------------------------------------------------------------------


def test_put_takes_back_what_get_gave(api, owner, path):
    client = api(owner)
    body = client.get(path).json()
    assert client.put(path, body).json() == body
    changed = client.put(path, body | {"recurrence_interval": 2}).json()
    assert (changed["rrule"], changed["next_due_at"]) == ("FREQ=WEEKLY;INTERVAL=2", "2029-01-15T00:00:00Z")


def test_put_replaces(api, owner, shared, path):
    body = (
        api(owner).put(path, {"title": "New", "recurrence_type": "weekly", "start_date": "2029-02-05"}).json()
    )
    assert (body["title"], body["rrule"], body["project"]) == ("New", "FREQ=WEEKLY", str(shared.pk))
    assert body["next_due_at"] == "2029-02-05T00:00:00Z"


@pytest.mark.parametrize(
    ("change", "rrule"),
    [
        ({"recurrence_interval": 3}, "FREQ=WEEKLY;INTERVAL=3"),
        ({"weekdays": ["tuesday"]}, "FREQ=WEEKLY;BYDAY=TU"),
        ({"recurrence_type": "monthly"}, "FREQ=MONTHLY"),
        ({"recurrence_type": "daily", "recurrence_interval": 2}, "FREQ=DAILY;INTERVAL=2"),
        ({"rrule": "FREQ=DAILY;COUNT=4"}, "FREQ=DAILY;COUNT=4"),
        ({"title": "Other"}, "FREQ=WEEKLY"),
    ],
)
def test_patch_changes_only_what_is_given(api, owner, path, change, rrule):
    before = api(owner).get(path).json()
    answer = api(owner).patch(path, change)
    assert answer.status_code == 200, answer.json()
    assert answer.json()["rrule"] == rrule
    assert answer.json()["start_date"] == before["start_date"]


def test_tasks_that_exist_stay_as_they_are(api, owner, series, path, events_of):
    task = series.occurrences.get()
    api(owner).patch(path, {"title": "Other", "recurrence_type": "daily"})
    task.refresh_from_db()
    assert task.title == "Report"
    assert events_of(task.pk) == ["task.created", "task.recurring.triggered"]


def test_pausing_and_resuming(api, owner, path):
    client = api(owner)
    assert client.patch(path, {"is_active": False}).json()["is_active"] is False
    resumed = client.patch(path, {"is_active": True}).json()
    assert (resumed["is_active"], resumed["next_due_at"]) == (True, "2029-01-08T00:00:00Z")


def test_skipping(api, owner, path):
    client = api(owner)
    assert client.post(f"{path}/skip").json()["next_due_at"] == "2029-01-15T00:00:00Z"
    assert client.get(f"{path}/preview").json()["items"][0] == "2029-01-15"


def test_there_must_be_something_to_skip(api, owner):
    client = api(owner)
    made = client.post("/api/recurring-tasks", {"title": "Once", "rrule": "FREQ=DAILY;COUNT=1"}).json()
    answer = client.post(f"/api/recurring-tasks/{made['id']}/skip")
    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")


def test_deleting_ends_the_series_and_keeps_its_task(
    api, owner, series, path, drain, events_of, last_actor_of
):
    client, task = api(owner), series.occurrences.get()
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404
    assert client.get(f"/api/tasks/{task.pk}").json()["is_recurring"] is False
    assert events_of(task.pk) == ["task.created", "task.recurring.triggered", "task.updated"]
    assert last_actor_of(task.pk) == ("Olga", "api")
    client.post(f"/api/tasks/{task.pk}/complete")
    drain()
    assert Task.objects.count() == 1


def test_an_absolute_reminder_on_a_task_does_not_repeat(api, owner):
    client = api(owner)
    made = client.post(
        "/api/tasks",
        {
            "title": "x",
            "due_date": "2029-01-01",
            "recurrence_rule": "daily",
            "reminders": [{"at": "2028-12-31T09:00:00Z"}, {"minutes_before": 60}],
        },
    ).json()
    series = client.get(f"/api/recurring-tasks/{made['recurring_task']}").json()
    assert [wish["minutes_before"] for wish in series["reminders"]] == [60]


# --- What is refused -------------------------------------------------------------------------------------

BAD = [
    ({"title": ""}, "title"),
    ({"recurrence_type": "hourly"}, "recurrence_type"),
    ({"recurrence_interval": 0}, "recurrence_interval"),
    ({"recurrence_interval": True}, "recurrence_interval"),
    ({"recurrence_interval": 10_001}, "recurrence_interval"),
    ({"recurrence_interval": 1.0}, "recurrence_interval"),
    ({"recurrence_type": "monthly", "weekdays": ["monday"]}, "weekdays"),
    ({"weekdays": ["MO"]}, "weekdays"),
    ({"weekdays": "monday"}, "weekdays"),
    ({"rrule": "FREQ=HOURLY"}, "rrule"),
    ({"rrule": "FREQ=WEEKLY;BYDAY=XX"}, "rrule"),
    ({"rrule": f"FREQ=YEARLY;BYYEARDAY={','.join(map(str, range(1, 200)))}"}, "rrule"),
    ({"rrule": "FREQ=DAILY", "recurrence_type": "monthly"}, "recurrence_type"),
    ({"start_date": "2029-13-01"}, "start_date"),
    ({"start_date": "2029-01-01T09:00:00Z"}, "start_date"),
    ({"start_date": "9999-01-01"}, "start_date"),
    ({"start_date": None}, "start_date"),
    ({"start_time": "9am"}, "start_time"),
    ({"start_time": "24:00"}, "start_time"),
    ({"start_date": "2029-01-02", "end_date": "2029-01-01"}, "end_date"),
    ({"end_date": "soon"}, "end_date"),
    ({"time_zone": "Mars/Olympus"}, "time_zone"),
    ({"time_zone": 5}, "time_zone"),
    ({"anchor": "moon"}, "anchor"),
    ({"is_active": "no"}, "is_active"),
    ({"reminders": [{"at": "2029-01-01T09:00:00Z"}]}, "reminders"),
    ({"project": "0192aaaa-0000-7000-8000-000000000000"}, "project"),
    ({"next_due_at": "2029-01-01T09:00:00Z"}, "next_due_at"),
    ({"interval": 2}, "interval"),
]


@pytest.mark.parametrize(("body", "field"), BAD)
def test_what_is_wrong_is_named(api, owner, body, field):
    needed = {"title": "x"} if "rrule" in body else {"title": "x", "recurrence_type": "weekly"}
    answer = api(owner).post("/api/recurring-tasks", needed | body)
    assert answer.status_code == 400, answer.content
    assert list(answer.json()["errors"]) == [field]
    assert (RecurringTask.objects.count(), Task.objects.count()) == (0, 0)


@pytest.mark.parametrize(("body", "field"), BAD)
def test_a_patch_refuses_the_same(api, owner, path, body, field):
    answer = api(owner).patch(path, body)
    assert answer.status_code == 400, answer.content
    assert list(answer.json()["errors"]) == [field]


def test_what_is_missing_is_named(api, owner):
    client = api(owner)
    assert list(client.post("/api/recurring-tasks", {"recurrence_type": "daily"}).json()["errors"]) == [
        "title"
    ]
    assert list(client.post("/api/recurring-tasks", {"title": "x"}).json()["errors"]) == ["recurrence_type"]
    past = {"title": "x", "rrule": "FREQ=DAILY;UNTIL=20200101", "start_date": "2020-01-01"}
    assert list(client.post("/api/recurring-tasks", past).json()["errors"]) == ["rrule"]


@pytest.mark.parametrize("query", ["is_active=1", "project=x", "search=x", "page=0", "cursor=x"])
def test_a_wrong_parameter_is_named(api, owner, query):
    answer = api(owner).get(f"/api/recurring-tasks?{query}")
    assert list(answer.json()["errors"]) == [query.partition("=")[0]]


# --- Who -------------------------------------------------------------------------------------------------

READS = [("get", ""), ("get", "/preview")]
WRITES = [("patch", ""), ("put", ""), ("delete", ""), ("post", "/skip")]


@pytest.mark.parametrize(("method", "suffix"), READS)
def test_who_may_read(api, owner, member, viewer, outsider, path, method, suffix):
    for person, status in ((owner, 200), (member, 200), (viewer, 200), (outsider, 404)):
        assert api(person).get(path + suffix).status_code == status


@pytest.mark.parametrize(("method", "suffix"), WRITES)
def test_who_may_write(api, member, viewer, outsider, series, path, method, suffix):
    body = {"title": "Mine", "recurrence_type": "daily"} if method in ("put", "patch") else None
    for person, status in ((viewer, 403), (outsider, 404)):
        assert getattr(api(person), method)(path + suffix, body).status_code == status
    series.refresh_from_db()
    assert (series.title, series.rrule, series.deleted_at) == ("Report", "FREQ=WEEKLY", None)
    assert getattr(api(member), method)(path + suffix, body).status_code in (200, 204)


def test_nobody_begins_a_series_in_anothers_project(api, viewer, outsider, shared):
    for person in (viewer, outsider):
        answer = api(person).post(
            "/api/recurring-tasks", {"title": "x", "recurrence_type": "daily", "project": str(shared.pk)}
        )
        assert list(answer.json()["errors"]) == ["project"]


# --- Cost ------------------------------------------------------------------------------------------------
# Each count includes the two queries that find the session and its user, and the savepoints of the transactions.


@pytest.mark.parametrize(
    ("method", "suffix", "body", "queries"),
    [
        ("get", "", None, 3),
        ("get", "/preview", None, 3),
        ("patch", "", {"title": "x"}, 17),
        ("patch", "", {"recurrence_type": "daily"}, 18),
        ("patch", "", {"is_active": False}, 9),
        ("post", "/skip", None, 7),
        ("delete", "", None, 17),
    ],
)
def test_queries_for_one(api, owner, path, django_assert_num_queries, method, suffix, body, queries):
    client = api(owner)
    with django_assert_num_queries(queries):
        getattr(client, method)(path + suffix, body)


def test_queries_to_list_and_create(api, owner, shared, by, django_assert_num_queries):
    client = api(owner)
    for _ in range(3):
        RecurringTask(
            project=shared, title="x", rrule="FREQ=DAILY", start_date=timezone.now().date(), time_zone="UTC"
        ).begin(by)
    with django_assert_num_queries(3):
        client.get("/api/recurring-tasks")
    with django_assert_num_queries(26):
        client.post(
            "/api/recurring-tasks", {"title": "x", "recurrence_type": "daily", "project": str(shared.pk)}
        )
