"""API tokens: what they hold, what they open, and how they end."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import path
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient, APIRequestFactory
from rest_framework.views import APIView

from accounts import known_tokens
from accounts.actor import SYSTEM
from accounts.authentication import ApiTokenAuthentication
from accounts.models import ApiToken, Scope, User
from accounts.models.api_token import MAX_TOKENS, hash_of
from accounts.permissions import HasScope


class Door(APIView):
    """A view as the API has them; it says who came in."""

    permission_classes = (HasScope,)
    scope = "tasks"

    def answer(self, request):
        return Response({"user": str(request.user.pk), "token": getattr(request.auth, "name", None)})

    get = post = put = patch = delete = answer


urlpatterns = [path("door", Door.as_view())]
pytestmark = pytest.mark.urls(__name__)


def issue(user: User, *scopes: str, name: str = "Laptop", **options) -> str:
    return ApiToken.objects.issue(user, name, scopes or ["tasks:write"], **options)[1]


def knock(secret: str | None, method: str = "get", scheme: str = "Bearer"):
    client = APIClient()
    if secret is not None:
        client.credentials(HTTP_AUTHORIZATION=f"{scheme} {secret}")
    return getattr(client, method)("/door")


def test_secret_is_random_and_only_its_hash_is_kept(owner):
    token, secret = ApiToken.objects.issue(owner, " Laptop ", ["tasks:write", "profile:read", "tasks:write"])
    assert secret.startswith("todo_pat_")
    assert len(secret) == len("todo_pat_") + 43  # 256 bits in base64
    row = ApiToken.objects.values().get()
    assert secret not in str(row)
    assert (row["name"], row["scopes"]) == ("Laptop", ["profile:read", "tasks:write"])
    assert row["secret_hash"] == hash_of(secret)
    assert secret.startswith(token.prefix)
    assert len(token.prefix) == 15
    assert issue(owner) != secret


def test_token_acts_for_its_account(owner):
    answer = knock(issue(owner))
    assert answer.status_code == 200
    assert answer.json() == {"user": str(owner.pk), "token": "Laptop"}


def test_scheme_is_taken_in_any_case(owner):
    assert knock(issue(owner), scheme="bearer").status_code == 200


@pytest.mark.parametrize(
    ("scopes", "readable", "writable"),
    [
        (["tasks:read"], True, False),
        (["tasks:write"], True, True),
        (["tasks:read", "tasks:write"], True, True),
        (["profile:write", "notifications:write"], False, False),
        (list(Scope.values), True, True),
    ],
)
def test_scopes_open_what_they_name(owner, scopes, readable, writable):
    secret = issue(owner, *scopes)
    answers = {
        method: knock(secret, method)
        for method in ("get", "head", "options", "post", "put", "patch", "delete")
    }
    for method, answer in answers.items():
        needed, allowed = ("read", readable) if method in {"get", "head", "options"} else ("write", writable)
        assert answer.status_code == (200 if allowed else 403), method
        if not allowed and method != "head":
            assert f"This API token lacks the scope tasks:{needed}." in answer.content.decode()


def test_somebody_signed_in_has_every_scope(owner, client):
    client.force_login(owner)
    assert client.get("/door").json() == {"user": str(owner.pk), "token": None}
    assert client.post("/door").status_code == 200


def test_nobody_is_sent_away_with_the_way_to_come_in(db):
    answer = knock(None)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="Todo API"'


@pytest.mark.parametrize("secret", ["", "todo_pat_wrong", "two words", "töken"])
def test_unknown_token_is_a_401_that_says_so(db, secret):
    answer = knock(secret.encode().decode("latin-1"))
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert "This API token is not known." in answer.content.decode()


def test_unknown_token_is_refused_even_beside_a_session(owner, client):
    client.force_login(owner)
    assert client.get("/door", headers={"Authorization": "Bearer todo_pat_wrong"}).status_code == 401


def test_other_schemes_are_not_tokens(db, owner):
    assert "not known" not in knock(issue(owner), scheme="Token").content.decode()


def test_revoked_token_opens_nothing(owner):
    secret = issue(owner)
    token = ApiToken.objects.get()
    token.revoke()
    first = token.revoked_at
    token.revoke()
    assert token.revoked_at == first
    answer = knock(secret)
    assert answer.status_code == 401
    assert "This API token was revoked." in answer.content.decode()


def test_token_expires_at_its_time(owner):
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        secret = issue(owner, expires_at=start + timedelta(days=1))
        clock.move_to(start + timedelta(days=1, seconds=-1))
        assert knock(secret).status_code == 200
        clock.move_to(start + timedelta(days=1))
        answer = knock(secret)
    assert answer.status_code == 401
    assert "This API token has expired." in answer.content.decode()


def test_token_of_an_inactive_account_opens_nothing(owner):
    secret = issue(owner)
    owner.is_active = False
    owner.save()
    answer = knock(secret)
    assert answer.status_code == 401
    assert "The account of this API token is not active." in answer.content.decode()


def test_use_is_noted_at_most_once_a_minute(owner, django_assert_num_queries):
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        secret = issue(owner)
        assert ApiToken.objects.get().last_used_at is None
        with django_assert_num_queries(2):
            knock(secret)
        clock.shift(59)
        with django_assert_num_queries(1):
            knock(secret)
        assert ApiToken.objects.get().last_used_at == start
        clock.shift(1)
        with django_assert_num_queries(1):  # the token itself was read a second ago
            knock(secret)
        assert ApiToken.objects.get().last_used_at == start + timedelta(minutes=1)


class TestRemembered:
    """A token that was found is not looked up again for five seconds, unless something about it changes."""

    @pytest.fixture
    def clock(self):
        with time_machine.travel(timezone.now(), tick=False) as clock:
            yield clock

    @pytest.fixture
    def secret(self, owner, clock):
        secret = issue(owner)
        assert knock(secret).status_code == 200
        return secret

    def test_for_five_seconds(self, secret, clock, django_assert_num_queries):
        clock.shift(timedelta(seconds=4.9))
        with django_assert_num_queries(0):
            knock(secret)
        clock.shift(timedelta(seconds=0.1))
        with django_assert_num_queries(1):
            knock(secret)

    def test_not_when_the_clock_was_put_back(self, secret, clock, django_assert_num_queries):
        clock.shift(-1)
        with django_assert_num_queries(1):
            knock(secret)

    def test_revoking_counts_at_once(self, secret):
        ApiToken.objects.get().revoke()
        assert knock(secret).status_code == 401

    def test_deleting_counts_at_once(self, secret):
        ApiToken.objects.get().delete()
        assert knock(secret).status_code == 401

    def test_what_another_process_revokes_counts_within_five_seconds(self, secret, clock):
        ApiToken.objects.update(revoked_at=timezone.now())  # as seen from here: no signal
        assert knock(secret).status_code == 200
        clock.shift(5)
        assert knock(secret).status_code == 401

    def test_expiry_counts_at_once(self, owner, clock):
        secret = issue(owner, expires_at=timezone.now() + timedelta(seconds=2))
        assert knock(secret).status_code == 200
        clock.shift(2)
        assert knock(secret).status_code == 401

    def test_an_account_that_is_closed_is_out_at_once(self, secret, owner):
        owner.change(SYSTEM, is_active=False)
        assert knock(secret).status_code == 401

    def test_an_account_that_changes_is_seen_as_it_is(self, secret, owner):
        owner.change(SYSTEM, time_zone="Asia/Tokyo")
        assert known_tokens.find(hash_of(secret)).user.time_zone == "Asia/Tokyo"

    def test_what_a_request_does_to_its_user_stays_with_it(self, owner, secret):
        request = APIRequestFactory().get("/", headers={"Authorization": f"Bearer {secret}"})
        user, _token = ApiTokenAuthentication().authenticate(Request(request))
        user.time_zone = "Asia/Tokyo"
        again, _token = ApiTokenAuthentication().authenticate(Request(request))
        assert again.time_zone == "UTC"

    def test_secrets_are_not_kept(self, secret):
        assert secret not in repr(known_tokens._known)

    def test_no_more_than_there_is_room_for(self, secret, owner, monkeypatch):
        monkeypatch.setattr(known_tokens, "MOST", 1)
        assert knock(issue(owner)).status_code == 200
        assert len(known_tokens._known) == 1


@pytest.mark.django_db(transaction=True)
def test_a_revoked_token_is_not_remembered_by_a_request_before_the_commit(owner):
    secret = issue(owner)
    with transaction.atomic():
        token = ApiToken.objects.get()
        token.revoke()
        known_tokens._known[hash_of(secret)] = (
            timezone.now(),
            ApiToken(user=owner, secret_hash=hash_of(secret)),
        )
    assert knock(secret).status_code == 401


def test_look_up_uses_the_index_of_the_hash(owner):
    plan = ApiToken.objects.select_related("user").filter(secret_hash=hash_of("x")).explain()
    assert "secret_hash" in plan or "Index Scan" in plan
    assert "SCAN accounts_apitoken" not in plan


@pytest.mark.parametrize(
    ("name", "scopes", "words"),
    [
        ("Laptop", [], "Choose at least one scope."),
        ("Laptop", ["tasks:read", "tasks:admin"], "tasks:admin: there is no such scope."),
        ("", ["tasks:read"], "This field cannot be blank."),
        ("x" * 81, ["tasks:read"], "at most 80 characters"),
    ],
)
def test_token_that_cannot_be_is_refused(owner, name, scopes, words):
    with pytest.raises(ValidationError) as refusal:
        ApiToken.objects.issue(owner, name, scopes)
    assert words in str(refusal.value.messages)
    assert not ApiToken.objects.exists()


def test_token_that_has_expired_already_is_refused(owner):
    with pytest.raises(ValidationError, match="expires in the future"):
        ApiToken.objects.issue(owner, "Laptop", ["tasks:read"], timezone.now())


def test_account_has_a_limited_number_of_tokens(owner, outsider):
    for _ in range(MAX_TOKENS):
        issue(owner)
    with pytest.raises(ValidationError, match="can have 50 tokens"):
        issue(owner)
    issue(outsider)
    ApiToken.objects.kept_by(owner)[0].revoke()
    issue(owner)
