"""Gives each new account its Inbox, in the transaction that makes the account."""

from typing import Any

from django.dispatch import receiver

from accounts.models import User
from accounts.signals import user_registered, user_updated
from tasks.models import Project, Task


@receiver(user_registered, dispatch_uid="tasks.inbox")
def make_inbox(user: User, **_: Any) -> None:
    Project.objects.inbox_of(user)


@receiver(user_updated, dispatch_uid="tasks.time_zone")
def follow_time_zone(user: User, changes: dict[str, tuple[object, object]], **_: Any) -> None:
    """A date without a time begins and ends by the person's own clock, so it moves with their zone."""
    if "time_zone" in changes:
        Task.objects.follow_time_zone_of(user)
