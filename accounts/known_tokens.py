"""API tokens that were found a moment ago, so that a busy program costs no look-up for each request.

A process remembers a token and its account for ``KNOWN_FOR``, by the hash of the secret; the secret itself is kept
nowhere. What this process changes about either counts at once, and what another process changes no later than that.
Expiry is not remembered: it is checked at every request.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils import timezone

from accounts.models import ApiToken, User

KNOWN_FOR: Final = timedelta(seconds=5)
MOST: Final = 10_000  # tokens; some 3 kB each

_known: dict[str, tuple[datetime, ApiToken]] = {}


def find(key: str) -> ApiToken | None:
    """The token whose secret has this hash, with its user, whatever its state. It is shared: copy what you change."""
    now = timezone.now()
    noted_at, token = _known.get(key, (now, None))
    if token is None or not timedelta(0) <= now - noted_at < KNOWN_FOR:
        token = ApiToken.objects.find(key)
        if token is not None:
            _remember(key, token, now)
    return token


def _remember(key: str, token: ApiToken, now: datetime) -> None:
    if len(_known) >= MOST:
        _known.clear()
    _known[key] = (now, token)


@receiver([post_save, post_delete], sender=ApiToken, dispatch_uid="accounts.forget_token")
def forget_token(instance: ApiToken, **_: Any) -> None:
    """Now, and again after the commit: until then another request may read the old row."""
    _forget(instance.secret_hash)
    transaction.on_commit(partial(_forget, instance.secret_hash))


@receiver([post_save, post_delete], sender=User, dispatch_uid="accounts.forget_tokens")
def forget_tokens_of(instance: User, **_: Any) -> None:
    _forget_all_of(instance.pk)
    transaction.on_commit(partial(_forget_all_of, instance.pk))


def _forget(key: str) -> None:
    _known.pop(key, None)


def _forget_all_of(user_id: UUID) -> None:
    for key in [key for key, (_at, token) in list(_known.items()) if token.user_id == user_id]:
        _forget(key)
