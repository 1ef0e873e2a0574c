"""The outbox, how far it was published, and what each consumer made of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar
from uuid import UUID

from django.db import connections, models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class OutboxEvent(models.Model):
    """An event, written in the transaction of its change. Rows are only ever added."""

    id = models.BigAutoField(primary_key=True)
    event_id = models.UUIDField(unique=True)
    type = models.CharField(max_length=64)
    key = models.UUIDField(help_text=_("the task, user or notification: order holds per key"))
    sequence = models.PositiveIntegerField(null=True, help_text=_("the version of a task"))
    envelope = models.TextField(help_text=_("the CloudEvent, as JSON"))
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("outbox event")
        constraints = [models.UniqueConstraint("key", "sequence", name="one_event_per_version")]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"


class RelayCursor(models.Model):
    """How far the outbox was published and acknowledged."""

    name = models.CharField(max_length=32, primary_key=True)
    position = models.BigIntegerField(default=0, help_text=_("the outbox id up to which all is published"))
    moved_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.name} at {self.position}"


class ConsumedEventQuerySet(models.QuerySet["ConsumedEvent"]):
    def record(self, consumer: str, event_ids: Iterable[UUID]) -> set[UUID]:
        """Note that a consumer has handled events; returns those that it had not handled before.

        To be called in the transaction of the effect: both become true together, or neither.
        """
        ids = list(dict.fromkeys(event_ids))
        if not ids:
            return set()
        connection = connections[self.db]
        field = self.model._meta.get_field("event_id")
        params: list[Any] = []
        for event_id in ids:
            params += [consumer, field.get_db_prep_value(event_id, connection), timezone.now()]
        values = ", ".join(["(%s, %s, %s)"] * len(ids))
        table = connection.ops.quote_name(self.model._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} (consumer, event_id, handled_at) VALUES {values} "  # noqa: S608
                "ON CONFLICT (consumer, event_id) DO NOTHING RETURNING event_id",
                params,
            )
            return {UUID(str(row[0])) for row in cursor.fetchall()}


class ConsumedEvent(models.Model):
    """A consumer's receipt: an event that is delivered twice has one effect."""

    consumer = models.CharField(max_length=32)
    event_id = models.UUIDField()
    handled_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[ConsumedEventQuerySet] = ConsumedEventQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [models.UniqueConstraint("consumer", "event_id", name="one_effect_per_event")]

    def __str__(self) -> str:
        return f"{self.consumer} {self.event_id}"


class ConsumerPosition(models.Model):
    """Up to which outbox id a consumer has settled everything: reconciliation looks only behind it."""

    consumer = models.CharField(max_length=32, primary_key=True)
    position = models.BigIntegerField(default=0)
    moved_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.consumer} at {self.position}"
