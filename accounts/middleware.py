"""What every request of somebody who is signed in brings about."""

from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from accounts.actor import Actor
from accounts.programs import is_program

# Whose page it is. The service worker keeps pages by account, and removes them with the first page of no account.
ACCOUNT_HEADER = "X-Account"
SEEN_NOTED_EVERY = 300  # seconds; where and when a session was last used is told to this precision


class SignedInMiddleware:
    """Lets people be the ones who change themselves, and keeps the list of their sessions up to date."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_program(request) and request.user.is_authenticated:
            # allauth's pages save request.user without saying who did it.
            request.user.saved_by = Actor.in_request(request.user, request)
            if mark_seen(request):
                UserSession.objects.create_from_request(request)
        response = self.get_response(request)
        if not is_program(request) and request.user.is_authenticated:
            response[ACCOUNT_HEADER] = str(request.user.pk)
        return response


def mark_seen(request: HttpRequest) -> bool:
    """Whether it is time to write down that the session is in use; not again for SEEN_NOTED_EVERY then."""
    return cache.add(f"session-seen:{request.session.session_key}", True, SEEN_NOTED_EVERY)
