"""Our rules for allauth: who may sign up."""

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Sign-up can be closed by the ``SIGNUP_OPEN`` setting."""
        return bool(settings.SIGNUP_OPEN)
