"""``/api/notifications``."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts import known_tokens
from accounts.models import ApiToken
from notifications.api import MarkedDocument, NotificationDocument, NotificationPage, ReceiptDocument
from notifications.models import Notification
from notifications.tests.conftest import NOW
from notifications.tests.test_pages import notify

LIST = "/api/notifications"
HOURS = timedelta(hours=1)
MISSING = "0193f6a0-0000-7000-8000-000000000000"


def client_of(user, *scopes):
    """A program that holds a token of somebody's."""
    _token, secret = ApiToken.objects.issue(user, "Test", scopes or ("notifications:write",))
    return APIClient(headers={"Authorization": f"Bearer {secret}"})


@pytest.fixture
def api(owner):
    return client_of(owner)


def test_a_notification_with_its_receipts(api, remind):
    notification = remind()
    answer = api.get(LIST)
    assert answer.status_code == 200
    at = "2026-11-20T13:15:00Z"
    receipt = {"state": "sent", "attempts": 1, "created_at": at, "last_attempt_at": at, "sent_at": at}
    assert answer.json() == {
        "items": [
            {
                "id": str(notification.pk),
                "kind": "reminder",
                "title": "Reminder: Call Elsa’s school",
                "body": "The task is due at 14:30 (in 15 minutes).",
                "detail": "Inbox",
                "task": str(notification.task_id),
                "url": f"/tasks/{notification.task_id}",
                "created_at": at,
                "read_at": None,
                "deliveries": [{"channel": "in_app", **receipt}, {"channel": "email", **receipt}],
            }
        ],
        "total": 1,
        "page": 1,
        "page_size": 50,
        "unread": 1,
    }


def test_answers_are_as_the_schema_says(api, remind):
    notification = remind()
    page = api.get(LIST).json()
    assert set(page) | {"next_cursor"} == set(NotificationPage().fields)
    (item,) = page["items"]
    assert set(item) == set(NotificationDocument().fields)
    assert set(item["deliveries"][0]) == set(ReceiptDocument().fields)
    assert set(api.post(f"{LIST}/{notification.pk}/read").json()) == set(NotificationDocument().fields)
    assert set(api.post(f"{LIST}/read-all").json()) == set(MarkedDocument().fields)


def titles(answer):
    assert answer.status_code == 200, answer.json()
    return [item["title"] for item in answer.json()["items"]]


def test_the_newest_come_first_in_pages(api, owner):
    for number in range(5):
        notify(owner, f"Number {number}", created_at=NOW + number * HOURS)
    assert titles(api.get(LIST, {"page_size": 2})) == ["Number 4", "Number 3"]
    last = api.get(LIST, {"page_size": 2, "page": 3})
    assert titles(last) == ["Number 0"]
    assert {name: last.json()[name] for name in ("total", "page", "page_size", "unread")} == {
        "total": 5, "page": 3, "page_size": 2, "unread": 5,
    }  # fmt: skip


def test_cursors_lead_through_the_whole_list(api, owner):
    for number in range(5):
        notify(owner, f"Number {number}", created_at=NOW)
    seen, cursor = [], ""
    while cursor is not None:
        answer = api.get(LIST, {"page_size": 2, "cursor": cursor})
        seen += titles(answer)
        cursor = answer.json()["next_cursor"]
    assert sorted(seen) == [f"Number {number}" for number in range(5)]


def test_the_read_and_the_unread_can_be_told_apart(api, owner):
    notify(owner, "Read", read_at=NOW)
    notify(owner, "Unread")
    assert titles(api.get(LIST, {"unread": "true"})) == ["Unread"]
    assert titles(api.get(LIST, {"unread": "false"})) == ["Read"]
    assert api.get(LIST, {"unread": "false"}).json()["unread"] == 1


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({"unread": "maybe"}, "unread"),
        ({"page": "0"}, "page"),
        ({"page_size": "201"}, "page_size"),
        ({"kind": "reminder"}, "kind"),
        ({"cursor": "x"}, "cursor"),
    ],
    ids=str,
)
def test_a_wrong_parameter_is_named(api, query, name):
    answer = api.get(LIST, query)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert list(answer.json()["errors"]) == [name]


