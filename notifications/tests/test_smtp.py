"""Mail over a real connection: a server on this machine takes it, refuses it, or closes the line."""

from __future__ import annotations

import socket
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone

from events import deliveries, relay
from events.models import DeadLetter
from notifications.models import Delivery, State
from tasks import scheduler
from tasks.models import Task
from tests.waiting import wait_until
from tests.workers import running_worker

pytestmark = pytest.mark.django_db(transaction=True)


class Postbox:
    """What the server does with a mail: answers with what is left in ``refusals``, then takes it."""

    def __init__(self):
        self.refusals = []
        self.received = []
        self.attempts = 0

    async def handle_DATA(self, server, session, envelope):
        self.attempts += 1
        if self.refusals:
            return self.refusals.pop(0)
        self.received.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"


def free_port():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]


@pytest.fixture
def postbox(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = free_port()
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = None
    postbox = Postbox()
    controller = Controller(postbox, hostname="127.0.0.1", port=settings.EMAIL_PORT)
    controller.start()
    yield postbox
    controller.stop()


@pytest.fixture
def worker(settings):
    """A real worker: it tries again by itself, after pauses that are short for once."""
    settings.CONSUMER_MIN_BACKOFF_MS = 1
    settings.CONSUMER_MAX_BACKOFF_MS = 1
    settings.CONSUMER_MAX_RETRIES = 3
    with running_worker() as worker:
        yield worker


@pytest.fixture
def reminded(owner, inbox, by, worker):
    """Fire a reminder and carry its event as far as the worker."""

    def fire():
        now = timezone.now()
        wish = {"id": "a", "at": now.isoformat()}
        Task(project=inbox, title="Grüße an Zoë", due_date=now + timedelta(hours=1), reminders=[wish]).save(
            by=by
        )
        scheduler.tick()
        relay.publish_all()
        wait_until(lambda: Delivery.objects.filter(channel="email").exists())
        relay.publish_all()

    return fire


def mail_is(*states):
    return lambda: Delivery.objects.get(channel="email").state in states


def is_dead():
    return DeadLetter.objects.filter(consumer="email", state="dead").exists()


def test_a_server_takes_the_mail(reminded, postbox):
    reminded()
    wait_until(mail_is(State.SENT))
    (received,) = postbox.received
    delivery = Delivery.objects.get(channel="email")
    assert received["To"] == "Olga <olga@example.com>"
    assert received["Subject"] == "Reminder: Grüße an Zoë"
    assert received["Message-ID"] == f"<{delivery.pk}@localhost>"
    assert received["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert received.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in received.iter_parts()] == ["text/plain", "text/html"]
    for part in received.iter_parts():
        assert "Grüße an Zoë" in part.get_content()


def test_a_refused_mail_is_tried_again_until_it_is_taken(reminded, postbox):
    postbox.refusals = ["451 Try later", "554 No"]
    reminded()
    wait_until(mail_is(State.SENT))
    delivery = Delivery.objects.get(channel="email")
    assert (delivery.attempts, delivery.error) == (3, "")
    assert postbox.attempts == 3
    assert len(postbox.received) == 1
    wait_until(lambda: DeadLetter.objects.get(consumer="email").state == "resolved")


def test_a_mail_that_is_always_refused_is_a_dead_letter_and_can_be_requeued(reminded, postbox, owner):
    postbox.refusals = ["554 No such person"] * 4
    reminded()
    wait_until(is_dead)
    delivery = Delivery.objects.get(channel="email")
    assert (delivery.state, delivery.attempts, delivery.sent_at) == (State.FAILED, 4, None)
    assert "554" in delivery.error
    assert "No such person" in delivery.error
    assert postbox.received == []
    deliveries.requeue(DeadLetter.objects.get(consumer="email"), by=owner)
    wait_until(mail_is(State.SENT))
    assert Delivery.objects.get(channel="email").attempts == 5
    assert len(postbox.received) == 1
    wait_until(lambda: DeadLetter.objects.get(consumer="email").state == "resolved")


def test_a_server_that_is_not_there_leads_to_a_dead_letter(reminded, postbox, settings):
    settings.EMAIL_PORT = free_port()
    reminded()
    wait_until(is_dead)
    delivery = Delivery.objects.get(channel="email")
    assert (delivery.state, delivery.attempts) == (State.FAILED, 4)
    assert delivery.error.startswith("ConnectionRefusedError")
