"""Turns Django's sign-in signal into ours, in a transaction of its own."""

from typing import Any

from django.contrib.auth.signals import user_logged_in as django_user_logged_in
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.actor import Actor
from accounts.middleware import mark_seen
from accounts.models import User
from accounts.signals import user_logged_in


@receiver(django_user_logged_in, dispatch_uid="accounts.sign_in")
def tell(sender: object, user: User, request: HttpRequest | None = None, **_: Any) -> None:
    if request is not None:
        mark_seen(request)  # allauth has just listed the session
    actor = Actor.of(user, "web")
    with transaction.atomic():
        user_logged_in.send(sender=User, user=user, actor=actor)
