"""What a person was told. It is made from an event and needs no task row: it outlives its task."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import User
from notifications.kinds import Kind

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from notifications.models.delivery import Delivery


class NotificationQuerySet(models.QuerySet["Notification"]):
    def of(self, user: User) -> NotificationQuerySet:
        """A person's own, the newest first (served by ``notifications_of_a_person``)."""
        return self.filter(user=user).order_by("-created_at", "-id")

    def unread(self) -> NotificationQuerySet:
        return self.filter(read_at=None)

    def already_read(self) -> NotificationQuerySet:
        return self.exclude(read_at=None)

    def mark_read(self) -> int:
        """Mark all of these as read; those that were keep their time. Returns how many were unread."""
        return self.unread().update(read_at=timezone.now())

    def known_among(self, event_ids: Iterable[UUID]) -> set[tuple[UUID, UUID]]:
        """Who was told of which of these events already: pairs of user id and event id."""
        rows = self.filter(source_event_id__in=list(event_ids))
        return set(rows.values_list("user_id", "source_event_id"))


class Notification(models.Model):
    """One thing that one person was told, in their words and on their clock at that moment.

    ``url`` is a path of this application. One that goes only to other channels is made with
    ``read_at = created_at``: nothing waits to be read in the pages.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="notifications", db_index=False
    )  # the indexes below begin with it
    kind = models.CharField(_("kind"), max_length=32, choices=Kind)
    title = models.CharField(_("title"), max_length=300)
    body = models.CharField(_("body"), max_length=500, blank=True, help_text=_("when it is or was due"))
    detail = models.CharField(
        _("detail"), max_length=2000, blank=True, help_text=_("where the task is: project, priority, tags")
    )
    task_id = models.UUIDField(null=True, blank=True)
    url = models.CharField(max_length=200, blank=True)
    source_event_id = models.UUIDField(help_text=_("the event that it tells of"))
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)

    deliveries: RelatedManager[Delivery]
    objects: ClassVar[NotificationQuerySet] = NotificationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [models.UniqueConstraint("source_event_id", "user", name="one_notification_per_event")]
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"], name="notifications_of_a_person"),
            # Every page shows the number of unread ones: it is counted from those alone.
            models.Index("user", condition=models.Q(read_at=None), name="unread_notifications"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_unread(self) -> bool:
        return self.read_at is None

    def mark_read(self) -> None:
        """Note when it was first read."""
        if self.is_unread:
            self.read_at = timezone.now()
            self.save(update_fields=["read_at"])


def unread_count(user: User) -> int:
    """How many of a person's notifications wait to be read."""
    return Notification.objects.filter(user=user).unread().count()
