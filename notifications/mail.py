"""The email consumer: sends a notification as a mail and keeps its receipt."""

from __future__ import annotations

import logging
from datetime import timedelta
from email.utils import formataddr
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from events.envelope import Event
from events.types import NotificationEmail
from notifications.kinds import Channel, Kind
from notifications.models import Delivery, Notification, Preference
from notifications.unsubscribing import Subscription
from notifications.wording import clock, span
from tasks.scheduler import late_seconds

log = logging.getLogger(__name__)


def send(event: Event) -> None:
    """Send the mail that an event asks for, unless it was sent before or nobody wants it any more.

    Raises what the mail server or the way to it raises: then the event is tried again.
    """
    if not isinstance(event.data, NotificationEmail):
        return
    deliveries = Delivery.objects.select_related("notification__user")
    delivery = deliveries.filter(pk=event.data.delivery_id).first()
    if delivery is None:
        log.warning("The notification %s is gone, its mail is not sent", event.data.notification_id)
    elif not delivery.is_settled:
        _deliver(delivery)


def _deliver(delivery: Delivery) -> None:
    if reason := refusal(delivery.notification):
        delivery.skip(reason)
        return
    with delivery.attempt():
        compose(delivery).send()


def refusal(notification: Notification) -> str:
    """Why a mail must not be sent any more; "" when it may."""
    reader = notification.user
    if not reader.is_active:
        return "The account was closed meanwhile."
    table = Preference.objects.table_of(reader)
    if not table.get((Kind(notification.kind), Channel.EMAIL)):
        return "Switched off meanwhile."
    return ""


def compose(delivery: Delivery) -> EmailMultiAlternatives:
    """The mail: text and HTML, with the headers that let people and programs end it and tell it apart."""
    notification = delivery.notification
    reader = notification.user
    unsubscribe = absolute(Subscription(reader.pk, Kind(notification.kind)).path())
    with translation.override(reader.locale), timezone.override(reader.zone):
        context = {
            "notification": notification,
            "belated": belated(notification),
            "link": absolute(notification.url),
            "settings": absolute(reverse("notifications:settings")),
            "unsubscribe": unsubscribe,
        }
        text, html = (render_to_string(f"mail/notification.{form}", context) for form in ("txt", "html"))
    mail = EmailMultiAlternatives(
        subject=" ".join(notification.title.split()),
        body=text,
        to=[formataddr((" ".join(reader.display_name.split()), reader.email))],
        headers={
            "Message-ID": message_id(delivery),
            "List-Unsubscribe": f"<{unsubscribe}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",  # RFC 8058
            "Auto-Submitted": "auto-generated",  # RFC 3834: no out-of-office replies
        },
    )
    mail.attach_alternative(html, "text/html")
    return mail


def belated(notification: Notification) -> str:
    """Says that a mail comes long after its words were written; "" when it does not."""
    now = timezone.now()
    delay = timedelta(seconds=late_seconds(now - notification.created_at))
    if not delay:
        return ""
    words = {"when": clock(notification.created_at, now), "delay": span(delay)}
    return _("This was written %(when)s; the mail could only be sent %(delay)s later.") % words


def message_id(delivery: Delivery) -> str:
    """The same for every attempt, so that a mail that is sent twice shows as one."""
    return f"<{delivery.pk}@{urlsplit(settings.BASE_URL).hostname}>"


def absolute(path: str) -> str:
    return f"{settings.BASE_URL}{path}"
