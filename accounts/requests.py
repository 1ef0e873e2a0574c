"""The type of request that views behind ``login_required`` get."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import User


class SignedInRequest(HttpRequest):
    """A request of somebody who is signed in. For type checkers; nothing makes one."""

    user: User
    htmx: HtmxDetails
