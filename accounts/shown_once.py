"""Carries the secret of a new token over one redirect, in the browser's own cookie.

Neither the session nor the messages will do: both would leave the secret readable in the database.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.models import User

COOKIE = "new_api_token"
SECONDS = 120  # for the browser to follow the redirect


def hand_over(response: HttpResponse, user: User, secret: str) -> HttpResponse:
    """Put the secret on a response; only a page of the same person can read it."""
    response.set_signed_cookie(
        COOKIE,
        secret,
        salt=str(user.pk),
        max_age=SECONDS,
        path=reverse("accounts:settings-tokens"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def handed_over(request: HttpRequest, user: User) -> str | None:
    """The secret that the page before left for this person, if any."""
    return request.get_signed_cookie(COOKIE, None, salt=str(user.pk), max_age=SECONDS)


def forget(response: HttpResponse) -> HttpResponse:
    response.delete_cookie(COOKIE, path=reverse("accounts:settings-tokens"))
    return response
