"""/api/me: who a token or session acts for."""

import pytest
from rest_framework.test import APIClient

from accounts.models import ApiToken, User


@pytest.fixture
def client(owner):
    made = APIClient()
    made.force_login(owner)
    return made


def test_it_says_who_you_are(client, owner):
    body = client.get("/api/me").json()
    assert body == {
        "id": str(owner.pk),
        "email": "olga@example.com",
        "display_name": "Olga",
        "time_zone": "UTC",
        "locale": "en",
        "week_start": "monday",
        "keyboard_shortcuts": True,
        "is_staff": owner.is_staff,
        "date_joined": body["date_joined"],
    }
    assert body["date_joined"].endswith("Z")


def test_a_patch_changes_only_what_is_given(client, owner):
    body = client.patch("/api/me", {"time_zone": "Asia/Tokyo", "week_start": "sunday"}).json()
    assert (body["time_zone"], body["week_start"], body["display_name"]) == ("Asia/Tokyo", "sunday", "Olga")
    owner.refresh_from_db()
    assert (owner.time_zone, owner.week_start) == ("Asia/Tokyo", 6)


def test_what_get_gave_can_be_sent_back(client):
    body = client.get("/api/me").json()
    assert client.patch("/api/me", body).json() == body


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"display_name": ""}, "display_name"),
        ({"display_name": "x" * 81}, "display_name"),
        ({"display_name": 5}, "display_name"),
        ({"time_zone": "Berlin"}, "time_zone"),
        ({"time_zone": None}, "time_zone"),
        ({"locale": "xx"}, "locale"),
        ({"week_start": "friday"}, "week_start"),
        ({"week_start": 0}, "week_start"),
        ({"keyboard_shortcuts": "off"}, "keyboard_shortcuts"),
        ({"email": "new@example.com"}, "email"),
        ({"is_staff": "yes"}, "is_staff"),
        ({"password": "x"}, "password"),
    ],
)
def test_what_is_wrong_is_named(client, owner, body, field):
    answer = client.patch("/api/me", body)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


def test_only_get_and_patch(client):
    for method in ("post", "put", "delete"):
        assert getattr(client, method)("/api/me").status_code == 405


@pytest.mark.parametrize(
    ("scope", "reads", "writes"),
    [("profile:read", 200, 403), ("profile:write", 200, 200), ("tasks:write", 403, 403)],
)
def test_a_token_needs_the_scope(owner, scope, reads, writes):
    _token, secret = ApiToken.objects.issue(owner, "test", [scope])
    client = APIClient(headers={"Authorization": f"Bearer {secret}"})
    assert client.get("/api/me").status_code == reads
    assert client.patch("/api/me", {"display_name": "Olga O."}).status_code == writes


def test_without_signing_in(db):
    answer = APIClient().get("/api/me")
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert answer["WWW-Authenticate"].startswith("Bearer")


# Each count includes the two queries that find the session and its user, and the savepoints of the transactions.
@pytest.mark.parametrize(
    ("method", "body", "queries"), [("get", None, 2), ("patch", {"display_name": "O"}, 9)]
)
def test_queries(client, django_assert_num_queries, method, body, queries):
    with django_assert_num_queries(queries):
        getattr(client, method)("/api/me", body)


def test_everybody_has_their_own(owner, member):
    client = APIClient()
    client.force_login(member)
    client.patch("/api/me", {"display_name": "M"})
    assert User.objects.get(pk=owner.pk).display_name == "Olga"
