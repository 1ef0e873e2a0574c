"""The settings pages that are about the person."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actor import Actor
from accounts.models import ApiToken, User
from accounts.models.api_token import MAX_TOKENS, hash_of

PAGES = ["/settings/profile", "/settings/time", "/settings/shortcuts", "/settings/tokens"]
ALLAUTHS_PAGES = ["/accounts/email/", "/accounts/password/change/", "/accounts/sessions/"]
NEW_TOKEN = {"name": "Laptop", "scopes": ["tasks:write", "profile:read"], "lifetime": "30"}


@pytest.fixture
def signed_in(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


@pytest.mark.parametrize("page", [*PAGES, *ALLAUTHS_PAGES])
def test_nobody_is_asked_to_sign_in(client, db, page):
    for answer in (client.get(page), client.post(page)):
        assert answer["Location"] == f"/accounts/login/?next={page}"


@pytest.mark.parametrize("page", [*PAGES, *ALLAUTHS_PAGES])
def test_page_names_itself_in_the_navigation(signed_in, page):
    text = signed_in.get(page).content.decode()
    [current] = re.findall(r'<nav class="settings-nav".*?aria-current="page"', text, re.DOTALL)
    assert f'href="{page}" aria-current="page"' in text
    assert current


def test_settings_lead_to_the_profile(signed_in):
    assert signed_in.get("/settings")["Location"] == "/settings/profile"


def test_name_is_changed_by_the_person(signed_in, owner, told):
    answer = signed_in.post("/settings/profile", {"display_name": " Olga S "}, follow=True)
    assert answer.redirect_chain == [("/settings/profile", 302)]
    assert "Saved." in answer.content.decode()
    changes = {"display_name": ("Olga", "Olga S")}
    assert told == [("updated", owner.email, Actor.of(owner, "web"), changes)]


def test_refused_name_is_shown_nowhere_else(signed_in, owner, told):
    answer = signed_in.post("/settings/profile", {"display_name": ""})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "This field is required." in text
    assert "Account of Olga" in text
    assert told == []


def test_form_changes_only_what_it_shows(signed_in, owner):
    signed_in.post("/settings/profile", {"display_name": "Olga", "is_staff": "on", "email": "x@example.com"})
    owner.refresh_from_db()
    assert (owner.email, owner.is_staff) == ("olga@example.com", False)


def test_time_and_language_are_changed_by_the_person(signed_in, owner, told):
    wanted = {"time_zone": "Asia/Tokyo", "locale": "en", "week_start": "6"}
    text = signed_in.post("/settings/time", wanted, follow=True).content.decode()
    changes = {"time_zone": ("UTC", "Asia/Tokyo"), "week_start": (0, 6)}
    assert told == [("updated", owner.email, Actor.of(owner, "web"), changes)]
    assert '<option value="Asia/Tokyo" selected>' in text
    assert "Saved." in text


def test_shortcuts_are_switched_off_by_the_person_and_then_pages_say_so(signed_in, owner, told):
    assert 'data-shortcuts="off"' not in signed_in.get("/settings/shortcuts").content.decode()
    text = signed_in.post("/settings/shortcuts", {}, follow=True).content.decode()
    changes = {"keyboard_shortcuts": (True, False)}
    assert told == [("updated", owner.email, Actor.of(owner, "web"), changes)]
    assert 'data-shortcuts="off"' in text
    signed_in.post("/settings/shortcuts", {"keyboard_shortcuts": "on"})
    assert 'data-shortcuts="off"' not in signed_in.get("/settings/shortcuts").content.decode()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("time_zone", "Mars/Olympus", "Mars/Olympus is not one of the available choices"),
        ("locale", "tlh", "tlh is not one of the available choices"),
        ("week_start", "3", "3 is not one of the available choices"),
    ],
)
def test_what_cannot_be_is_refused(signed_in, owner, told, field, value, words):
    wanted = {"time_zone": "Asia/Tokyo", "locale": "en", "week_start": "6", field: value}
    answer = signed_in.post("/settings/time", wanted)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert told == []


def test_older_name_of_a_zone_stays_chosen(signed_in, owner):
    owner.time_zone = "US/Eastern"
    owner.save()
    assert '<option value="US/Eastern" selected>' in signed_in.get("/settings/time").content.decode()


def test_new_token_is_shown_once(signed_in, owner):
    answer = signed_in.post("/settings/tokens", NEW_TOKEN)
    assert (answer.status_code, answer["Location"]) == (302, "/settings/tokens")
    cookie = answer.cookies["new_api_token"]
    assert cookie["httponly"]
    assert cookie["path"] == "/settings/tokens"

    page = signed_in.get("/settings/tokens")
    [secret] = re.findall(r'id="secret">(todo_pat_[\w-]+)<', page.content.decode())
    assert "no-store" in page["Cache-Control"]
    token = ApiToken.objects.get(user=owner)
    assert token.secret_hash == hash_of(secret)
    assert token.scopes == ["profile:read", "tasks:write"]
    assert timedelta(days=29) < token.expires_at - timezone.now() < timedelta(days=30, minutes=1)
    assert secret not in signed_in.get("/settings/tokens").content.decode()


def test_new_token_is_not_shown_to_another_account_in_the_same_browser(signed_in, outsider):
    signed_in.post("/settings/tokens", NEW_TOKEN)
    cookie = signed_in.cookies["new_api_token"].value
    signed_in.force_login(outsider)
    signed_in.cookies["new_api_token"] = cookie
    assert 'id="secret"' not in signed_in.get("/settings/tokens").content.decode()


def test_token_that_never_expires_can_be_chosen(signed_in):
    signed_in.post("/settings/tokens", NEW_TOKEN | {"lifetime": "0"})
    assert ApiToken.objects.get().expires_at is None


@pytest.mark.parametrize(
    "change", [{"name": ""}, {"scopes": []}, {"scopes": ["tasks:admin"]}, {"lifetime": "9999"}]
)
def test_token_that_cannot_be_is_refused(signed_in, change):
    answer = signed_in.post("/settings/tokens", NEW_TOKEN | change)
    assert answer.status_code == 422
    assert 'class="field-error"' in answer.content.decode()
    assert not ApiToken.objects.exists()


def test_too_many_tokens_are_refused(signed_in, owner):
    for number in range(MAX_TOKENS):
        ApiToken.objects.issue(owner, str(number), ["tasks:read"])
    answer = signed_in.post("/settings/tokens", NEW_TOKEN)
    assert answer.status_code == 422
    assert "can have 50 tokens" in answer.content.decode()


def test_tokens_of_the_person_are_listed(signed_in, owner, outsider):
    ApiToken.objects.issue(owner, "Laptop", ["tasks:read"])
    ApiToken.objects.issue(outsider, "Otto's phone", ["tasks:read"])
    expired, _ = ApiToken.objects.issue(owner, "Old script", ["tasks:read"])
    ApiToken.objects.filter(pk=expired.pk).update(expires_at=timezone.now())
    revoked, _ = ApiToken.objects.issue(owner, "Lost tablet", ["tasks:read"])
    revoked.revoke()
    text = signed_in.get("/settings/tokens").content.decode()
    assert [name in text for name in ("Laptop", "Old script", "Otto", "Lost tablet")] == [
        True,
        True,
        False,
        False,
    ]
    assert "Expired " in text


def test_token_is_revoked_by_its_owner_alone(signed_in, owner, outsider):
    token, _ = ApiToken.objects.issue(outsider, "Phone", ["tasks:read"])
    path = f"/settings/tokens/{token.pk}/revoke"
    assert signed_in.post(path).status_code == 404
    assert Client().post(path)["Location"].startswith("/accounts/login/")
    assert signed_in.get(path).status_code == 405

    signed_in.force_login(outsider)
    text = signed_in.post(path, follow=True).content.decode()
    token.refresh_from_db()
    assert token.revoked_at is not None
    assert "Revoked “Phone”." in text
    assert signed_in.post(path).status_code == 404
    assert signed_in.post(f"/settings/tokens/{uuid4()}/revoke").status_code == 404


def test_forms_need_the_csrf_token(owner):
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    for page in PAGES:
        assert client.post(page, NEW_TOKEN).status_code == 403


def test_other_sessions_can_be_ended(client, owner):
    elsewhere = Client(headers={"User-Agent": "Elsewhere/1.0"})
    for browser in (client, elsewhere):
        browser.post("/accounts/login/", {"login": owner.email, "password": "correct horse"})
    text = client.get("/accounts/sessions/").content.decode()
    assert "Elsewhere/1.0" in text
    assert UserSession.objects.filter(user=owner).count() == 2

    client.post("/accounts/sessions/")
    assert UserSession.objects.get().session_key == client.session.session_key
    assert elsewhere.get("/settings/profile").status_code == 302
    assert client.get("/settings/profile").status_code == 200


def test_use_of_a_session_is_noted_now_and_then(signed_in, owner):
    cache.clear()
    signed_in.get("/settings/profile")
    seen = UserSession.objects.get(user=owner)
    assert seen.ip == "127.0.0.1"
    UserSession.objects.update(last_seen_at=seen.created_at)
    signed_in.get("/settings/profile")
    assert UserSession.objects.get().last_seen_at == seen.created_at


def queries(client: Client, method: str, page: str, **data: object) -> tuple[int, int]:
    """How many queries a page costs: about people and sessions, and with those of the frame around it."""
    with CaptureQueriesContext(connection) as captured:
        getattr(client, method)(page, data)
    ours = r'(FROM|INTO|UPDATE) "(accounts_|account_|usersessions_|django_session)'
    statements = [query["sql"] for query in captured]
    return sum(re.search(ours, sql) is not None for sql in statements), len(statements)


@pytest.mark.parametrize(
    ("page", "number"),
    [
        ("/settings/profile", 2),
        ("/settings/time", 2),
        ("/settings/tokens", 3),
        ("/accounts/email/", 8),
        ("/accounts/password/change/", 2),
    ],
)
def test_page_costs_a_known_number_of_queries(signed_in, owner, page, number):
    for name in ("Laptop", "Phone", "Watch"):
        ApiToken.objects.issue(owner, name, ["tasks:read"])
    ours, all_of_them = queries(signed_in, "get", page)
    assert ours == number
    assert all_of_them <= 15


def test_change_costs_a_known_number_of_queries(signed_in, owner):
    token, _ = ApiToken.objects.issue(owner, "Laptop", ["tasks:read"])
    zone = {"time_zone": "Asia/Tokyo", "locale": "en", "week_start": "6"}
    assert queries(signed_in, "post", "/settings/profile", display_name="Olga S")[0] == 4
    assert queries(signed_in, "post", "/settings/time", **zone)[0] == 4
    assert queries(signed_in, "post", "/settings/tokens", **NEW_TOKEN)[0] == 4
    assert queries(signed_in, "post", f"/settings/tokens/{token.pk}/revoke")[0] == 4


def test_list_of_sessions_costs_three_queries_for_each(client, owner):
    """allauth checks of each whether it still holds: it exists, its content, its user."""
    costs = []
    for browser in (client, Client(), Client()):
        browser.post("/accounts/login/", {"login": owner.email, "password": "correct horse"})
        costs.append(queries(client, "get", "/accounts/sessions/")[0])
    assert costs == [6, 9, 12]


def test_pages_of_signing_in_cost_no_query(client, db):
    assert queries(client, "get", "/accounts/login/")[0] == 0
    assert queries(client, "get", "/accounts/signup/")[0] == 0