def test_marking_one_as_read_keeps_the_first_time(api, owner, clock):
    notification = notify(owner, "One")
    for _ in range(2):
        answer = api.post(f"{LIST}/{notification.pk}/read")
        assert answer.status_code == 200
        assert answer.json()["read_at"] == "2026-11-20T13:00:00Z"
        clock(HOURS)
    assert api.get(LIST).json()["unread"] == 0


def test_marking_all_as_read_says_how_many(api, owner, member):
    notify(owner, "One", read_at=NOW)
    notify(owner, "Two")
    notify(member, "Three")
    assert api.post(f"{LIST}/read-all").json() == {"marked": 1}
    assert api.post(f"{LIST}/read-all").json() == {"marked": 0}
    assert Notification.objects.unread().get().user == member


@pytest.mark.parametrize("path", ["read-all", f"{MISSING}/read"])
def test_marking_takes_no_fields(api, path):
    answer = api.post(f"{LIST}/{path}", {"read": True})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["read"]


def test_an_outsider_sees_and_changes_nothing(outsider, owner):
    notification = notify(owner, "One")
    api = client_of(outsider)
    assert api.get(LIST).json()["items"] == []
    assert api.get(LIST).json()["unread"] == 0
    assert api.post(f"{LIST}/{notification.pk}/read").status_code == 404
    assert api.post(f"{LIST}/read-all").json() == {"marked": 0}
    notification.refresh_from_db()
    assert notification.is_unread


@pytest.mark.parametrize("path", [f"{MISSING}/read", "nonsense/read", "read"])
def test_what_is_not_there_is_not_found(api, path):
    assert api.post(f"{LIST}/{path}").status_code == 404


def test_reading_needs_one_scope_and_marking_another(owner):
    reader = client_of(owner, "notifications:read")
    assert reader.get(LIST).status_code == 200
    assert reader.post(f"{LIST}/read-all").status_code == 403
    stranger = client_of(owner, "tasks:write")
    refused = stranger.get(LIST)
    assert refused.status_code == 403
    assert "notifications:read" in refused.json()["detail"]


def test_nobody_gets_in_without_a_token_or_session(db):
    for answer in (Client().get(LIST), Client().post(f"{LIST}/read-all")):
        assert answer.status_code == 401


def test_a_session_needs_a_csrf_token_to_mark(owner):
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(owner)
    assert browser.get(LIST).status_code == 200
    assert browser.post(f"{LIST}/read-all").status_code == 403


def test_paths_answer_with_a_final_slash_too(api, owner):
    notification = notify(owner, "One")
    assert api.get(f"{LIST}/").status_code == 200
    assert api.post(f"{LIST}/{notification.pk}/read/").status_code == 200
    assert api.post(f"{LIST}/read-all/").status_code == 200


def test_each_request_costs_the_same_however_much_there_is(
    api, owner, django_assert_num_queries, monkeypatch
):
    monkeypatch.setattr(known_tokens, "KNOWN_FOR", timedelta(hours=1))
    api.get(LIST)  # from here on the token is known
    notification = notify(owner, "One")
    with django_assert_num_queries(3):  # notifications, receipts, unread
        api.get(LIST)
    for number in range(20):
        notify(owner, f"Number {number}")
    with django_assert_num_queries(3):
        api.get(LIST)
    with django_assert_num_queries(4):  # and the total
        api.get(LIST, {"page_size": 10})
    with django_assert_num_queries(3):  # notification, mark, receipts
        api.post(f"{LIST}/{notification.pk}/read")
    with django_assert_num_queries(1):
        api.post(f"{LIST}/read-all")
