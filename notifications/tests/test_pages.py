"""The list of notifications, and the ways in and out of it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from uuid_utils.compat import uuid7

from notifications.kinds import Channel, Kind
from notifications.models import Delivery, Notification, Preference, State, unread_count
from notifications.tests.conftest import NOW

LIST = "/notifications"
HOURS = timedelta(hours=1)


@pytest.fixture
def olga(client, owner):
    client.force_login(owner)
    return client


@pytest.fixture
def otto(client, outsider):
    client.force_login(outsider)
    return client


def notify(user, title, created_at=None, read_at=None, **fields):
    notification = Notification.objects.create(
        user=user,
        kind=Kind.REMINDER,
        title=title,
        url="/today",
        source_event_id=uuid7(),
        created_at=created_at or timezone.now(),
        read_at=read_at,
        **fields,
    )
    Delivery.by(Channel.IN_APP, notification).save()
    Delivery.by(Channel.EMAIL, notification).save()
    return notification


def text_of(answer):
    """The words of the page's content, as they are read."""
    main = re.search(r"<main.*</main>", answer.content.decode(), re.DOTALL)[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", main)).strip()


def test_every_page_wants_a_sign_in(client, remind):
    notification = remind()
    for path in (LIST, "/settings/notifications", f"{LIST}/{notification.pk}/open"):
        assert client.get(path).headers["Location"].startswith(reverse("account_login"))
    for path in (f"{LIST}/{notification.pk}/read", f"{LIST}/read-all"):
        assert client.post(path).headers["Location"].startswith(reverse("account_login"))
    notification.refresh_from_db()
    assert notification.is_unread


def test_an_outsider_sees_and_changes_nothing(otto, remind):
    notification = remind()
    assert "Call Elsa’s school" not in otto.get(LIST).content.decode()
    assert otto.get(f"{LIST}/{notification.pk}/open").status_code == 404
    assert otto.post(f"{LIST}/{notification.pk}/read").status_code == 404
    otto.post(f"{LIST}/read-all")
    notification.refresh_from_db()
    assert notification.is_unread


def test_a_reminder_is_listed_with_its_receipts(olga, remind):
    notification = remind()
    answer = olga.get(LIST)
    text = text_of(answer)
    assert "1 unread" in text
    assert (
        "Unread: Reminder: Call Elsa’s school The task is due at 14:30 (in 15 minutes). 14:15 · Inbox" in text
    )
    assert "In-app shown on Fri 20 Nov, 14:15:00 Email sent on Fri 20 Nov, 14:15:00" in text
    assert f'href="{LIST}/{notification.pk}/open"' in answer.content.decode()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Email waiting to be sent"),
        ({"state": State.SENDING, "attempts": 2}, "Email being sent, attempt 2"),
        (
            {
                "state": State.FAILED,
                "attempts": 3,
                "last_attempt_at": NOW,
                "error": "SMTPServerDisconnected: x",
            },
            "Email failed at attempt 3 on Fri 20 Nov, 14:00:00 : the mail server did not take it",
        ),
        (
            {"state": State.SENT, "attempts": 3, "last_attempt_at": NOW, "sent_at": NOW},
            "Email sent on Fri 20 Nov, 14:00:00 after 3 attempts",
        ),
        (
            {"state": State.SKIPPED, "error": "Switched off meanwhile."},
            "Email not sent: Switched off meanwhile.",
        ),
    ],
    ids=["pending", "sending", "failed", "sent", "skipped"],
)
def test_each_state_of_a_delivery_reads_plainly(olga, owner, clock, fields, words):
    notification = notify(owner, "Reminder: Call")
    Delivery.objects.filter(notification=notification, channel=Channel.EMAIL).update(**fields)
    text = text_of(olga.get(LIST))
    assert words in text
    assert ("Email failed" in text) == (fields.get("state") == State.FAILED)
    assert "SMTPServerDisconnected" not in text


def test_days_are_those_of_the_reader(olga, owner, clock):
    notify(owner, "Half past midnight", created_at=NOW - timedelta(hours=13, minutes=30))
    notify(owner, "Half past eleven", created_at=NOW - timedelta(hours=14, minutes=30))
    notify(owner, "Long ago", created_at=NOW - timedelta(days=20), read_at=NOW)
    text = text_of(olga.get(LIST))
    positions = [
        text.index(words)
        for words in (
            "Today",
            "Half past midnight",
            "Yesterday",
            "Half past eleven",
            "Saturday 31 October",
            "Long ago",
        )
    ]
    assert positions == sorted(positions)


