"""The mails: what stands in them, and that one is sent once or says that it was not."""

from __future__ import annotations

import re
import socket
from contextlib import contextmanager
from datetime import timedelta
from email.utils import parseaddr

import pytest
from django.test import override_settings

from events import consumers, deliveries
from events.models import DeadLetter, OutboxEvent
from events.reconcile import reconcile
from notifications.kinds import Channel, Kind
from notifications.models import Delivery, Notification, Preference, State, Underway
from notifications.models.delivery import CLAIM
from notifications.tests.conftest import NOW

MINUTES = timedelta(minutes=1)
NOW_AT_ONCE = timedelta(0)


@pytest.fixture
def no_server(settings):
    """``with no_server():`` mail goes to a port on which nobody listens."""

    @contextmanager
    def away():
        with (
            socket.socket() as bound,
            override_settings(
                EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST="127.0.0.1"
            ),
        ):
            bound.bind(("127.0.0.1", 0))
            settings.EMAIL_PORT = bound.getsockname()[1]
            yield

    return away


@pytest.fixture
def waiting(remind, no_server):
    """The delivery of a mail that no server took yet."""
    with no_server():
        notification = remind()
    return notification.deliveries.get(channel="email")


def the_letter():
    return DeadLetter.objects.get(consumer="email")


def hand_over_again(drain):
    envelopes = OutboxEvent.objects.filter(type="notification.email").values_list("envelope", flat=True)
    consumers.hand_over("email", list(envelopes))
    drain()


def only(mailoutbox):
    assert len(mailoutbox) == 1
    return mailoutbox[0]


def test_a_mail_says_what_when_and_where_as_text_and_as_html(remind, mailoutbox):
    notification = remind()
    sent = only(mailoutbox)
    ((html, media_type),) = sent.alternatives
    assert media_type == "text/html"
    assert sent.subject == "Reminder: Call Elsa’s school"
    assert "Call Elsa’s school" in html
    for text in (sent.body, html):
        assert "The task is due at 14:30 (in 15 minutes)." in text
        assert "Inbox" in text
        assert f"http://localhost:8000/tasks/{notification.task_id}" in text
        assert "http://localhost:8000/settings/notifications" in text
        assert re.search(r"http://localhost:8000/notifications/unsubscribe/[\w.=-]+", text)
    assert "<" not in sent.body


def test_a_mail_can_be_ended_with_one_click(remind, mailoutbox, client, owner):
    remind()
    headers = only(mailoutbox).message()
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = re.fullmatch(r"<http://localhost:8000(/\S+)>", headers["List-Unsubscribe"])[1]
    answer = client.post(link, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 200
    assert Preference.objects.table_of(owner)[Kind.REMINDER, Channel.EMAIL] is False


def test_a_mail_names_its_delivery_and_wants_no_automatic_answer(remind, mailoutbox):
    notification = remind()
    headers = only(mailoutbox).message()
    delivery = notification.deliveries.get(channel="email")
    assert headers["Message-ID"] == f"<{delivery.pk}@localhost>"
    assert headers["Auto-Submitted"] == "auto-generated"


def test_what_people_write_is_escaped_in_html_and_only_there(remind, mailoutbox):
    remind(title="<b>Tom & Co</b>")
    sent = only(mailoutbox)
    assert "&lt;b&gt;Tom &amp; Co&lt;/b&gt;" in sent.alternatives[0][0]
    assert "<b>Tom & Co</b>" in sent.body


def test_a_title_with_a_line_break_cannot_add_headers(remind, mailoutbox):
    remind(title="Call\nBcc: eve@example.com")
    sent = only(mailoutbox)
    assert sent.message()["Subject"] == "Reminder: Call Bcc: eve@example.com"
    assert sent.message()["Bcc"] is None


def test_a_name_with_a_comma_is_one_recipient(owner, remind, mailoutbox):
    owner.display_name = "Berg, Olga"
    owner.save()
    remind()
    sent = only(mailoutbox)
    assert parseaddr(sent.message()["To"]) == ("Berg, Olga", "olga@example.com")


def test_a_name_with_a_line_break_neither_adds_headers_nor_stops_the_mail(owner, remind, mailoutbox):
    owner.display_name = "Olga\nBcc: otto@example.com"
    owner.save()
    remind()
    sent = only(mailoutbox)
    assert sent.message()["Bcc"] is None
    assert parseaddr(sent.to[0]) == ("Olga Bcc: otto@example.com", "olga@example.com")


def test_links_begin_with_the_base_url(settings, remind, mailoutbox):
    settings.BASE_URL = "https://todo.example.com"
    notification = remind()
    sent = only(mailoutbox)
    assert f"https://todo.example.com/tasks/{notification.task_id}" in sent.body
    assert sent.message()["List-Unsubscribe"].startswith("<https://todo.example.com/")
    assert "localhost" not in sent.body
    assert "localhost" not in sent.alternatives[0][0]


def test_a_mail_that_could_not_be_sent_for_long_says_so(waiting, clock, drain, mailoutbox):
    clock(2 * 60 * MINUTES)
    hand_over_again(drain)
    sent = only(mailoutbox)
    sentence = "This was written at 14:15; the mail could only be sent 1 hour, 45 minutes later."
    assert sentence in sent.body
    assert sentence in sent.alternatives[0][0]


# --- Receipts ------------------------------------------------------------------------------------------


def test_a_sent_mail_has_its_receipt(remind):
    delivery = remind().deliveries.get(channel="email")
    assert (delivery.state, delivery.attempts, delivery.error) == (State.SENT, 1, "")
    assert delivery.created_at == delivery.last_attempt_at == delivery.sent_at == NOW + 15 * MINUTES


def test_a_failed_mail_is_never_shown_as_sent(waiting):
    assert (waiting.state, waiting.attempts, waiting.sent_at) == (State.FAILED, 1, None)
    assert waiting.error.startswith("ConnectionRefusedError: ")
    assert waiting.last_attempt_at == NOW + 15 * MINUTES


def test_a_failed_mail_is_tried_again(waiting, drain, clock, mailoutbox):
    clock(16 * MINUTES)
    hand_over_again(drain)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts, waiting.error) == (State.SENT, 2, "")
    assert waiting.sent_at == waiting.last_attempt_at == NOW + 16 * MINUTES
    assert len(mailoutbox) == 1


