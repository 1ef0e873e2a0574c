"""Another try for a delivery that failed: the event that asks for it is requeued."""

from __future__ import annotations

from accounts.models import User
from events import deliveries
from events.models import DeadLetter, OutboxEvent
from events.models.dead_letter import State as LetterState
from notifications.models import Delivery, State


def retry(delivery: Delivery, by: User | None) -> None:
    """Try a failed delivery again now. Raises ValueError where it did not fail, or is tried again anyway."""
    if delivery.state != State.FAILED:
        raise ValueError("only what failed can be tried again")
    events = OutboxEvent.objects.filter(
        key=delivery.notification_id, type=f"notification.{delivery.channel}"
    ).values("event_id")
    letters = list(DeadLetter.objects.filter(event_id__in=events).exclude(state=LetterState.RESOLVED))
    if not letters:
        raise ValueError("it is being tried again already")
    for letter in letters:
        deliveries.requeue(letter, by)
