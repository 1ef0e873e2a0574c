"""Keeps allauth's list of addresses in step with the one that an account has."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from django.dispatch import receiver

from accounts.models import User
from accounts.signals import user_updated


@receiver(user_updated, dispatch_uid="accounts.addresses")
def follow_email(user: User, changes: dict[str, tuple[object, object]], **_: Any) -> None:
    """When somebody else than allauth changed the address, nothing may be left that still opens the account."""
    if "email" not in changes or addresses_of(user).filter(email=user.email, primary=True).exists():
        return
    addresses_of(user).delete()
    EmailAddress.objects.create(user=user, email=user.email, primary=True)


def vouch_for(user: User) -> None:
    """Take the address of a new account as confirmed, because an operator gave it."""
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)


def addresses_of(user: User) -> Any:
    return EmailAddress.objects.filter(user=user)
