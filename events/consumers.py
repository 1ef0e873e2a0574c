"""Consumers: each handles an event once, in one transaction with its receipt, or fails and tries again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, cached_property

import dramatiq
from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from dramatiq.errors import Retry

from events import tracing
from events.envelope import Event, decode
from events.models import ConsumedEvent, DeadLetter
from events.models.dead_letter import State

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Consumer:
    """Which event types a consumer wants and what it does with them.

    ``handler`` is the dotted path of a function. With ``outside=False`` it takes a batch of events, changes only
    the database and runs in one transaction with the receipts: exactly one effect. With ``outside=True`` it takes
    one event, may reach other systems and must itself be safe to run twice: at least one effect.
    """

    types: frozenset[str]
    handler: str
    outside: bool = False

    @cached_property
    def handle(self) -> Callable[..., None]:
        handler: Callable[..., None] = import_string(self.handler)
        return handler


@cache
def registry() -> Mapping[str, Consumer]:
    """The table that ties event types to consumers, from the ``EVENT_CONSUMERS`` setting."""
    table: Mapping[str, Consumer] = import_string(settings.EVENT_CONSUMERS)
    return table


def queue_of(consumer: str) -> str:
    """Each consumer has a queue of its own, so a slow one holds up no other."""
    return consumer


@cache
def actor_of(consumer: str) -> dramatiq.Actor:
    """The Dramatiq actor of a consumer. Retries are counted in the dead letters, not by Dramatiq."""

    def consume_batch(envelopes: list[str]) -> None:
        consume(consumer, envelopes)

    declare = dramatiq.actor(
        actor_name=f"consume_{consumer}", queue_name=queue_of(consumer), max_retries=None
    )
    return declare(consume_batch)


def declare_actors() -> None:
    """Make every consumer known to the broker; to be called before a worker starts."""
    for name in registry():
        actor_of(name)


def hand_over(consumer: str, envelopes: Sequence[str]) -> None:
    """Put events into a consumer's queue, as one message."""
    actor_of(consumer).send(list(envelopes))


def consume(name: str, envelopes: Sequence[str]) -> None:
    """Let a consumer handle events. What fails in company is tried alone, so it holds up nobody.

    Raises dramatiq.Retry after a failed attempt that is to be repeated; after the last one the event is a
    dead letter and the message is done.
    """
    consumer = registry()[name]
    events = [decode(envelope) for envelope in envelopes]
    try:
        _apply(name, consumer, events)
    except Exception as error:
        if len(events) == 1:
            _fail(name, events[0], envelopes[0], error)
            return
        log.warning("%s: a batch of %d failed (%r), each is tried alone", name, len(events), error)
        for envelope in envelopes:
            hand_over(name, [envelope])


def _apply(name: str, consumer: Consumer, events: Sequence[Event]) -> None:
    if consumer.outside:
        for event in events:
            _apply_outside(name, consumer, event)
        return
    with transaction.atomic():
        fresh = ConsumedEvent.objects.record(name, [event.id for event in events])
        if todo := [event for event in events if event.id in fresh]:
            with tracing.continued(todo[0].envelope.traceparent):
                consumer.handle(todo)
        DeadLetter.objects.resolve(name, fresh)


def _apply_outside(name: str, consumer: Consumer, event: Event) -> None:
    if ConsumedEvent.objects.filter(consumer=name, event_id=event.id).exists():
        return
    with tracing.continued(event.envelope.traceparent):
        consumer.handle(event)
    with transaction.atomic():
        DeadLetter.objects.resolve(name, ConsumedEvent.objects.record(name, [event.id]))


def _fail(name: str, event: Event, envelope: str, error: Exception) -> None:
    letter = DeadLetter.objects.note_failure(
        name, event.id, event.envelope.type, envelope, f"{type(error).__name__}: {error}"
    )
    if letter.state == State.DEAD:
        log.error("%s: gave %s %s up after %d attempts", name, letter.type, event.id, letter.attempts)
        return
    pause: timedelta = letter.pause()
    raise Retry(f"{name}: {error}", delay=int(pause.total_seconds() * 1000)) from error
