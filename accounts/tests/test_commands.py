"""``manage.py create_user`` and ``create_api_token``."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.actor import SYSTEM
from accounts.models import ApiToken, User
from accounts.models.api_token import hash_of


def run(*arguments: object, stdin: str = "", monkeypatch: pytest.MonkeyPatch | None = None) -> str:
    if monkeypatch is not None:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
    output = io.StringIO()
    call_command(*map(str, arguments), stdout=output)
    return output.getvalue()


def test_create_user_makes_a_confirmed_account(db, told, monkeypatch):
    words = run(
        "create_user", "Bo@Example.com", "--name", "Bo", "--time-zone", "Asia/Tokyo", "--password-stdin",
        stdin="correct horse battery\n", monkeypatch=monkeypatch,
    )  # fmt: skip
    bo = User.objects.get()
    assert words == "Made the account bo@example.com.\n"
    assert (bo.display_name, bo.time_zone, bo.is_staff) == ("Bo", "Asia/Tokyo", False)
    assert bo.check_password("correct horse battery")
    assert EmailAddress.objects.get().verified
    assert told == [("registered", "bo@example.com", SYSTEM, {})]


def test_create_user_can_make_staff(db):
    assert "staff account" in run("create_user", "boss@example.com", "--staff")
    assert User.objects.filter(is_staff=True, is_superuser=True).exists()


def test_create_user_without_a_password_prints_the_way_to_one(db, client):
    words = run("create_user", "bo@example.com")
    assert not User.objects.get().has_usable_password()
    assert "within 3 days" in words
    [path] = re.findall(re.escape(settings.BASE_URL) + r"(\S+)", words)

    form = client.get(path, follow=True)
    new = {"password1": "correct horse battery", "password2": "correct horse battery"}
    client.post(form.request["PATH_INFO"], new)
    assert User.objects.get().check_password("correct horse battery")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["olga@example.com"], "email: There is an account with this address already."),
        (["OLGA@Example.com"], "There is an account with this address already."),
        (["olga"], "email: Enter a valid email address."),
        (["bo@example.com", "--time-zone", "Mars/Olympus"], "time_zone: Mars/Olympus is not a time zone."),
        (["bo@example.com", "--password-stdin"], "This password is too short."),
    ],
)
def test_create_user_refuses_what_cannot_be(owner, monkeypatch, arguments, words):
    with pytest.raises(CommandError) as refusal:
        run("create_user", *arguments, stdin="short\n", monkeypatch=monkeypatch)
    assert words in str(refusal.value)
    assert User.objects.count() == 1


def test_create_api_token_prints_only_the_token(owner):
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        words = run(
            "create_api_token", "Olga@example.com", "--name", "CI",
            "--scope", "tasks:read", "profile:read", "--scope", "notifications:write", "--days", 7,
        )  # fmt: skip
    token = ApiToken.objects.get(user=owner)
    assert token.secret_hash == hash_of(words.removesuffix("\n"))
    assert token.scopes == ["notifications:write", "profile:read", "tasks:read"]
    assert (token.name, token.expires_at) == ("CI", start + timedelta(days=7))


def test_create_api_token_without_days_lasts(owner):
    run("create_api_token", owner.email, "--name", "CI", "--scope", "tasks:read")
    assert ApiToken.objects.get().expires_at is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no@example.com", "--name", "CI"], "There is no account no@example.com."),
        (["olga@example.com", "--name", ""], "name: This field cannot be blank."),
    ],
)
def test_create_api_token_refuses_what_cannot_be(owner, arguments, words):
    with pytest.raises(CommandError, match=words):
        run("create_api_token", *arguments, "--scope", "tasks:read")
    assert not ApiToken.objects.exists()


def test_create_api_token_refuses_an_inactive_account(owner):
    owner.change(SYSTEM, is_active=False)
    with pytest.raises(CommandError, match="is not active"):
        run("create_api_token", owner.email, "--name", "CI", "--scope", "tasks:read")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["create_user"], "the following arguments are required: email"),
        (["create_api_token", "a@example.com", "--name", "CI", "--scope", "tasks:admin"], "invalid choice"),
        (["create_api_token", "a@example.com", "--scope", "tasks:read"], "required: --name"),
        *(
            (
                [
                    "create_api_token",
                    "a@example.com",
                    "--name",
                    "CI",
                    "--scope",
                    "tasks:read",
                    f"--days={days}",
                ],
                "--days: give a number from 1 to 3650",
            )
            for days in ("0", "-3", "3651", "x")
        ),
    ],
)
def test_wrong_usage_exits_with_2(arguments, words):
    command = [sys.executable, settings.BASE_DIR / "manage.py", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
