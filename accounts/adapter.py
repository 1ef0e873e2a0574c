"""Our rules for allauth: who may sign up, and what a new account knows from the start."""

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.models import User

log = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": gettext_lazy("That email and password do not match."),
        "too_many_login_attempts": gettext_lazy("Too many tries. Wait a few minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Sign-up can be closed by the ``SIGNUP_OPEN`` setting."""
        return bool(settings.SIGNUP_OPEN)

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Put name, time zone and language on the user before its one save, so that its first event has them."""
        user.display_name = form.cleaned_data["display_name"]
        user.time_zone = form.cleaned_data["time_zone"]
        user.locale = get_language() or user.locale  # the one they signed up in
        unsaved: User = super().save_user(request, user, form, commit=False)
        if commit:
            User.objects.register(unsaved)
        return unsaved

    def set_password(self, user: User, password: str) -> None:
        user.set_password(password)
        user.save(update_fields=["password"])

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Confirm an address; it becomes the account's unless another account came first."""
        person = email_address.user
        person.saved_by = Actor.of(person, "web")
        try:
            with transaction.atomic():
                return bool(super().confirm_email(request, email_address))
        except IntegrityError:
            messages.error(request, _("Another account has this address by now."))
            return False

    def send_confirmation_mail(self, request: HttpRequest, emailconfirmation: Any, signup: bool) -> None:
        """Send the link. Where nothing waits for it, a mail server that is down must not stop a sign-up."""
        try:
            super().send_confirmation_mail(request, emailconfirmation, signup)
        except OSError:  # smtplib's errors are OSErrors
            if settings.ACCOUNT_EMAIL_VERIFICATION == "mandatory":
                raise
            log.exception("Could not send the mail that confirms an address")
