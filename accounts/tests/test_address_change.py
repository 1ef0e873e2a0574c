"""Changing the e-mail address: the new one counts once it is confirmed, and by whom it was changed is told."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from accounts.actor import SYSTEM, Actor
from accounts.models import User


@pytest.fixture
def signed_in(client: Client, owner: User) -> Client:
    client.force_login(owner)
    EmailAddress.objects.create(user=owner, email=owner.email, primary=True, verified=True)
    return client


def ask_for(client: Client, email: str) -> str:
    """Ask for a new address. Returns the path of the link in the letter."""
    client.post("/accounts/email/", {"email": email, "action_add": ""})
    assert mail.outbox[-1].to == [email.lower()]
    [link] = re.findall(r"https?://[^/\s]+(/accounts/confirm-email/\S+)", str(mail.outbox[-1].body))
    return link


def addresses(user: User) -> list[tuple[str, bool, bool]]:
    return list(
        EmailAddress.objects.filter(user=user).order_by("pk").values_list("email", "primary", "verified")
    )


def test_new_address_counts_once_it_is_confirmed(signed_in, owner, told):
    link = ask_for(signed_in, "New@Example.com")
    owner.refresh_from_db()
    assert owner.email == "olga@example.com"

    signed_in.post(link)
    owner.refresh_from_db()
    assert owner.email == "new@example.com"
    assert addresses(owner) == [("new@example.com", True, True)]
    assert told == [
        (
            "updated",
            "new@example.com",
            Actor.of(owner, "web"),
            {"email": ("olga@example.com", "new@example.com")},
        )
    ]
    assert mail.outbox[-1].to == ["olga@example.com"]  # the old address hears of it


def test_confirming_from_another_device_is_by_the_person_too(signed_in, owner, told):
    link = ask_for(signed_in, "new@example.com")
    Client().post(link)
    [(what, _, actor, _)] = told
    assert (what, actor) == ("updated", Actor.of(owner, "web"))


def test_unconfirmed_address_stays_until_the_new_one_is_confirmed(signed_in, owner):
    EmailAddress.objects.update(verified=False)
    ask_for(signed_in, "typo@example.com")
    link = ask_for(signed_in, "new@example.com")
    owner.refresh_from_db()
    assert owner.email == "olga@example.com"
    assert addresses(owner) == [("olga@example.com", True, False), ("new@example.com", False, False)]

    signed_in.post(link)
    assert addresses(owner) == [("new@example.com", True, True)]


def test_address_that_somebody_else_took_meanwhile_is_refused(signed_in, owner, outsider):
    link = ask_for(signed_in, "new@example.com")
    outsider.email = "new@example.com"
    outsider.save()

    page = signed_in.post(link)
    owner.refresh_from_db()
    assert page.status_code in (200, 302)
    assert owner.email == "olga@example.com"
    assert ("new@example.com", False, False) in addresses(owner)


def test_address_marked_as_primary_is_by_the_person(signed_in, owner, told):
    EmailAddress.objects.create(user=owner, email="second@example.com", verified=True)
    signed_in.post("/accounts/email/", {"email": "second@example.com", "action_primary": ""})
    [(what, address, actor, _)] = told
    assert (what, address, actor) == ("updated", "second@example.com", Actor.of(owner, "web"))


def test_address_that_staff_changed_leaves_no_old_one_that_opens_the_account(signed_in, owner, told):
    owner.change(SYSTEM, email="Given@example.com")
    assert addresses(owner) == [("given@example.com", True, False)]
    assert told == [
        ("updated", "given@example.com", SYSTEM, {"email": ("olga@example.com", "given@example.com")})
    ]


def test_changed_password_ends_the_other_sessions_and_is_told_by_mail(signed_in, owner):
    elsewhere = Client()
    elsewhere.force_login(owner)
    new = {"oldpassword": "correct horse", "password1": "battery staple 9", "password2": "battery staple 9"}
    signed_in.post("/accounts/password/change/", new)

    assert [letter.to for letter in mail.outbox] == [[owner.email]]
    assert signed_in.get("/settings").status_code == 302
    assert elsewhere.get("/settings/tokens")["Location"].startswith("/accounts/login/")
    owner.refresh_from_db()
    assert owner.check_password("battery staple 9")


def test_password_change_touches_nothing_else(signed_in, owner, told):
    User.objects.filter(pk=owner.pk).update(display_name="Meanwhile")
    owner.set_password("x")
    new = {"oldpassword": "correct horse", "password1": "battery staple 9", "password2": "battery staple 9"}
    signed_in.post("/accounts/password/change/", new)
    owner.refresh_from_db()
    assert owner.display_name == "Meanwhile"
    assert told == []
