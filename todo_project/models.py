"""What belongs to no app."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone


class StoredValueQuerySet(models.QuerySet["StoredValue"]):
    def current(self) -> StoredValueQuerySet:
        return self.filter(expires_at__gt=timezone.now())

    def expired(self) -> StoredValueQuerySet:
        return self.filter(expires_at__lte=timezone.now())


class StoredValue(models.Model):
    """A value of the state store that lives in the database (``blocks.state_database``)."""

    key = models.CharField(max_length=200, primary_key=True)
    value = models.BinaryField()
    etag = models.CharField(max_length=32)
    expires_at = models.DateTimeField(db_index=True)

    objects: ClassVar[StoredValueQuerySet] = StoredValueQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.key
