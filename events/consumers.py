"""Consumers: each handles an event once, in one transaction with its receipt, or fails and tries again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, cached_property

import dramatiq
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.utils.module_loading import import_string
from dramatiq.errors import Retry
from dramatiq.middleware import TimeLimitExceeded

from events import metrics, tracing
from events.envelope import Event, Unreadable, decode
from events.models import ConsumedEvent, DeadLetter
from events.models.dead_letter import State
from events.precedence import IN_THIS_PROCESS, PATIENCE_SECONDS
from events.turns import take_turns

log = logging.getLogger(__name__)
# A handler that hangs is interrupted; that is a failed attempt, too. Its exception is no Exception.
FAILURES = (Exception, TimeLimitExceeded)


@dataclass(frozen=True)
class Consumer:
    """Which event types a consumer wants and what it does with them.

    ``handler`` is the dotted path of a function. With ``outside=False`` it takes a batch of events, changes only
    the database and runs in one transaction with the receipts: exactly one effect. With ``outside=True`` it takes
    one event, may reach other systems and must itself be safe to run twice: at least one effect.

    A consumer that is added to a running installation is handed the whole outbox, unless it has a ``start``: the
    dotted path of a function that is called once, sees to what was recorded before by itself, and returns the outbox
    id from which on the consumer is handed what it misses.
    """

    types: frozenset[str]
    handler: str
    outside: bool = False
    start: str = ""

    @cached_property
    def handle(self) -> Callable[..., None]:
        handler: Callable[..., None] = import_string(self.handler)
        return handler

    def begin(self) -> int:
        """See to what was recorded before there was this consumer. Returns up to which outbox id that is."""
        return int(import_string(self.start)()) if self.start else 0


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
    dead letter and the message is done. Raises DatabaseError while the database is away: that is no attempt.
    """
    readable = _read(name, envelopes)
    try:
        _apply(name, [event for event, _ in readable])
    except FAILURES as error:
        if isinstance(error, (DatabaseError, InterfaceError)) and not connection.is_usable():
            raise  # the database is away: no event is to blame, and the message comes again as it is
        if len(readable) == 1:
            _try_again_later(_note(name, *readable[0], error))
            return
        log.warning("%s: a batch of %d failed (%r), each is tried alone", name, len(readable), error)
        for _, envelope in readable:
            hand_over(name, [envelope])


def consume_here(name: str, envelopes: Sequence[str]) -> int:
    """Let a consumer handle events at once, past its queue. Returns how many it could not handle.

    Those are letters that come again, or dead letters. For commands: a queue in memory would end with them.
    """
    readable = _read(name, envelopes)
    failed = len(envelopes) - len(readable)
    try:
        _apply(name, [event for event, _ in readable])
    except FAILURES as error:
        if len(readable) > 1:
            return failed + sum(consume_here(name, [envelope]) for _, envelope in readable)
        _note(name, *readable[0], error)
        failed += 1
    return failed


def _read(name: str, envelopes: Sequence[str]) -> list[tuple[Event, str]]:
    """The events that this version understands; the others are dead letters, and hold up nobody."""
    readable = []
    for envelope in envelopes:
        try:
            readable.append((decode(envelope), envelope))
        except Unreadable as error:
            log.error("%s: an unreadable event goes to the dead letters: %s", name, error)
            DeadLetter.objects.keep_unreadable(name, envelope, str(error))
            metrics.consumed(name, "unreadable")
    return readable


def _apply(name: str, events: Sequence[Event]) -> None:
    consumer = registry()[name]
    if not events:
        return
    if consumer.outside:
        patience = PATIENCE_SECONDS
        for event in events:
            patience -= IN_THIS_PROCESS.give_way(patience)
            _apply_outside(name, consumer, event)
        return
    with IN_THIS_PROCESS.taken(), transaction.atomic():
        take_turns(name, (event.envelope.subject for event in events))
        once = {event.id: event for event in events}
        fresh = ConsumedEvent.objects.record(name, once)
        if todo := [event for event in once.values() if event.id in fresh]:
            with tracing.continued(todo[0].envelope.traceparent):
                consumer.handle(todo)
        DeadLetter.objects.resolve(name, once)
    metrics.applied(name, len(events), [event.envelope.time for event in todo])


def _apply_outside(name: str, consumer: Consumer, event: Event) -> None:
    if not ConsumedEvent.objects.filter(consumer=name, event_id=event.id).exists():
        with tracing.continued(event.envelope.traceparent):
            consumer.handle(event)
    with transaction.atomic():
        fresh = ConsumedEvent.objects.record(name, [event.id])
        DeadLetter.objects.resolve(name, [event.id])
    metrics.applied(name, 1, [event.envelope.time] if fresh else [])


def _note(name: str, event: Event, envelope: str, error: BaseException) -> DeadLetter:
    letter = DeadLetter.objects.note_failure(
        name, event.id, event.envelope.type, envelope, f"{type(error).__name__}: {error}"
    )
    metrics.consumed(name, "dead" if letter.state == State.DEAD else "failed")
    if letter.state == State.DEAD:
        log.error("%s: gave %s %s up after %d attempts", name, letter.type, event.id, letter.attempts)
    return letter


def _try_again_later(letter: DeadLetter) -> None:
    if letter.state == State.RETRYING:
        pause: timedelta = letter.pause()
        raise Retry(str(letter), delay=int(pause.total_seconds() * 1000))
