"""The admin's accounts: who gets in, who is found, what staff can and cannot do to others."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.core import mail

from accounts.actor import Actor
from accounts.models import ApiToken, User
from accounts.tests.staff import (
    MAX_QUERIES,
    act,
    form_of,
    found,
    list_of,
    notes,
    page,
    page_of,
    staff,
    superuser,
    window,
)

pytestmark = pytest.mark.django_db
SUPPORT = ("accounts.view_user", "accounts.add_user", "accounts.change_user")
TOKENS = ("accounts.view_apitoken", "accounts.change_apitoken")


def updates(told):
    return [(actor, changes) for what, _, actor, changes in told if what == "updated"]


@pytest.fixture
def sam():
    return staff(*SUPPORT, *TOKENS)


@pytest.fixture
def desk(sam):
    return window(sam)


class TestWhoGetsIn:
    def test_nobody_is_sent_to_sign_in(self):
        answer = window(None).get(list_of(User), follow=True)
        assert answer.redirect_chain[-1][0].startswith("/accounts/login/?next=")

    def test_a_person_who_is_no_staff_is_refused(self, owner):
        assert window(owner).get(list_of(User), follow=True).status_code == 403
        assert window(owner).get("/admin/login/").status_code == 403

    def test_staff_without_the_right_see_nothing(self, owner):
        client = window(staff())
        assert client.get("/admin/").status_code == 200
        for path in (list_of(User), page_of(owner), list_of(ApiToken), list_of(LogEntry)):
            assert client.get(path).status_code == 403

    def test_staff_who_may_only_look_find_no_acts(self, owner):
        client = window(staff("accounts.view_user"))
        assert "Deactivate" not in client.get(page_of(owner)).content.decode()
        act(client, "deactivate", owner)
        owner.refresh_from_db()
        assert owner.is_active

    def test_an_account_that_is_closed_is_out(self, sam, desk):
        User.objects.filter(pk=sam.pk).update(is_active=False)
        assert desk.get(list_of(User)).status_code == 302

    def test_the_pages_say_whose_they_are(self, desk):
        assert "Todo support" in desk.get("/admin/").content.decode()

    def test_addresses_and_sessions_have_no_pages_that_go_round_the_account(self):
        index = window(superuser()).get("/admin/").content.decode()
        assert "/admin/account/" not in index
        assert "/admin/usersessions/" not in index

    def test_ones_own_password_is_changed_where_everybody_does_that(self, desk):
        assert desk.get("/admin/password_change/").url == "/accounts/password/change/"


class TestFinding:
    @pytest.mark.parametrize("words", ["olga@", "OLGA", "Olga"])
    def test_by_address_and_name(self, desk, owner, member, words):
        assert found(desk.get(list_of(User), {"q": words})) == [owner]

    def test_by_id(self, desk, owner, member):
        assert found(desk.get(list_of(User), {"q": f" {owner.pk} "})) == [owner]
        assert found(desk.get(list_of(User), {"q": owner.pk.hex})) == [owner]

    def test_what_is_not_there(self, desk, owner):
        answer = desk.get(page("accounts_user_change", "00000000-0000-0000-0000-000000000000"), follow=True)
        assert "doesn’t exist" in notes(answer)[0]
        assert desk.get(page("accounts_user_change", "nonsense"), follow=True).status_code == 200


class TestChanging:
    def test_a_change_is_an_event_with_the_staff_members_name(self, sam, desk, owner, told):
        data = form_of(desk.get(page_of(owner))) | {"display_name": "Olga N.", "time_zone": "Asia/Tokyo"}
        desk.post(page_of(owner), data)
        changes = {"display_name": ("Olga", "Olga N."), "time_zone": ("UTC", "Asia/Tokyo")}
        assert updates(told) == [(Actor(str(sam.pk), "Sam", "admin"), changes)]

    def test_saving_without_a_change_is_no_event(self, desk, owner, told):
        desk.post(page_of(owner), form_of(desk.get(page_of(owner))))
        assert updates(told) == []

    def test_support_cannot_reach_an_account_through_its_address_or_take_rights(self, desk, owner):
        data = form_of(desk.get(page_of(owner)))
        desk.post(
            page_of(owner), data | {"email": "mine@example.com", "is_superuser": "on", "is_staff": "on"}
        )
        owner.refresh_from_db()
        assert (owner.email, owner.is_staff, owner.is_superuser) == ("olga@example.com", False, False)

    def test_support_cannot_change_other_staff_or_themselves(self, sam, desk):
        for colleague in (superuser(), sam):
            assert desk.post(page_of(colleague), {"display_name": "X"}).status_code == 403
            assert desk.get(page_of(colleague)).status_code == 200

    def test_superusers_give_rights_and_change_addresses(self, owner):
        client, group = window(superuser()), Group.objects.create(name="Support")
        data = form_of(client.get(page_of(owner)))
        data |= {"email": "Olga.New@example.com", "is_staff": "on", "groups": [group.pk]}
        client.post(page_of(owner), data)
        owner.refresh_from_db()
        assert (owner.email, owner.is_staff, list(owner.groups.all())) == (
            "olga.new@example.com",
            True,
            [group],
        )
        assert EmailAddress.objects.get(user=owner).email == "olga.new@example.com"

    def test_superusers_cannot_lock_themselves_out(self):
        ruth = superuser()
        client = window(ruth)
        data = form_of(client.get(page_of(ruth)))
        assert {"is_active", "is_staff", "is_superuser"}.isdisjoint(data)
        client.post(page_of(ruth), data)
        act(client, "deactivate", ruth)
        ruth.refresh_from_db()
        assert (ruth.is_active, ruth.is_staff, ruth.is_superuser) == (True, True, True)

    def test_an_address_that_is_taken_is_refused_with_words(self, owner, member):
        client = window(superuser())
        data = form_of(client.get(page_of(owner))) | {"email": "MILO@example.com"}
        answer = client.post(page_of(owner), data)
        assert answer.status_code == 200
        assert answer.context["errors"]

    def test_a_new_account_has_no_password_until_its_owner_sets_one(self, desk, told):
        data = {"email": "New@example.com", "display_name": "Nora", "time_zone": "Europe/Berlin"}
        desk.post(page("accounts_user_add"), data)
        nora = User.objects.get(email="new@example.com")
        assert not nora.has_usable_password()
        assert EmailAddress.objects.get(user=nora).verified
        assert [(what, who, actor.via) for what, who, actor, _ in told if what == "registered"] == [
            ("registered", "new@example.com", "admin")
        ]
        act(desk, "send_password_link", nora)
        assert mail.outbox[0].to == ["new@example.com"]
        assert "/password/reset/key/" in mail.outbox[0].body

    def test_nobody_is_deleted(self, owner):
        client = window(superuser())
        assert client.get(page("accounts_user_delete", owner.pk)).status_code == 403
        act(client, "delete_selected", owner, post="yes")
        assert User.objects.filter(pk=owner.pk).exists()


class TestActs:
    def test_deactivating_signs_out_and_is_told(self, sam, desk, owner, told):
        theirs = window(owner)
        assert theirs.get("/accounts/email/").status_code == 200
        answer = act(desk, "deactivate", owner, _from_page=owner.pk)
        assert answer.redirect_chain[-1][0] == page_of(owner)
        assert notes(answer) == ["Deactivated: olga@example.com."]
        assert theirs.get("/accounts/email/").status_code == 302
        assert updates(told) == [(Actor(str(sam.pk), "Sam", "admin"), {"is_active": (True, False)})]
        assert LogEntry.objects.get(object_id=str(owner.pk)).user == sam

    def test_activating_again(self, desk, owner, member):
        act(desk, "deactivate", owner, member)
        answer = act(desk, "activate", owner, member)
        assert notes(answer) == ["Activated: milo@example.com, olga@example.com."]
        owner.refresh_from_db()
        assert owner.is_active

    def test_other_staff_stay_as_they_are(self, sam, desk):
        ruth = superuser()
        answer = act(desk, "deactivate", ruth, sam)
        assert notes(answer) == [
            "Left as they are, only another superuser may do that: root@example.com, sam@example.com."
        ]
        assert User.objects.filter(is_active=True).count() == 2

    def test_a_closed_account_gets_no_link(self, desk, owner):
        act(desk, "deactivate", owner)
        answer = act(desk, "send_password_link", owner)
        assert notes(answer) == ["Not active, so no link was sent to: olga@example.com."]
        assert mail.outbox == []

    def test_a_mail_server_that_is_away_is_told(self, desk, owner, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
        answer = act(desk, "send_password_link", owner)
        assert notes(answer) == ["Not sent to: olga@example.com."]


class TestTokens:
    @pytest.fixture
    def token(self, owner):
        return ApiToken.objects.issue(owner, "Laptop", ["tasks:read"])[0]

    def test_no_page_shows_or_changes_a_secret(self, desk, token):
        answer = desk.get(page_of(token))
        assert token.secret_hash not in answer.content.decode()
        assert desk.post(page_of(token), {"name": "Mine"}).status_code == 403
        assert desk.get(page("accounts_apitoken_add")).status_code == 403
        assert desk.get(page("accounts_apitoken_delete", token.pk)).status_code == 403

    def test_they_are_found_by_their_owner(self, desk, token, member):
        ApiToken.objects.issue(member, "Phone", ["tasks:read"])
        for words in ("olga@", str(token.user_id), str(token.pk), token.prefix):
            assert found(desk.get(list_of(ApiToken), {"q": words})) == [token]

    def test_revoking_is_noted(self, sam, desk, token):
        assert notes(act(desk, "revoke", token)) == [f"Revoked: {token}."]
        token.refresh_from_db()
        assert token.refusal == "This API token was revoked."
        assert LogEntry.objects.get(object_id=str(token.pk)).get_change_message() == "Revoked."
        act(desk, "revoke", token)
        assert LogEntry.objects.count() == 1

    def test_looking_is_not_revoking(self, token):
        act(window(staff("accounts.view_apitoken")), "revoke", token)
        token.refresh_from_db()
        assert token.revoked_at is None


class TestStaffActs:
    def test_they_can_be_read_and_nothing_else(self, desk, owner):
        act(desk, "deactivate", owner)
        entry, client = LogEntry.objects.get(), window(superuser())
        assert found(client.get(list_of(LogEntry), {"q": str(owner.pk)})) == [entry]
        assert found(client.get(list_of(LogEntry), {"q": "sam@"})) == [entry]
        assert "Deactivated." in client.get(page_of(entry)).content.decode()
        assert client.get(page("admin_logentry_add")).status_code == 403
        assert client.post(page_of(entry), {"object_repr": "x"}).status_code == 403
        assert client.get(page("admin_logentry_delete", entry.pk)).status_code == 403


class TestQueries:
    @pytest.fixture
    def crowd(self, desk):
        people = [User.objects.create_user(f"p{n}@example.com", display_name=f"P {n}") for n in range(50)]
        for person in people:
            ApiToken.objects.issue(person, "Laptop", ["tasks:read"])
        for _ in range(2):
            act(desk, "deactivate", *people)
            act(desk, "activate", *people)
        return people

    @pytest.mark.parametrize("model", [User, ApiToken, LogEntry])
    def test_a_list_of_fifty(self, crowd, model, django_assert_max_num_queries):
        client = window(staff(*SUPPORT, *TOKENS, "admin.view_logentry", email="sue@example.com"))
        with django_assert_max_num_queries(MAX_QUERIES):
            assert len(found(client.get(list_of(model)))) == 50

    @pytest.mark.parametrize("model", [User, ApiToken, LogEntry])
    def test_a_page(self, crowd, model, django_assert_max_num_queries):
        for client in (
            window(staff(*SUPPORT, *TOKENS, "admin.view_logentry", email="s@e.de")),
            window(superuser()),
        ):
            with django_assert_max_num_queries(MAX_QUERIES):
                assert client.get(page_of(model.objects.order_by("pk")[5])).status_code == 200
