from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class EventsConfig(AppConfig):
    name = "events"
    verbose_name = "Events"

    def ready(self) -> None:
        from events import broker, recording

        broker.configure()
        recording.connect()
        post_migrate.connect(prepare_partitions, sender=self)


def prepare_partitions(using: str, **_: Any) -> None:
    """Have the partitions of the first week before the first event."""
    from django.db import connections
    from django.utils import timezone

    from events.outbox import partitions

    if (
        connections[using].vendor == "postgresql"
        and partitions.OUTBOX in connections[using].introspection.table_names()
    ):
        partitions.prepare(timezone.now().date())
