"""What was done to many tasks at once, kept for a while so that it can be taken back at once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import User

if TYPE_CHECKING:
    from uuid import UUID

KEPT: Final = timedelta(days=1)  # how long a batch can be taken back


class BatchQuerySet(models.QuerySet["Batch"]):
    def keep(self, user: User, steps: list[dict[str, Any]]) -> Batch:
        """Note what a person did, and forget what they did long ago."""
        self.filter(user=user, created_at__lt=timezone.now() - KEPT).delete()
        return self.create(user=user, steps=steps)

    def open_to(self, user: User) -> BatchQuerySet:
        """What a person can still take back."""
        return self.filter(user=user, undone_at=None, created_at__gte=timezone.now() - KEPT)

    def locked(self, pk: UUID) -> Batch:
        """One batch, so that of two who take it back one does. Raises Batch.DoesNotExist."""
        return self.select_for_update().get(pk=pk)


class Batch(models.Model):
    """One request's changes. Each step has a task's id and its columns with their values before and after."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    steps = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    created_at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True)

    objects: ClassVar[BatchQuerySet] = BatchQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes = [models.Index("user", "created_at", name="batch_of_user")]

    def __str__(self) -> str:
        return f"{len(self.steps)} changes by {self.user}"
