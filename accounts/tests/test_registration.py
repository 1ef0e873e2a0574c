"""Who an account is made by, and what the first one may do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.db import connections
from django.http import HttpResponse
from django.test import Client

from accounts.actor import SYSTEM, Actor
from accounts.models import User

SENTENCE = "a long sentence is fine"


def sign_up(email: str, client: Client | None = None) -> HttpResponse:
    fields = {"display_name": "Bo", "email": email, "password1": SENTENCE, "time_zone": "Asia/Tokyo"}
    return (client or Client()).post("/accounts/signup/", fields)


def at_the_same_time(*works: Callable[[], Any]) -> list[Any]:
    """Do each work in a thread of its own, all let go at once. Returns what they return."""
    barrier, results = threading.Barrier(len(works)), [None] * len(works)

    def run(number: int) -> None:
        barrier.wait()
        try:
            results[number] = works[number]()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_person_signs_up_and_in_by_themselves(db, told, settings):
    settings.FIRST_ACCOUNT_IS_STAFF = False
    sign_up("bo@example.com")

    bo = User.objects.get()
    by_bo = Actor(str(bo.pk), "Bo", "web")
    assert told == [("registered", "bo@example.com", by_bo, {}), ("login", "bo@example.com", by_bo, {})]
    assert (bo.is_staff, bo.is_superuser) == (False, False)


def test_account_made_by_the_system_says_so(told, db):
    User.objects.create_user("bo@example.com")
    assert told == [("registered", "bo@example.com", SYSTEM, {})]


def test_first_account_is_the_staff_owner_and_the_second_is_not(db, settings):
    settings.FIRST_ACCOUNT_IS_STAFF = True
    sign_up("first@example.com")
    sign_up("second@example.com")

    rights = User.objects.order_by("pk").values_list("email", "is_staff", "is_superuser")
    assert list(rights) == [("first@example.com", True, True), ("second@example.com", False, False)]


def test_sign_up_after_an_operator_made_an_account_gives_no_rights(db, settings, owner):
    settings.FIRST_ACCOUNT_IS_STAFF = True
    sign_up("bo@example.com")
    assert not User.objects.get(email="bo@example.com").is_staff


@pytest.mark.django_db(transaction=True)
def test_of_two_first_accounts_at_the_same_time_one_is_staff(settings):
    settings.FIRST_ACCOUNT_IS_STAFF = True
    at_the_same_time(*(lambda n=n: sign_up(f"bo{n}@example.com") for n in range(4)))
    assert User.objects.count() == 4
    assert User.objects.filter(is_staff=True, is_superuser=True).count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_one_address_at_the_same_time_one_is_sent_to_sign_in():
    answers = at_the_same_time(*[lambda: sign_up("bo@example.com")] * 2)
    assert User.objects.filter(email="bo@example.com").count() == 1
    # Either they met in the database, or the second form already saw the first account.
    assert sorted(answer.status_code for answer in answers) in ([302, 302], [200, 302])


def test_address_is_one_account_however_it_is_typed(client, db):
    sign_up("Bo@Example.COM")
    assert User.objects.get().email == "bo@example.com"

    again = sign_up("BO@example.com")
    assert "already registered" in again.content.decode()
    assert User.objects.count() == 1

    client.post("/accounts/login/", {"login": "bO@eXample.com", "password": SENTENCE})
    assert client.session["_auth_user_id"] == str(User.objects.get().pk)


def test_address_is_stored_in_small_letters_by_every_way(db, owner):
    assert User.objects.create_user("Milo@Example.com").email == "milo@example.com"
    owner.email = "OLGA@Example.com"
    owner.save()
    owner.refresh_from_db()
    assert owner.email == "olga@example.com"
    assert User.objects.get_by_natural_key("Olga@EXAMPLE.com") == owner


@pytest.mark.parametrize(
    ("confirmation", "letters", "signed_in"),
    [("none", 0, True), ("optional", 1, True), ("mandatory", 1, False)],
)
def test_confirmation_of_the_address_is_a_setting(client, db, settings, confirmation, letters, signed_in):
    settings.ACCOUNT_EMAIL_VERIFICATION = confirmation
    sign_up("bo@example.com", client)
    assert len(mail.outbox) == letters
    assert ("_auth_user_id" in client.session) is signed_in


def test_mail_server_that_is_down_stops_no_sign_up(client, db, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "optional"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert sign_up("bo@example.com", client).status_code == 302
    assert client.session["_auth_user_id"] == str(User.objects.get().pk)


def test_where_confirmation_is_needed_a_mail_server_that_is_down_is_an_error(client, db, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with pytest.raises(ConnectionRefusedError):
        sign_up("bo@example.com", client)


def test_rate_limit_slows_down_who_guesses_a_password(client, owner):
    for _ in range(5):
        answer = client.post("/accounts/login/", {"login": owner.email, "password": "wrong"})
        assert "do not match" in answer.content.decode()
    answer = client.post("/accounts/login/", {"login": owner.email, "password": "correct horse"})
    assert "Too many tries" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_staff_sign_in_where_everybody_does(client, db, told):
    User.objects.create_superuser("boss@example.com", SENTENCE)
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1] == ("/accounts/login/?next=%2Fadmin%2F", 302)
    answer = client.post(
        "/accounts/login/?next=/admin/", {"login": "boss@example.com", "password": SENTENCE}, follow=True
    )
    assert "Todo support" in answer.content.decode()
    assert [(what, actor.via) for what, _, actor, _ in told[1:]] == [("login", "web")]
