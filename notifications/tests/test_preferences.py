"""What people want to be told, and where: the table, its page, and the link in each mail."""

from __future__ import annotations

import re

import pytest
from django.core.signing import Signer
from django.test import Client

from notifications.kinds import Channel, Kind
from notifications.models import Preference
from notifications.unsubscribing import SALT, Subscription

PAGE = "/settings/notifications"
DEFAULTS = {
    (Kind.REMINDER, Channel.IN_APP): True,
    (Kind.REMINDER, Channel.EMAIL): True,
    (Kind.DUE_SOON, Channel.IN_APP): False,
    (Kind.DUE_SOON, Channel.EMAIL): False,
    (Kind.OVERDUE, Channel.IN_APP): True,
    (Kind.OVERDUE, Channel.EMAIL): False,
    (Kind.ASSIGNED, Channel.IN_APP): True,
    (Kind.ASSIGNED, Channel.EMAIL): True,
    (Kind.MENTIONED, Channel.IN_APP): True,
    (Kind.MENTIONED, Channel.EMAIL): True,
}
SHARING = {f"{kind}-{channel}": "on" for kind in (Kind.ASSIGNED, Kind.MENTIONED) for channel in Channel}


@pytest.fixture
def olga(client, owner):
    client.force_login(owner)
    return client


@pytest.fixture
def link(owner):
    return Subscription(owner.pk, Kind.REMINDER).path()


def switches(answer):
    """The switches of the page: name and whether it is on."""
    tags = re.findall(r"<input [^>]*role=\"switch\"[^>]*>", answer.content.decode())
    return {re.search(r'name="([^"]+)"', tag)[1]: " checked" in tag for tag in tags}


def table_of(user):
    return Preference.objects.table_of(user)


def test_the_defaults_need_no_row(owner):
    assert table_of(owner) == DEFAULTS
    assert Preference.objects.count() == 0


def test_a_choice_is_stored_once_and_can_be_changed(owner, member):
    cell = (Kind.OVERDUE, Channel.EMAIL)
    Preference.objects.choose(owner.pk, {cell: True})
    Preference.objects.choose(owner.pk, {cell: False})
    Preference.objects.choose(owner.pk, {cell: True})
    assert table_of(owner) == DEFAULTS | {cell: True}
    assert Preference.objects.count() == 1
    assert table_of(member) == DEFAULTS


def test_the_tables_of_many_people_cost_one_query(owner, member, django_assert_num_queries):
    Preference.objects.choose(member.pk, {(Kind.REMINDER, Channel.EMAIL): False})
    with django_assert_num_queries(1):
        tables = Preference.objects.tables_of([owner.pk, member.pk])
    assert tables == {owner.pk: DEFAULTS, member.pk: DEFAULTS | {(Kind.REMINDER, Channel.EMAIL): False}}


def test_a_choice_of_a_kind_that_is_no_more_changes_nothing(owner):
    Preference.objects.create(user=owner, kind="horoscope", channel="pigeon", enabled=True)
    assert table_of(owner) == DEFAULTS


def test_the_page_shows_every_kind_and_channel(olga, owner):
    Preference.objects.choose(owner.pk, {(Kind.REMINDER, Channel.EMAIL): False})
    answer = olga.get(PAGE)
    expected = DEFAULTS | {(Kind.REMINDER, Channel.EMAIL): False}
    assert switches(answer) == {f"{kind}-{channel}": on for (kind, channel), on in expected.items()}
    assert 'aria-label="Due soon by Email"' in answer.content.decode()


def test_saving_stores_what_was_changed(olga, owner):
    chosen = {"reminder-in_app": "on", "due_soon-in_app": "on", "overdue-in_app": "on"}
    answer = olga.post(PAGE, chosen | SHARING)
    assert answer.headers["Location"] == PAGE
    changed = {(Kind.REMINDER, Channel.EMAIL): False, (Kind.DUE_SOON, Channel.IN_APP): True}
    assert table_of(owner) == DEFAULTS | changed
    assert Preference.objects.count() == 2
    assert "Saved." in olga.get(PAGE).content.decode()


def test_saving_without_a_change_stores_nothing(olga):
    olga.post(PAGE, {"reminder-in_app": "on", "reminder-email": "on", "overdue-in_app": "on"} | SHARING)
    assert Preference.objects.count() == 0


def test_the_page_costs_little(olga, django_assert_num_queries):
    with django_assert_num_queries(4):  # session, user, choices; the sidebar
        olga.get(PAGE)
    with django_assert_num_queries(4):  # session, user, choices, change
        olga.post(PAGE, {})


# --- The link in each mail -----------------------------------------------------------------------------


def test_the_link_asks_before_it_does_anything(client, link, owner):
    answer = client.get(link)
    assert answer.status_code == 200
    assert "You will get no more mails of the kind “Reminder”." in answer.content.decode()
    assert table_of(owner) == DEFAULTS


def test_one_click_switches_mails_of_that_kind_off_without_signing_in(link, owner):
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(link, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200  # RFC 8058: no redirect
    assert "These mails have stopped" in answer.content.decode()
    assert table_of(owner) == DEFAULTS | {(Kind.REMINDER, Channel.EMAIL): False}
    assert strict.post(link).status_code == 200
    assert Preference.objects.count() == 1


def test_the_link_is_nobody_elses(client, link, member):
    client.force_login(member)
    client.post(link)
    assert table_of(member) == DEFAULTS


def test_a_link_of_a_former_key_still_works(settings, client, link, owner):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new key", [settings.SECRET_KEY]
    assert client.post(link).status_code == 200
    assert table_of(owner)[Kind.REMINDER, Channel.EMAIL] is False


def signed(content):
    return Signer(salt=SALT, sep=".").sign_object(content)


@pytest.mark.parametrize(
    "token",
    [
        "nonsense",
        "e30.x",
        signed({}),
        signed([]),
        signed({"user": "x", "kind": "reminder"}),
        signed({"user": "0193f6a0-0000-7000-8000-000000000000", "kind": "reminder"}),
        Signer(salt="other", sep=".").sign_object({"user": "x", "kind": "reminder"}),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_broken_link_is_not_found(db, client, token, method):
    assert getattr(client, method)(f"/notifications/unsubscribe/{token}").status_code == 404
    assert Preference.objects.count() == 0


def test_a_link_for_a_kind_that_is_no_more_is_not_found(client, owner):
    token = signed({"user": str(owner.pk), "kind": "horoscope"})
    assert client.get(f"/notifications/unsubscribe/{token}").status_code == 404


def test_the_link_costs_little(client, link, django_assert_num_queries):
    with django_assert_num_queries(1):
        client.get(link)
    with django_assert_num_queries(2):  # the person, the change
        client.post(link)
