"""Deliveries: what arrives is checked and handed to each consumer that wants it, a batch at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any

from django.db import transaction

from accounts.models import User
from events import consumers, metrics
from events.envelope import Event, Unreadable, decode
from events.models import DeadLetter
from events.models.dead_letter import DELIVERY, State

log = logging.getLogger(__name__)
HandOver = Callable[[str, Sequence[str]], Any]


class Status(StrEnum):
    """What Dapr understands; see https://docs.dapr.io/reference/api/pubsub_api/."""

    SUCCESS = "SUCCESS"
    RETRY = "RETRY"
    DROP = "DROP"


def accept(envelopes: Sequence[str]) -> list[Status]:
    """Hand a batch over to the consumers, one message each. Returns one status per envelope.

    Every envelope is in a queue or in the dead letters before this returns: SUCCESS is a promise.
    RETRY means that the queue did not take it.
    """
    read = [_read(envelope) for envelope in envelopes]
    good = [(event, text) for event, text in zip(read, envelopes, strict=True) if event is not None]
    try:
        for name, consumer in consumers.registry().items():
            if wanted := [text for event, text in good if event.envelope.type in consumer.types]:
                consumers.hand_over(name, wanted)
    except Exception:
        log.exception("The queue did not take a batch of %d events; it is delivered again", len(good))
        return _answers(read, Status.RETRY)
    return _answers(read, Status.SUCCESS)


def _read(envelope: str) -> Event | None:
    try:
        return decode(envelope)
    except Unreadable as error:
        log.warning("An unreadable event goes to the dead letters: %s", error)
        DeadLetter.objects.keep_unreadable(DELIVERY, envelope, str(error))
        return None


def _answers(read: Sequence[Event | None], good: Status) -> list[Status]:
    statuses = [Status.DROP if event is None else good for event in read]
    metrics.delivered(statuses)
    return statuses


def requeue(letter: DeadLetter, by: User | None, hand_over: HandOver = consumers.hand_over) -> None:
    """Give a dead letter another chance: at its consumer, or at all of them where it was not even delivered.

    Raises Unreadable, a ValueError, for what still cannot be read, and ValueError for what was handled
    or whose consumer is no more.
    """
    if letter.state == State.RESOLVED:
        raise ValueError("It was handled already.")
    if letter.consumer not in {DELIVERY, *consumers.registry()}:
        raise ValueError(f"There is no consumer {letter.consumer} any more.")
    event = decode(letter.envelope)
    wanted = [letter.consumer]
    with transaction.atomic():
        if letter.consumer == DELIVERY:
            wanted = [name for name, c in consumers.registry().items() if event.envelope.type in c.types]
            letter.settle(State.RESOLVED, by)
        for name in wanted:
            DeadLetter.objects.put_back(name, event.id, event.envelope.type, letter.envelope, by)
    for name in wanted:
        hand_over(name, [letter.envelope])
    letter.refresh_from_db()
    log.info(
        "%s %s was requeued for %s by %s", event.envelope.type, event.id, ", ".join(wanted), by or "a command"
    )
