"""API tokens: what lets a program act for a person, within limits and until it is revoked."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.lines import validate_line
from accounts.models.user import User

MARK = "todo_pat_"  # so that people and secret scanners recognise a token
SECRET_BYTES = 32  # 256 bits of randomness: nobody guesses one, so a plain hash without salt protects it
PREFIX_LENGTH = len(MARK) + 6  # what is kept to tell tokens apart; 220 bits stay unknown
MAX_TOKENS = 50  # that one account can have at a time
USE_NOTED_EVERY = timedelta(minutes=1)  # a busy program must not cost a write per request


class Scope(models.TextChoices):
    """What a token may do. The right to write a thing holds the right to read it."""

    TASKS_READ = "tasks:read", _("Read tasks, projects, comments, files, history and statistics")
    TASKS_WRITE = (
        "tasks:write",
        _("Change tasks and projects, comment, attach files, and invite or remove people"),
    )
    NOTIFICATIONS_READ = "notifications:read", _("Read notifications")
    NOTIFICATIONS_WRITE = "notifications:write", _("Mark notifications as read")
    PROFILE_READ = "profile:read", _("Read your name, email address and settings")
    PROFILE_WRITE = "profile:write", _("Change your name, time zone, language and other settings")


def validate_scopes(scopes: Collection[str]) -> None:
    """Refuse names that are no scope."""
    if unknown := sorted(set(scopes) - set(Scope.values)):
        raise ValidationError(
            _("%(names)s: there is no such scope. There are %(known)s."),
            params={"names": ", ".join(unknown), "known": ", ".join(Scope.values)},
        )


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def kept_by(self, user: User) -> ApiTokenQuerySet:
        """A person's tokens that were not revoked, the newest first; expired ones are among them."""
        return self.filter(user=user, revoked_at=None).order_by("-created_at")

    def issue(
        self, user: User, name: str, scopes: Collection[str], expires_at: datetime | None = None
    ) -> tuple[ApiToken, str]:
        """Make a token. Returns it with its secret, which is known only now.

        Raises ValidationError for a name, scopes or time that cannot be, and beyond MAX_TOKENS.
        """
        if self.kept_by(user).count() >= MAX_TOKENS:
            raise ValidationError(
                _("An account can have %(limit)s tokens. Revoke one first."), params={"limit": MAX_TOKENS}
            )
        secret = MARK + secrets.token_urlsafe(SECRET_BYTES)
        token = self.model(
            user=user,
            name=name.strip(),
            scopes=sorted(set(scopes)),
            expires_at=expires_at,
            prefix=secret[:PREFIX_LENGTH],
            secret_hash=hash_of(secret),
        )
        token.clean_fields(exclude={"user"})
        token.clean()
        token.save(force_insert=True)
        return token, secret

    def find(self, secret_hash: str) -> ApiToken | None:
        """The token whose secret has this hash, with its user, whatever its state, in one look-up.

        What is compared is the hash, so how long the look-up takes says nothing about a secret.
        """
        return self.select_related("user").filter(secret_hash=secret_hash).first()


def hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


class ApiToken(models.Model):
    """A program's key to an account. The secret itself is stored nowhere."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=80, validators=[validate_line])
    prefix = models.CharField(_("begins with"), max_length=PREFIX_LENGTH, editable=False)
    secret_hash = models.CharField(
        max_length=64, unique=True, editable=False, help_text=_("SHA-256 of the secret, hexadecimal")
    )
    scopes = models.JSONField(
        _("scopes"),
        default=list,
        validators=[validate_scopes],
        error_messages={"blank": _("Choose at least one scope.")},
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    objects: ClassVar[ApiTokenQuerySet] = ApiTokenQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("API token")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def clean(self) -> None:
        if self.expires_at is not None and self.expires_at <= self.created_at:
            raise ValidationError({"expires_at": _("A token expires in the future.")})

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def refusal(self) -> str | None:
        """Why the token opens nothing, as a sentence; None when it does."""
        if self.revoked_at is not None:
            return str(_("This API token was revoked."))
        if self.is_expired:
            return str(_("This API token has expired."))
        if not self.user.is_active:
            return str(_("The account of this API token is not active."))
        return None

    def allows(self, scope: str) -> bool:
        """Whether the token holds a scope such as ``tasks:read``, itself or through the right to write."""
        noun = scope.partition(":")[0]
        return scope in self.scopes or (scope == f"{noun}:read" and f"{noun}:write" in self.scopes)

    def revoke(self) -> None:
        """End the token for good. Revoking it again changes nothing."""
        if self.revoked_at is None:
            self.revoked_at = timezone.now()
            self.save(update_fields=["revoked_at"])

    def note_use(self) -> None:
        """Note when the token was last used, to the minute."""
        now = timezone.now()
        if self.last_used_at is not None and now - self.last_used_at < USE_NOTED_EVERY:
            return
        # The same check again in the database: of many requests at once one writes.
        long_ago = models.Q(last_used_at=None) | models.Q(last_used_at__lte=now - USE_NOTED_EVERY)
        ApiToken.objects.filter(long_ago, pk=self.pk).update(last_used_at=now)
        self.last_used_at = now
