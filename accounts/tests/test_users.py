"""What a user is told to have changed, and what a user can be."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from accounts.actor import SYSTEM, Actor
from accounts.models import User


def test_change_is_told_once_with_before_and_after(owner, told):
    by = Actor.of(owner, "web")
    owner.change(by, display_name="Olga S", time_zone="Asia/Tokyo")
    owner.change(by, display_name="Olga S")
    changes = {"display_name": ("Olga", "Olga S"), "time_zone": ("UTC", "Asia/Tokyo")}
    assert told == [("updated", owner.email, by, changes)]


def test_change_that_was_not_saved_yet_is_not_forgotten(owner, told):
    owner.display_name = "Olga S"
    owner.save(update_fields=["last_login"])
    assert told == []
    owner.save()
    assert [changes for *_, changes in told] == [{"display_name": ("Olga", "Olga S")}]


def test_row_that_was_read_again_is_what_changes_count_from(owner, told):
    User.objects.get(pk=owner.pk).change(SYSTEM, display_name="Somebody else's words")
    owner.refresh_from_db()
    owner.save()
    assert len(told) == 1


def test_rights_are_told(owner, told):
    owner.change(SYSTEM, is_staff=True, is_superuser=True, is_active=False)
    assert set(told[0][3]) == {"is_staff", "is_superuser", "is_active"}


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("time_zone", "Mars/Olympus", "Mars/Olympus is not a time zone"),
        ("locale", "tlh", "tlh is not among the languages"),
        ("week_start", 3, "is not a valid choice"),
        ("email", "olga", "Enter a valid email address"),
    ],
)
def test_what_cannot_be_is_refused(owner, field, value, words):
    setattr(owner, field, value)
    with pytest.raises(ValidationError) as refusal:
        owner.full_clean()
    assert words in str(refusal.value.message_dict[field])


def test_address_that_differs_only_in_case_is_taken(owner):
    with pytest.raises(ValidationError) as refusal:
        User(email="OLGA@example.com", password="!").full_clean()
    assert refusal.value.messages == ["There is an account with this address already."]


def test_user_needs_an_address(db):
    with pytest.raises(ValueError, match="needs an e-mail address"):
        User.objects.create_user("")