def test_opening_marks_as_read_and_leads_to_the_task(olga, remind, clock):
    notification = remind()
    clock(HOURS)
    answer = olga.get(f"{LIST}/{notification.pk}/open")
    assert (
        answer.headers["Location"]
        == f"/tasks/{notification.task_id}"
        == reverse("tasks:task", args=[notification.task_id])
    )
    notification.refresh_from_db()
    assert notification.read_at == NOW + HOURS
    assert "read on Fri 20 Nov, 15:00:00" in text_of(olga.get(LIST))


def test_marking_as_read_returns_to_the_same_place_and_keeps_the_first_time(olga, owner, clock):
    notification = notify(owner, "Reminder: Call")
    answer = olga.post(f"{LIST}/{notification.pk}/read?show=unread&page=2")
    assert answer.headers["Location"] == f"{LIST}?show=unread&page=2#{notification.pk}"
    clock(HOURS)
    olga.post(f"{LIST}/{notification.pk}/read")
    notification.refresh_from_db()
    assert notification.read_at == NOW


def test_buttons_carry_the_filter_and_page_along(olga, owner):
    notification = notify(owner, "Reminder: Call")
    page = olga.get(f"{LIST}?show=unread").content.decode()
    assert f'formaction="{LIST}/{notification.pk}/read?show=unread"' in page


def test_all_can_be_marked_as_read(olga, owner, clock):
    early, late = notify(owner, "One", read_at=NOW - HOURS), notify(owner, "Two")
    assert olga.post(f"{LIST}/read-all").headers["Location"] == LIST
    for notification, read_at in ((early, NOW - HOURS), (late, NOW)):
        notification.refresh_from_db()
        assert notification.read_at == read_at
    page = olga.get(LIST)
    assert "Everything is read" in text_of(page)
    assert "Mark all read" not in page.content.decode()


def test_only_the_unread_can_be_shown(olga, owner):
    notify(owner, "One", read_at=NOW)
    assert "Nothing unread" in text_of(olga.get(f"{LIST}?show=unread"))
    notify(owner, "Two")
    text = text_of(olga.get(f"{LIST}?show=unread"))
    assert "Two" in text
    assert "One" not in text


def test_an_empty_list_says_what_will_be_there(olga):
    assert "Reminders and overdue tasks appear here." in text_of(olga.get(LIST))


def test_what_goes_by_mail_only_is_listed_but_waits_for_nobody(fire, owner, olga):
    Preference.objects.choose(
        owner.pk, {(Kind.OVERDUE, Channel.IN_APP): False, (Kind.OVERDUE, Channel.EMAIL): True}
    )
    fire(2 * HOURS, due_date=NOW + HOURS)
    assert unread_count(owner) == 0
    text = text_of(olga.get(LIST))
    assert "Overdue: Call Elsa’s school" in text
    assert "Everything is read" in text
    assert "In-app" not in text


def test_the_bell_shows_how_many_are_unread(olga, owner):
    assert 'aria-label="Notifications"' in olga.get(LIST).content.decode()
    notify(owner, "One")
    notify(owner, "Two")
    assert 'aria-label="Notifications, 2 unread"' in olga.get(LIST).content.decode()


@pytest.mark.parametrize("path", [f"{LIST}/read-all", f"{LIST}/0193f6a0-0000-7000-8000-000000000000/read"])
def test_what_changes_something_wants_a_post(olga, path):
    assert olga.get(path).status_code == 405


def test_what_people_write_is_escaped(olga, owner):
    notify(owner, "Reminder: <script>alert(1)</script>")
    assert "<script>alert" not in olga.get(LIST).content.decode()


def test_a_long_list_has_pages_and_each_costs_the_same(olga, owner, django_assert_num_queries):
    notify(owner, "First")
    with django_assert_num_queries(PAGE_QUERIES):
        olga.get(LIST)
    for number in range(60):
        notify(owner, f"Number {number}")
    with django_assert_num_queries(PAGE_QUERIES):
        first = olga.get(LIST)
    assert "1–50 of 61" in text_of(first)
    assert "First" in text_of(olga.get(f"{LIST}?page=2"))


def test_changes_cost_little(olga, owner, django_assert_num_queries):
    notification = notify(owner, "First")
    # session, user, notification, mark
    with django_assert_num_queries(4):
        olga.post(f"{LIST}/{notification.pk}/read")
    with django_assert_num_queries(3):
        olga.post(f"{LIST}/read-all")
    with django_assert_num_queries(3):
        olga.get(f"{LIST}/{notification.pk}/open")


# session, user, count, notifications, deliveries; of the frame: unread, projects, counts
PAGE_QUERIES = 6
