"""Makes an account, whether sign-up is open or not."""

from __future__ import annotations

import sys
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.urls import reverse

from accounts import addresses
from accounts.management.refusal import refusal
from accounts.models import User


class Command(BaseCommand):
    help = (
        "Make an account. Its address counts as confirmed. Without --password-stdin, a link for setting the "
        "password is printed. Exits with 1 when the account exists already or a value cannot be."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address to sign in with")
        parser.add_argument("--staff", action="store_true", help="give every right in the admin, too")
        parser.add_argument("--name", default="", help="what others see; without it, what is before the @")
        parser.add_argument("--time-zone", default="UTC", help="an IANA name such as Europe/Berlin (UTC)")
        parser.add_argument(
            "--password-stdin",
            action="store_true",
            help="read the password from the first line of standard input",
        )

    def handle(self, *, email: str, staff: bool, name: str, time_zone: str, **options: Any) -> None:
        user = User(email=email, display_name=name, time_zone=time_zone, is_staff=staff, is_superuser=staff)
        password = sys.stdin.readline().rstrip("\r\n") if options["password_stdin"] else None
        user.set_password(password)
        try:
            user.full_clean()
            if password is not None:
                validate_password(password, user)
        except ValidationError as error:
            raise refusal(error) from error
        with transaction.atomic():
            user.save()
            addresses.vouch_for(user)
        self.stdout.write(f"Made the {'staff ' if staff else ''}account {user.email}.")
        if password is None:
            self.stdout.write(self._way_to_a_password(user))

    def _way_to_a_password(self, user: User) -> str:
        key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
        path = reverse("account_reset_password_from_key", kwargs=key)
        days = settings.PASSWORD_RESET_TIMEOUT // 86_400
        return (
            f"It has no password yet. Set one within {days} days, with this link, which works once:\n"
            f"{settings.BASE_URL}{path}\n"
            f"or at any time with: manage.py changepassword {user.email}"
        )
