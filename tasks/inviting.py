"""The mail that carries an invitation: its link is the only place where the secret is."""

from __future__ import annotations

import logging
from typing import Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.actor import SYSTEM, Door
from accounts.models import User
from tasks.models import Invitation, Project

log = logging.getLogger(__name__)
FORMS: Final = ("txt", "html")


class NotSent(Exception):
    """The mail server did not take the mail; the invitation was taken back."""


def invite(project: Project, email: str, role: str, by: User, via: Door = "web") -> Invitation:
    """Invite somebody and send the link. Raises what ``Invitation.objects.invite`` raises, and NotSent.

    To be called outside a transaction: the link must lead somewhere when it is read.
    """
    invitation, secret = Invitation.objects.invite(project, email, role, by, via)
    try:
        compose(invitation, secret).send()
    except OSError as error:  # smtplib's errors are OSErrors
        log.exception("An invitation could not be sent")
        invitation.revoke(SYSTEM)
        raise NotSent(_("The mail could not be sent. Try again in a while.")) from error
    return invitation


def compose(invitation: Invitation, secret: str) -> EmailMultiAlternatives:
    """The mail, in the language of whoever invites: nobody knows that of the other."""
    sender = invitation.invited_by
    with translation.override(sender.locale):
        words = {"name": sender.get_full_name(), "project": invitation.project.name}
        context = {
            "invitation": invitation,
            "sender": sender,
            "title": _("%(name)s invites you to “%(project)s”") % words,
            "link": f"{settings.BASE_URL}{reverse('tasks:invitation', args=[secret])}",
        }
        text, html = (render_to_string(f"mail/invitation.{form}", context) for form in FORMS)
    mail = EmailMultiAlternatives(
        subject=" ".join(str(context["title"]).split()),
        body=text,
        to=[invitation.email],
        headers={"Auto-Submitted": "auto-generated"},  # RFC 3834: no out-of-office replies
    )
    mail.attach_alternative(html, "text/html")
    return mail
