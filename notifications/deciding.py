"""The notification consumer: decides who is told of an event, and through which channels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.urls import reverse

from accounts.actor import SYSTEM
from accounts.models import User
from events import arrays, recording
from events.envelope import Event
from events.types import (
    CommentWritten,
    NotificationEmail,
    NotificationEvent,
    NotificationInApp,
    TaskAssigned,
)
from notifications import metrics
from notifications.kinds import Channel, Kind
from notifications.models import Delivery, Notification, Preference, State
from notifications.models.preference import Table
from notifications.wording import KINDS, Telling, words_for
from tasks import clock
from tasks.models import Membership

DECIDED: dict[str, type[NotificationEvent]] = {
    Channel.IN_APP: NotificationInApp,
    Channel.EMAIL: NotificationEmail,
}


def decide(events: Sequence[Event]) -> None:
    """Make the notifications of these events, a delivery for each channel, and the event of each delivery.

    To be called in a transaction. What a person was told already is not told again.
    """
    told = [(event.id, event.data) for event in events if isinstance(event.data, Telling)]
    readers = User.objects.filter(is_active=True).in_bulk(
        {reader for _id, data in told for reader in readers_of(data)}
    )
    members = _members(told)
    tables = Preference.objects.tables_of(readers)
    known = Notification.objects.known_among(event_id for event_id, _data in told)
    deliveries: list[Delivery] = []
    for event_id, data in told:
        for key in readers_of(data):
            may_know = key in readers and (key, data.task.project) in members
            if may_know and (key, event_id) not in known:
                deliveries += _deliveries(event_id, data, readers[key], tables[key])
    _keep(deliveries)


def readers_of(event: Telling) -> set[UUID]:
    """Whom an event concerns: who is mentioned; else the assignee, or the owner of what is nobody's.

    Nobody is told what they did themselves.
    """
    if isinstance(event, CommentWritten):
        return set(event.mentions) - {event.actor.id}
    reader = event.task.assignee or event.user_id
    return {reader} - ({event.actor.id} if isinstance(event, TaskAssigned) else set())


def _members(told: Iterable[tuple[UUID, Telling]]) -> set[tuple[UUID, UUID]]:
    """Who is in which of the projects by now: who was removed since an event is not told of it any more."""
    projects = {data.task.project for _id, data in told}
    return set(Membership.objects.filter(project__in=projects).values_list("user", "project"))


def _deliveries(event_id: UUID, event: Telling, reader: User, wishes: Table) -> list[Delivery]:
    kind = KINDS[type(event)]
    channels = [channel for channel in Channel if wishes[kind, channel]]
    if not channels:
        return []
    notification = _notification(event_id, event, kind, reader)
    if Channel.IN_APP not in channels:
        notification.read_at = notification.created_at
    return [Delivery.by(channel, notification) for channel in channels]


def _notification(event_id: UUID, event: Telling, kind: Kind, reader: User) -> Notification:
    now = clock.now()
    words = words_for(event, reader, now)
    return Notification(
        user=reader,
        kind=kind,
        title=words.title,
        body=words.body,
        detail=words.detail,
        task_id=event.task_id,
        url=reverse("tasks:task", args=[event.task_id]),
        source_event_id=event_id,
        created_at=now,
    )


def _keep(deliveries: Iterable[Delivery]) -> None:
    rows = list(deliveries)
    if not rows:
        return
    arrays.insert(list({row.notification_id: row.notification for row in rows}.values()))
    arrays.insert(rows)
    metrics.count_sent(row.channel for row in rows if row.state == State.SENT)
    recording.record([(_decided(row), row.notification_id, None) for row in rows])


def _decided(delivery: Delivery) -> NotificationEvent:
    notification = delivery.notification
    return DECIDED[delivery.channel](
        actor=recording.actor_ref(SYSTEM),
        occurred_at=notification.created_at,
        notification_id=notification.pk,
        delivery_id=delivery.pk,
        user_id=notification.user_id,
        kind=str(notification.kind),
        title=notification.title,
        body=notification.body,
        url=notification.url,
    )
