"""Who is told of an event, through which channels, and how often."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from events import consumers
from events.envelope import decode
from events.models import ConsumedEvent, DeadLetter, OutboxEvent
from notifications.deciding import decide
from notifications.kinds import Channel, Kind
from notifications.models import Delivery, Notification, Preference, unread_count
from notifications.tests.conftest import NOW, recorded
from tasks import scheduler
from tasks.models import Task

MINUTES = timedelta(minutes=1)
EVERYTHING = {(kind, channel): True for kind in Kind for channel in Channel}


def events_of(event_type):
    return list(OutboxEvent.objects.filter(type=event_type).order_by("id").values_list("envelope", flat=True))


def deliveries_of(notification):
    return {row.channel: row.state for row in notification.deliveries.all()}


def test_a_reminder_is_told_in_the_pages_and_by_mail(remind, owner, mailoutbox):
    notification = remind()
    assert notification.user == owner
    assert notification.kind == Kind.REMINDER
    assert notification.title == "Reminder: Call Elsa’s school"
    assert notification.url == f"/tasks/{notification.task_id}"
    assert notification.is_unread
    assert deliveries_of(notification) == {"in_app": "sent", "email": "sent"}
    assert recorded(notification) == ["notification.in_app", "notification.email"]
    assert [mail.to for mail in mailoutbox] == [["Olga <olga@example.com>"]]


def test_the_event_of_a_delivery_says_what_is_delivered(remind):
    notification = remind()
    data = msgspec.to_builtins(decode(events_of("notification.email")[0]).data)
    assert data | {"occurred_at": None} == {
        "actor": {"id": None, "name": "System", "via": "system"},
        "occurred_at": None,
        "notification_id": str(notification.pk),
        "delivery_id": str(notification.deliveries.get(channel="email").pk),
        "user_id": str(notification.user_id),
        "kind": "reminder",
        "title": notification.title,
        "body": notification.body,
        "url": notification.url,
    }


def test_what_is_overdue_is_told_in_the_pages_only(fire, mailoutbox):
    task = fire(timedelta(hours=2), due_date=NOW + timedelta(hours=1))
    notification = Notification.objects.get(task_id=task.pk)
    assert notification.kind == Kind.OVERDUE
    assert deliveries_of(notification) == {"in_app": "sent"}
    assert mailoutbox == []


def test_due_soon_is_not_told_unless_wished(fire, owner):
    task = fire(timedelta(minutes=1), due_date=NOW + timedelta(hours=5))
    assert events_of("task.due_soon")
    assert not Notification.objects.filter(task_id=task.pk).exists()
    Preference.objects.choose(owner.pk, {(Kind.DUE_SOON, Channel.IN_APP): True})
    task = fire(timedelta(minutes=1), due_date=NOW + timedelta(hours=5))
    assert Notification.objects.get(task_id=task.pk).kind == Kind.DUE_SOON


@pytest.mark.parametrize("in_app", [True, False])
@pytest.mark.parametrize("email", [True, False])
@pytest.mark.parametrize(
    ("kind", "after"),
    [(Kind.REMINDER, 15), (Kind.DUE_SOON, 1), (Kind.OVERDUE, 31)],
    ids=lambda value: str(value),
)
def test_each_preference_holds_for_its_kind_and_channel(fire, owner, mailoutbox, kind, after, in_app, email):
    nothing = dict.fromkeys(EVERYTHING, False)
    wishes = {(kind, Channel.IN_APP): in_app, (kind, Channel.EMAIL): email}
    Preference.objects.choose(owner.pk, nothing | wishes)
    fire(after * MINUTES, due_date=NOW + 30 * MINUTES, reminders=[{"id": "a", "minutes_before": 15}])
    found = set(Delivery.objects.values_list("notification__kind", "channel"))
    assert found == {(kind, channel) for (kind, channel), wished in wishes.items() if wished}
    assert len(mailoutbox) == int(email)
    assert unread_count(owner) == int(in_app)


def test_an_assignee_is_told_instead_of_the_owner(fire, shared, member, owner):
    task = fire(2 * MINUTES, project=shared, assignee=member, due_date=NOW + MINUTES)
    assert [n.user for n in Notification.objects.filter(task_id=task.pk)] == [member]
    assert unread_count(member) == 1
    assert unread_count(owner) == 0


def test_nobody_is_told_whose_account_is_closed(fire, owner):
    owner.is_active = False
    owner.save()
    fire(2 * MINUTES, due_date=NOW + MINUTES)
    assert Notification.objects.count() == 0
    assert DeadLetter.objects.count() == 0


def test_an_event_that_comes_again_has_one_effect(remind, drain, mailoutbox):
    notification = remind()
    for _ in range(3):
        consumers.hand_over("notification", events_of("task.reminder.due") * 2)
        consumers.hand_over("email", events_of("notification.email") * 2)
        drain()
    assert Notification.objects.count() == 1
    assert Delivery.objects.count() == 2
    assert recorded(notification) == ["notification.in_app", "notification.email"]
    assert len(mailoutbox) == 1


def test_an_event_whose_receipt_was_lost_has_one_effect_too(remind, drain, mailoutbox):
    notification = remind()
    ConsumedEvent.objects.filter(consumer__in=("notification", "email")).delete()
    consumers.hand_over("notification", events_of("task.reminder.due"))
    consumers.hand_over("email", events_of("notification.email"))
    drain()
    assert Notification.objects.get() == notification
    assert Delivery.objects.count() == 2
    assert len(mailoutbox) == 1
    assert DeadLetter.objects.count() == 0


def test_a_batch_costs_the_same_however_large_it_is(inbox, by, clock, django_assert_num_queries):
    for number in range(20):
        Task(project=inbox, title=f"Task {number}", due_date=NOW + MINUTES).save(by=by)
    clock(2 * MINUTES)
    scheduler.tick()
    events = [decode(envelope) for envelope in events_of("task.overdue")]
    assert len(events) == 20
    # people, members, preferences, what is known, notifications, deliveries, events
    with django_assert_num_queries(7):
        decide(events[:1])
    with django_assert_num_queries(7):
        decide(events[1:])
    assert Notification.objects.count() == 20


def test_a_title_of_full_length_fits(fire):
    task = fire(
        2 * MINUTES, due_date=NOW + MINUTES, title="x" * 200, tags=["y" * 50 + str(n) for n in range(9)]
    )
    notification = Notification.objects.get(task_id=task.pk)
    notification.full_clean()
    assert notification.title.endswith("x" * 200)