def test_an_attempt_is_counted_before_it_is_made(waiting, clock):
    clock(20 * MINUTES)
    with waiting.attempt():
        row = Delivery.objects.get(pk=waiting.pk)
        assert (row.state, row.attempts, row.last_attempt_at) == (State.SENDING, 2, NOW + 20 * MINUTES)


def test_an_interrupted_attempt_has_failed(waiting):
    with pytest.raises(KeyboardInterrupt), waiting.attempt():
        raise KeyboardInterrupt
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts, waiting.error) == (State.FAILED, 2, "KeyboardInterrupt: ")


def test_two_workers_never_attempt_the_same_delivery_at_once(waiting):
    other = Delivery.objects.get(pk=waiting.pk)
    with waiting.attempt():
        with pytest.raises(Underway), other.attempt():
            pytest.fail("the second attempt was made")
        fresh = Delivery.objects.get(pk=waiting.pk)
        with pytest.raises(Underway), fresh.attempt():
            pytest.fail("the third attempt was made")
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts) == (State.SENT, 2)


def test_what_was_sent_is_never_attempted_again(waiting):
    with waiting.attempt():
        pass
    with pytest.raises(Underway), Delivery.objects.get(pk=waiting.pk).attempt():
        pytest.fail("it was attempted")
    assert Delivery.objects.get(pk=waiting.pk).attempts == 2


def test_a_worker_that_died_between_sending_and_noting_leads_to_another_attempt(
    waiting, drain, clock, mailoutbox
):
    Delivery.objects.filter(pk=waiting.pk).update(state=State.SENDING, last_attempt_at=NOW + 15 * MINUTES)
    clock(15 * MINUTES + CLAIM)
    hand_over_again(drain)
    assert mailoutbox == []
    clock(15 * MINUTES + CLAIM + timedelta(seconds=1))
    hand_over_again(drain)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts) == (State.SENT, 2)
    assert len(mailoutbox) == 1


def test_an_attempt_that_was_taken_for_dead_does_not_overwrite_a_later_one(waiting, clock):
    def hang():
        with waiting.attempt():
            clock(15 * MINUTES + 2 * CLAIM)
            with Delivery.objects.get(pk=waiting.pk).attempt():
                pass
            raise TimeoutError

    with pytest.raises(TimeoutError):
        hang()
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts, waiting.error) == (State.SENT, 3, "")


def test_after_the_last_attempt_the_receipt_says_failed_until_it_is_requeued(
    settings, waiting, drain, owner, mailoutbox, no_server
):
    settings.CONSUMER_MIN_BACKOFF_MS = 0
    settings.CONSUMER_MAX_RETRIES = 3

    with no_server():
        for attempt in (2, 3, 4):
            assert the_letter().state == "retrying"
            hand_over_again(drain)
            assert the_letter().attempts == attempt
    waiting.refresh_from_db()
    assert the_letter().state == "dead"
    assert (waiting.state, waiting.attempts, waiting.sent_at) == (State.FAILED, 4, None)
    reconcile(NOW_AT_ONCE)
    assert drain() == 0
    deliveries.requeue(the_letter(), by=owner)
    drain()
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts) == (State.SENT, 5)
    assert the_letter().state == "resolved"
    assert len(mailoutbox) == 1


# --- What is not sent ----------------------------------------------------------------------------------


def test_who_switched_mails_off_meanwhile_gets_none(waiting, owner, drain, mailoutbox):
    Preference.objects.choose(owner.pk, {(Kind.REMINDER, Channel.EMAIL): False})
    hand_over_again(drain)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.sent_at) == (State.SKIPPED, None)
    assert waiting.error == "Switched off meanwhile."
    assert mailoutbox == []
    assert the_letter().state == "resolved"


def test_a_closed_account_gets_no_mail(waiting, owner, drain, mailoutbox):
    owner.is_active = False
    owner.save()
    hand_over_again(drain)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.error) == (State.SKIPPED, "The account was closed meanwhile.")
    assert mailoutbox == []


def test_a_notification_that_is_gone_holds_up_nothing(waiting, drain, mailoutbox):
    Notification.objects.all().delete()
    hand_over_again(drain)
    assert mailoutbox == []
    assert the_letter().state == "resolved"
