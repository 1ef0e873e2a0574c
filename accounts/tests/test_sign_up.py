"""Signing up and in through the pages."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from accounts.models import User
from accounts.time_zones import time_zone_choices

FILLED = {
    "display_name": "Bo Ek",
    "email": "bo@example.com",
    "password1": "a long sentence is fine",
    "time_zone": "Europe/Lisbon",
}

pytestmark = pytest.mark.django_db


def test_new_account_has_the_name_and_zone_that_were_given(client: Client) -> None:
    response = client.post("/accounts/signup/", FILLED)

    bo = User.objects.get(email="bo@example.com")
    assert response.status_code == 302
    assert (bo.display_name, bo.time_zone) == ("Bo Ek", "Europe/Lisbon")
    assert client.session["_auth_user_id"] == str(bo.pk)


def test_form_asks_for_the_zone_of_the_browser_once(client: Client) -> None:
    fresh = client.get("/accounts/signup/").content.decode()
    refused = client.post("/accounts/signup/", FILLED | {"password1": "12345678"}).content.decode()

    assert "data-browser-time-zone" in fresh
    assert "data-browser-time-zone" not in refused
    assert '<option value="Europe/Lisbon" selected>' in refused


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"password1": "short"}, "too short"),
        ({"time_zone": "Mars/Olympus"}, "Mars/Olympus is not"),
        ({"display_name": ""}, "This field is required"),
        ({"email": "bo"}, "Enter a valid email address"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(client: Client, change: dict[str, str], words: str) -> None:
    text = client.post("/accounts/signup/", FILLED | change).content.decode()

    [name] = change
    error = re.search(rf'id="id_{name}_error">(.*?)</div>', text, re.DOTALL)
    assert error
    assert words in error[1]
    assert not User.objects.exists()


def test_older_name_of_a_zone_is_taken(client: Client) -> None:
    client.post("/accounts/signup/", FILLED | {"time_zone": "US/Eastern"})

    assert User.objects.get().time_zone == "US/Eastern"


def test_closed_sign_up_says_so_and_is_not_offered(client: Client, settings: Any) -> None:
    settings.SIGNUP_OPEN = False

    assert "Sign-up is closed" in client.get("/accounts/signup/").content.decode()
    assert "Create an account" not in client.get("/accounts/login/").content.decode()
    client.post("/accounts/signup/", FILLED)
    assert not User.objects.exists()


def test_wrong_password_is_refused_without_saying_which_part(client: Client, owner: User) -> None:
    known = client.post("/accounts/login/", {"login": owner.email, "password": "wrong"}).content.decode()
    unknown = client.post(
        "/accounts/login/", {"login": "no@example.com", "password": "wrong"}
    ).content.decode()

    assert "That email and password do not match." in known
    assert "That email and password do not match." in unknown


def test_forgotten_password_is_replaced_through_the_mail(client: Client, owner: User) -> None:
    client.post("/accounts/password/reset/", {"email": owner.email})
    [letter] = mail.outbox
    [link] = re.findall(r"https?://[^/\s]+(/accounts/password/reset/key/\S+)", str(letter.body))
    form = client.get(link, follow=True)
    client.post(
        form.request["PATH_INFO"], {"password1": "an even longer one", "password2": "an even longer one"}
    )

    owner.refresh_from_db()
    assert letter.subject == "Choose a new password"
    assert [kind for _, kind in letter.alternatives] == ["text/html"]
    assert link in str(letter.alternatives[0][0])
    assert owner.check_password("an even longer one")


def test_link_that_was_used_already_offers_a_new_one(client: Client) -> None:
    text = client.get("/accounts/password/reset/key/1-used/").content.decode()

    assert "This link no longer works" in text


def test_every_zone_on_offer_is_one_that_the_database_knows() -> None:
    names = [name for _, zones in time_zone_choices() for name, _ in zones]

    assert len(names) == len(set(names))
    assert {"UTC", "Europe/Berlin", "Asia/Kolkata", "America/Argentina/Buenos_Aires"} <= set(names)
    for name in names:
        User._meta.get_field("time_zone").clean(name, None)
