"""Makes an API token for scripts that set an installation up."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.management.refusal import refusal
from accounts.models import ApiToken, Scope, User

LONGEST_DAYS = 3650


def _days(text: str) -> int:
    """How many days a token may last. Raises ArgumentTypeError: what cannot be is wrong usage."""
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= LONGEST_DAYS):
        raise ArgumentTypeError(f"give a number from 1 to {LONGEST_DAYS}")
    return int(text)


class Command(BaseCommand):
    help = (
        "Make an API token and print it, and nothing else, on standard output. It is shown this once. "
        "Exits with 1 when there is no such active account."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the account that the token acts for")
        parser.add_argument("--name", required=True, help="what the token is for")
        parser.add_argument(
            "--scope",
            dest="scopes",
            nargs="+",
            action="extend",
            required=True,
            choices=Scope.values,
            metavar="SCOPE",
            help="what it may do, one or several of: %(choices)s; the right to write holds the right to read",
        )
        parser.add_argument(
            "--days",
            type=_days,
            help=f"how long it works, 1 to {LONGEST_DAYS}; without it, until it is revoked",
        )

    def handle(self, *, email: str, name: str, scopes: list[str], days: int | None, **options: Any) -> None:
        try:
            user = User.objects.get_by_natural_key(email)
        except User.DoesNotExist:
            raise CommandError(f"There is no account {email}.") from None
        if not user.is_active:
            raise CommandError(f"The account {user.email} is not active.")
        expires_at = timezone.now() + timedelta(days=days) if days else None
        try:
            _token, secret = ApiToken.objects.issue(user, name, scopes, expires_at)
        except ValidationError as error:
            raise refusal(error) from error
        self.stdout.write(secret)
