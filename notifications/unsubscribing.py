"""The link in each mail that switches its kind off, without signing in (RFC 8058)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.urls import reverse

from notifications.kinds import Channel, Kind
from notifications.models import Preference

SALT = "notifications.unsubscribe"


@dataclass(frozen=True)
class Subscription:
    """That a person gets mails of a kind."""

    user_id: UUID
    kind: Kind

    def path(self) -> str:
        """Where it can be ended. The token in it does not expire: a mail may be read years later."""
        token = _signer().sign_object({"user": str(self.user_id), "kind": self.kind})
        return reverse("notifications:unsubscribe", args=[token])

    @classmethod
    def from_token(cls, token: str) -> Subscription:
        """Read a token again. Raises BadSignature for one that is not ours or whose kind is no more."""
        try:
            content = _signer().unsign_object(token)
            return cls(UUID(content["user"]), Kind(content["kind"]))
        except (ValueError, KeyError, TypeError) as error:
            raise BadSignature("Not a token of this application.") from error

    def end(self) -> None:
        Preference.objects.choose(self.user_id, {(self.kind, Channel.EMAIL): False})


def _signer() -> Signer:
    # A dot, because some mail programs do not make a colon part of the link.
    return Signer(salt=SALT, sep=".")
