"""The outbox, how far it was published, and what each consumer made of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar
from uuid import UUID

from django.db import connection, models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events import arrays


class OutboxEvent(models.Model):
    """An event, written in the transaction of its change. Rows are only ever added.

    On PostgreSQL the table is partitioned by the day in ``event_id`` (a UUIDv7), and each row carries the number of
    its transaction (``events/outbox/partitions.py``).
    """

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
    """How far a relay has published. SQLite: up to the id ``position``.

    PostgreSQL: all that ``snapshot`` sees, and of what ``target`` sees besides, all up to the id ``position``.
    ``cluster`` names the database cluster whose transactions they number.
    """

    name = models.CharField(max_length=32, primary_key=True)
    position = models.BigIntegerField(default=0)
    snapshot = models.TextField(default="", blank=True)
    target = models.TextField(default="", blank=True)
    cluster = models.CharField(max_length=32, default="", blank=True)
    moved_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.name} at {self.snapshot or self.position}"


class OutboxMark(models.Model):
    """An instant of the outbox on PostgreSQL: ids up to ``last_id`` are of transactions numbered under ``below``."""

    taken_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True)
    last_id = models.BigIntegerField()
    below = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.last_id} at {self.taken_at:%Y-%m-%d %H:%M:%S} UTC"


class ConsumedEventQuerySet(models.QuerySet["ConsumedEvent"]):
    def record(self, consumer: str, event_ids: Iterable[UUID]) -> set[UUID]:
        """Note that a consumer has handled events; returns those that it had not handled before.

        To be called in the transaction of the effect: both become true together, or neither.
        """
        ids = sorted(set(event_ids))  # in one order, so that of two workers one waits and none for both
        if not ids:
            return set()
        by_vendor = _record_by_array if connection.vendor == "postgresql" else _record_by_rows
        return by_vendor(consumer, ids)


def _record_by_array(consumer: str, ids: Sequence[UUID]) -> set[UUID]:
    rows = arrays.execute(
        "INSERT INTO events_consumedevent (consumer, event_id, handled_at) "
        "SELECT %s, unnest(%b::uuid[]), now() ON CONFLICT (consumer, event_id) DO NOTHING RETURNING event_id",
        consumer,
        ids,
    )
    return {row[0] for row in rows}


def _record_by_rows(consumer: str, ids: Sequence[UUID]) -> set[UUID]:
    values = ", ".join(["(%s, %s, %s)"] * len(ids))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO events_consumedevent (consumer, event_id, handled_at) VALUES {values} "  # noqa: S608
            "ON CONFLICT (consumer, event_id) DO NOTHING RETURNING event_id",
            [value for event_id in ids for value in (consumer, event_id.hex, timezone.now())],
        )
        return {UUID(row[0]) for row in cursor.fetchall()}


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
    began = models.BigIntegerField(
        default=0, db_default=0, help_text=_("the outbox id up to which events are none of its own")
    )
    moved_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.consumer} at {self.position}"
