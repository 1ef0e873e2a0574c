"""Events that a consumer could not handle: tried again with growing pauses, then left to people."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from events import arrays

ERROR_LENGTH = 2000  # characters kept of an error
TYPE_LENGTH = 64
RESOLVE = """
    UPDATE events_deadletter SET state = %s, retry_at = NULL, resolved_at = now()
    WHERE consumer = %s AND event_id = ANY(%b) AND state <> 'resolved'"""
DELIVERY = "delivery"  # stands in for a consumer where an event could not even be read


class State(models.TextChoices):
    RETRYING = "retrying", _("Retrying")
    DEAD = "dead", _("Dead")
    REQUEUED = "requeued", _("Requeued")
    DISCARDED = "discarded", _("Discarded")
    RESOLVED = "resolved", _("Resolved")


class DeadLetterQuerySet(models.QuerySet["DeadLetter"]):
    def dead(self) -> DeadLetterQuerySet:
        """What waits for a person."""
        return self.filter(state=State.DEAD)

    def open(self) -> DeadLetterQuerySet:
        """Each of these speaks for its event: nobody else needs to hand it over."""
        return self.exclude(state=State.RESOLVED)

    def under_way(self) -> DeadLetterQuerySet:
        """What a queue should hold, for its next attempt."""
        return self.filter(state__in=(State.RETRYING, State.REQUEUED))

    def lost(self, consumer: str, before: datetime) -> DeadLetterQuerySet:
        """What a queue must have lost: its next attempt was to be long ago, the oldest first."""
        return self.under_way().filter(consumer=consumer, retry_at__lte=before).order_by("id")

    def note_failure(
        self, consumer: str, event_id: UUID, type_: str, envelope: str, error: str
    ) -> DeadLetter:
        """Count one more failed attempt; after the last one the letter is dead.

        The count is kept here and not with the message, so it survives a lost queue. What a person has
        discarded in the meantime stays discarded.
        """
        with transaction.atomic():
            letter, _created = self.get_or_create(
                consumer=consumer, event_id=event_id, defaults={"type": type_, "envelope": envelope}
            )
            if letter.state != State.DISCARDED:
                letter.fail(error)
        return letter

    def keep_unreadable(self, consumer: str, envelope: str, error: str) -> DeadLetter:
        """Keep what could not be read, with the reason. However often it comes, there is one letter of it."""
        event_id, type_ = _identity(envelope)
        fields = {"type": type_, "envelope": envelope, "error": error[:ERROR_LENGTH], "state": State.DEAD}
        if event_id is None:
            return self.create(consumer=consumer, **fields)
        return self.get_or_create(consumer=consumer, event_id=event_id, defaults=fields)[0]

    def put_back(self, consumer: str, event_id: UUID, type_: str, envelope: str, by: User | None) -> None:
        """Note that a consumer is to try an event anew, so that no queue can lose it."""
        letter, _created = self.get_or_create(
            consumer=consumer, event_id=event_id, defaults={"type": type_, "envelope": envelope}
        )
        letter.settle(State.REQUEUED, by, attempts=0, retry_at=timezone.now())

    def resolve(self, consumer: str, event_ids: Iterable[UUID]) -> None:
        """Close the letters of events that a consumer has handled after all."""
        if connection.vendor == "postgresql":
            arrays.execute(RESOLVE, State.RESOLVED.value, consumer, list(event_ids))
            return
        letters = self.open().filter(consumer=consumer, event_id__in=list(event_ids))
        letters.update(state=State.RESOLVED, retry_at=None, resolved_at=timezone.now())


def _identity(envelope: str) -> tuple[UUID | None, str]:
    """The id and the type of what may be an event of some sort."""
    try:
        event = msgspec.json.decode(envelope, type=Named)
    except msgspec.DecodeError:
        return None, ""
    return event.id, event.type[:TYPE_LENGTH]


class Named(msgspec.Struct):
    """As little of a CloudEvent as it takes to name it."""

    id: UUID | None = None
    type: str = ""


class DeadLetter(models.Model):
    """One event that one consumer failed on, with the error and the number of attempts."""

    id = models.BigAutoField(primary_key=True)
    consumer = models.CharField(max_length=32)
    event_id = models.UUIDField(null=True)
    type = models.CharField(max_length=TYPE_LENGTH, blank=True)
    envelope = models.TextField()
    error = models.TextField(blank=True)
    attempts = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State, default=State.RETRYING)
    retry_at = models.DateTimeField(null=True, help_text=_("when its next attempt is to be"))
    reason = models.CharField(max_length=500, blank=True, help_text=_("why it was discarded"))
    created_at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects: ClassVar[DeadLetterQuerySet] = DeadLetterQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("dead letter")
        ordering = ("-id",)
        constraints = [models.UniqueConstraint("consumer", "event_id", name="one_letter_per_failure")]
        indexes = [models.Index("state", "consumer", name="letters_by_state")]

    def __str__(self) -> str:
        return f"{self.type or 'unreadable'} for {self.consumer}"

    def fail(self, error: str) -> None:
        DeadLetter.objects.filter(pk=self.pk).update(attempts=F("attempts") + 1)
        self.refresh_from_db()
        self.error = error[:ERROR_LENGTH]
        exhausted = self.attempts > settings.CONSUMER_MAX_RETRIES
        self.state = State.DEAD if exhausted else State.RETRYING
        self.retry_at = None if exhausted else timezone.now() + self.pause()
        self.save()

    def pause(self) -> timedelta:
        """How long to wait before the next attempt: doubling from the first, up to a limit."""
        doubled = settings.CONSUMER_MIN_BACKOFF_MS * 2 ** min(self.attempts - 1, 30)
        return timedelta(milliseconds=min(doubled, settings.CONSUMER_MAX_BACKOFF_MS))

    def discard(self, by: User | None, reason: str) -> None:
        """Give the event up for this consumer. Raises ValueError without a reason."""
        if not reason.strip():
            raise ValueError("Say why it is discarded.")
        self.settle(State.DISCARDED, by, reason=reason.strip()[:500])

    def settle(self, state: State, by: User | None, **fields: object) -> None:
        """Note what a person decided."""
        decision = {"state": state, "resolved_by": by, "resolved_at": timezone.now(), "retry_at": None}
        for name, value in {**decision, **fields}.items():
            setattr(self, name, value)
        self.save()
