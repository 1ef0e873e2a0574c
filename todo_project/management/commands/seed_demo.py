"""Fills an account with a month that somebody might have had."""

from __future__ import annotations

import secrets
import sys
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from accounts import addresses
from accounts.management.refusal import refusal
from accounts.models import User
from tasks import clock
from todo_project.demo.telling import Telling, is_told, newest_event

FEWEST_DAYS, MOST_DAYS = 14, 180
PASSWORD_BYTES = 12


class Command(BaseCommand):
    help = (
        "Fill an account with a believable month of tasks, projects, reminders and history, and print how to "
        "sign in. An account that does not exist yet is made; on an installation without any it becomes the staff "
        "owner. Its mails are switched off. Where the demo is already, nothing is changed, which is no error. "
        "Exits with 1 when a value cannot be."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--email", default="demo@example.com", help="whose account (default: %(default)s)"
        )
        parser.add_argument(
            "--password-stdin",
            action="store_true",
            help="read the password of a new account from the first line of standard input; without it, one is "
            "made up and printed",
        )
        parser.add_argument(
            "--days",
            type=int,
            default=30,
            help=f"how far back its history goes, {FEWEST_DAYS} to {MOST_DAYS} (default: %(default)s)",
        )
        parser.add_argument(
            "--time-zone",
            default=settings.TIME_ZONE,
            help="where a new account is, such as Europe/Berlin (default: %(default)s)",
        )

    def handle(self, *, email: str, days: int, time_zone: str, **options: Any) -> None:
        if not FEWEST_DAYS <= days <= MOST_DAYS:
            raise CommandError(f"--days is a number from {FEWEST_DAYS} to {MOST_DAYS}.")
        now = timezone.now()
        # All or nothing; and when others see the events, their effects are there already.
        with transaction.atomic():
            newest = newest_event()
            user = User.objects.filter(email=User.objects.normalize_email(email)).first()
            if user is not None and is_told(user):
                self.stdout.write(f"The demo is in the account {user.email} already. Nothing was changed.")
                return
            password = None
            if user is None:
                user = User(email=email, display_name="Demo", time_zone=time_zone)
                password = self._make_account(user, now - timedelta(days=days + 1), options["password_stdin"])
            Telling(user, now, days, newest).tell()
        self._print_way_in(user, password)

    def _make_account(self, user: User, joined: datetime, from_stdin: bool) -> str:
        """Make the account as of an instant. Returns its password, "" where it was given."""
        password = (
            sys.stdin.readline().rstrip("\r\n") if from_stdin else secrets.token_urlsafe(PASSWORD_BYTES)
        )
        user.set_password(password)
        user.date_joined = joined
        try:
            user.full_clean()
            validate_password(password, user)
        except ValidationError as error:
            raise refusal(error) from error
        with clock.at(joined):
            User.objects.register(user)
        addresses.vouch_for(user)
        return "" if from_stdin else password

    def _print_way_in(self, user: User, password: str | None) -> None:
        secret = {None: "the one that it had", "": "the one that you gave"}.get(password, password)
        self.stdout.write(
            f"The demo is in the account {user.email}. Sign in at {settings.BASE_URL}/accounts/login/"
        )
        self.stdout.write(f"  email     {user.email}\n  password  {secret}")
        if user.is_staff:
            self.stdout.write(f"It is a staff account: the admin is at {settings.BASE_URL}/admin/")
        self.stdout.write("No mails are sent to it; Settings, Notifications switches them on.")
