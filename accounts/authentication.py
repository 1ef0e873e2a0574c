"""How programs prove who they act for: ``Authorization: Bearer TOKEN`` (RFC 6750)."""

from __future__ import annotations

from typing import Any

from django.db.models.base import ModelState
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts import known_tokens
from accounts.models import ApiToken, User
from accounts.models.api_token import hash_of


class ApiTokenAuthentication(BaseAuthentication):
    """Takes a personal API token; ``request.auth`` is the ApiToken. Anything that is wrong with one is a 401."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _space, secret = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = known_tokens.find(hash_of(secret.strip()))
        if token is None:
            raise AuthenticationFailed(_("This API token is not known. Make one in the settings."))
        if refusal := token.refusal:
            raise AuthenticationFailed(refusal)
        token.note_use()
        return own_copy(token.user), token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Todo API"'


def own_copy(user: User) -> User:
    """A person that a request may change: a name is set before it turns out to be wrong.

    ``copy.copy`` goes through what pickles a model, at ten times the cost.
    """
    own = User.__new__(User)
    own.__dict__.update(user.__dict__)
    own._state = ModelState()
    own._state.adding, own._state.db = False, user._state.db
    return own


class ApiTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI document shows it; importing this module is enough to register it."""

    target_class = "accounts.authentication.ApiTokenAuthentication"
    name = "apiToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A personal API token, made in the settings or by `manage.py create_api_token`.",
        }
