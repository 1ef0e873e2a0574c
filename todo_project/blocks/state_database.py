"""The state store in the database: for the embedded default, and for what must be committed with a change."""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import get_random_string

from todo_project.blocks.state import Changed, Stored
from todo_project.models import StoredValue


class DatabaseState:
    """``StateStore`` on the table ``StoredValue``. Inside a transaction, a write counts when that is committed."""

    def get(self, key: str) -> Stored | None:
        row = StoredValue.objects.current().filter(key=key).first()
        return None if row is None else Stored(bytes(row.value), row.etag)

    def save(self, key: str, value: bytes, ttl: int, etag: str = "") -> None:
        free = Q(expires_at__lte=timezone.now()) | (Q(etag=etag) if etag else Q())
        content = {
            "value": value,
            "etag": get_random_string(22),
            "expires_at": timezone.now() + timedelta(seconds=ttl),
        }
        if StoredValue.objects.filter(free, key=key).update(**content):
            return
        try:
            with transaction.atomic():
                StoredValue.objects.create(key=key, **content)
        except IntegrityError as error:
            raise Changed(key) from error

    def delete(self, key: str, etag: str) -> None:
        rows = StoredValue.objects.current().filter(key=key)
        if not rows.filter(etag=etag).delete()[0] and rows.exists():
            raise Changed(key)
