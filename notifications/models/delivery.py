"""The receipts: what became of a notification in each channel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from events.broker import TIME_LIMIT_MS
from notifications import metrics
from notifications.kinds import Channel
from notifications.models.notification import Notification

ERROR_LENGTH = 2000  # characters kept of an error
# By then a worker that claimed a delivery has been interrupted or has died.
CLAIM = timedelta(milliseconds=TIME_LIMIT_MS)


class State(models.TextChoices):
    """``failed``: the last attempt was. It is repeated by whoever carries the event, until that is a dead letter."""

    PENDING = "pending", _("Waiting")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    SKIPPED = "skipped", _("Not sent")


class Underway(Exception):
    """Another worker is at this delivery right now, or died at it less than a minute ago."""


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def claimable(self) -> DeliveryQuerySet:
        """What waits for an attempt, and what an attempt left behind when its worker died."""
        given_up = models.Q(state=State.SENDING, last_attempt_at__lt=timezone.now() - CLAIM)
        return self.filter(models.Q(state__in=(State.PENDING, State.FAILED)) | given_up)


class Delivery(models.Model):
    """One notification through one channel. It is ``sent`` only after the other side took it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    notification = models.ForeignKey(
        Notification, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )  # the constraint below has an index that begins with it
    channel = models.CharField(_("channel"), max_length=16, choices=Channel)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.PENDING)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    error = models.TextField(
        _("error"), blank=True, help_text=_("of the last attempt, or why it was not sent")
    )
    created_at = models.DateTimeField(default=timezone.now)
    last_attempt_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[DeliveryQuerySet] = DeliveryQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name_plural = _("deliveries")
        ordering = ("created_at", "id")
        constraints = [
            models.UniqueConstraint("notification", "channel", name="one_delivery_per_channel"),
            models.CheckConstraint(
                condition=models.Q(state=State.SENT) ^ models.Q(sent_at=None), name="sent_has_its_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.state}"

    @classmethod
    def by(cls, channel: Channel, notification: Notification) -> Delivery:
        """A new delivery. In the pages a notification has arrived as soon as it exists."""
        now = notification.created_at
        if channel is not Channel.IN_APP:
            return cls(notification=notification, channel=channel, created_at=now)
        return cls(
            notification=notification,
            channel=channel,
            state=State.SENT,
            attempts=1,
            created_at=now,
            last_attempt_at=now,
            sent_at=now,
        )

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to do."""
        return self.state in (State.SENT, State.SKIPPED)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Count an attempt before it is made, and note afterwards how it ended.

        Two workers never attempt at once, and what is ``sent`` is never attempted again. One that dies between
        the other side's answer and the note leaves ``sending``, which is attempted again: at least once.
        Raises Underway while somebody else is at it, and whatever the attempt raises.
        """
        self._claim()
        try:
            yield
        except BaseException as error:  # a worker's interruption, too, leaves no doubt behind
            self._note_failure(error)
            raise
        self._note(state=State.SENT, sent_at=timezone.now(), error="")
        metrics.count(self.channel, "sent")

    def skip(self, reason: str) -> None:
        """Settle it without sending."""
        self._note(state=State.SKIPPED, error=reason)
        metrics.count(self.channel, "skipped")

    def _claim(self) -> None:
        claim = {"state": State.SENDING, "attempts": self.attempts + 1, "last_attempt_at": timezone.now()}
        mine = Delivery.objects.claimable().filter(pk=self.pk, attempts=self.attempts)
        if not mine.update(**claim):
            raise Underway("This delivery is being attempted by another worker.")
        self._take(claim)

    def _note_failure(self, error: BaseException) -> None:
        # A later attempt that took this one for dead has the last word.
        mine = Delivery.objects.filter(pk=self.pk, state=State.SENDING, attempts=self.attempts)
        failure = {"state": State.FAILED, "error": f"{type(error).__name__}: {error}"[:ERROR_LENGTH]}
        if mine.update(**failure):
            self._take(failure)
            metrics.count(self.channel, "failed")

    def _note(self, **fields: object) -> None:
        Delivery.objects.filter(pk=self.pk).exclude(state=State.SENT).update(**fields)
        self._take(fields)

    def _take(self, fields: Mapping[str, object]) -> None:
        for name, value in fields.items():
            setattr(self, name, value)
