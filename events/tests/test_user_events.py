"""What happens to accounts, as events with the one who did it."""

from __future__ import annotations

import json

import pytest
from django.db import IntegrityError, transaction

from accounts.actor import SYSTEM
from accounts.models import User
from events.models import OutboxEvent, UserEventLog


def recorded(user: User) -> list[tuple[str, dict]]:
    """The events of an account: (type, data), in order."""
    rows = OutboxEvent.objects.filter(key=user.pk).order_by("id")
    return [(row.type, json.loads(row.envelope)["data"]) for row in rows]


def test_signing_up_is_registered_and_login_by_the_person(client, db, drain):
    fields = {"display_name": "Bo", "email": "Bo@example.com", "time_zone": "Asia/Tokyo"}
    client.post("/accounts/signup/", fields | {"password1": "a long sentence is fine"})
    bo = User.objects.get()
    by_bo = {"id": str(bo.pk), "name": "Bo", "via": "web"}

    (registered, about), (login, who) = recorded(bo)
    assert (registered, login) == ("user.registered", "user.login")
    assert about["actor"] == who["actor"] == by_bo
    assert (about["email"], about["display_name"], about["time_zone"]) == (
        "bo@example.com",
        "Bo",
        "Asia/Tokyo",
    )
    drain()
    assert list(UserEventLog.objects.filter(user_id=bo.pk).order_by("pk").values_list("type", "via")) == [
        ("user.registered", "web"), ("user.login", "web"),
    ]  # fmt: skip


def test_change_of_the_profile_is_updated_by_the_person(client, owner):
    client.force_login(owner)
    client.post("/settings/time", {"time_zone": "Asia/Tokyo", "locale": "en", "week_start": "6"})
    *_, (kind, data) = recorded(owner)
    assert kind == "user.updated"
    assert data["actor"] == {"id": str(owner.pk), "name": "Olga", "via": "web"}
    assert data["changes"] == {
        "time_zone": {"from": "UTC", "to": "Asia/Tokyo"},
        "week_start": {"from": 0, "to": 6},
    }


def test_change_by_the_system_says_so(owner):
    owner.change(SYSTEM, is_active=False)
    *_, (kind, data) = recorded(owner)
    assert (kind, data["actor"]["via"], data["actor"]["id"]) == ("user.updated", "system", None)


def test_change_that_fails_is_no_event(owner, member):
    before = recorded(owner)
    with pytest.raises(IntegrityError), transaction.atomic():
        owner.change(SYSTEM, email=member.email)
    assert recorded(owner) == before
