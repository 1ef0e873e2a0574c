"""What people want to be told, and where. Only what differs from the defaults in code has a row."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import User
from notifications.kinds import DEFAULTS, Channel, Kind

# Whether a kind reaches a person through a channel.
Table = dict[tuple[Kind, Channel], bool]


def default_table() -> Table:
    return {(kind, channel): channel in DEFAULTS[kind] for kind in Kind for channel in Channel}


class PreferenceQuerySet(models.QuerySet["Preference"]):
    def tables_of(self, user_ids: Collection[UUID]) -> dict[UUID, Table]:
        """What each of these people wants, every kind and channel of it, with one query."""
        tables = {user_id: default_table() for user_id in user_ids}
        for row in self.filter(user_id__in=user_ids, kind__in=Kind.values, channel__in=Channel.values):
            tables[row.user_id][Kind(row.kind), Channel(row.channel)] = row.enabled
        return tables

    def table_of(self, user: User) -> Table:
        return self.tables_of([user.pk])[user.pk]

    def choose(self, user_id: UUID, wishes: Table) -> None:
        """Store what a person chose; the rest stays as it is."""
        self.bulk_create(
            [
                Preference(user_id=user_id, kind=kind, channel=channel, enabled=enabled)
                for (kind, channel), enabled in wishes.items()
            ],
            update_conflicts=True,
            unique_fields=["user", "kind", "channel"],
            update_fields=["enabled"],
        )


class Preference(models.Model):
    """One person's choice for one kind and one channel."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="notification_preferences", db_index=False
    )  # the constraint below has an index that begins with it
    kind = models.CharField(_("kind"), max_length=32, choices=Kind)
    channel = models.CharField(_("channel"), max_length=16, choices=Channel)
    enabled = models.BooleanField(_("enabled"))

    objects: ClassVar[PreferenceQuerySet] = PreferenceQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint("user", "kind", "channel", name="one_choice_per_kind_and_channel")
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.channel}: {'on' if self.enabled else 'off'}"
