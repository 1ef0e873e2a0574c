"""The user: a person with an e-mail address, a name and a time zone."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.actor import SYSTEM, Actor
from accounts.lines import validate_line
from accounts.signals import user_registered, user_updated

# What a person may change about themselves; a change of these is a ``user.updated`` event.
PROFILE_FIELDS = (
    "email",
    "display_name",
    "time_zone",
    "locale",
    "week_start",
    "keyboard_shortcuts",
    "is_active",
    "is_staff",
    "is_superuser",
)
TAKEN = _("There is an account with this address already.")
FIRST_ACCOUNT_LOCK = 7_061_001  # PostgreSQL's number for "somebody makes the first account"


def validate_time_zone(name: str) -> None:
    """Refuse what the IANA time zone database does not know."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(
            _("%(name)s is not a time zone. Give an IANA name such as Europe/Berlin."), params={"name": name}
        )


def validate_locale(code: str) -> None:
    """Refuse a language that the application does not speak."""
    if code not in dict(settings.LANGUAGES):
        raise ValidationError(_("%(code)s is not among the languages here."), params={"code": code})


class UserManager(BaseUserManager["User"]):
    """Makes users; the address is the name people sign in with."""

    def create_user(self, email: str, password: str | None = None, by: Actor = SYSTEM, **fields: Any) -> User:
        """Make an account and save it. Without a password nobody can sign in until one is set."""
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(by=by, using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def register(self, user: User) -> None:
        """Save the account that a person made for themselves.

        Where ``FIRST_ACCOUNT_IS_STAFF`` is set, the very first account becomes the staff owner; of two at
        the same time exactly one does.
        """
        with transaction.atomic():
            if settings.FIRST_ACCOUNT_IS_STAFF and self._is_first():
                user.is_staff = user.is_superuser = True
            user.save(by=Actor.of(user, "web"))

    def _is_first(self) -> bool:
        if self.exists():
            return False
        if connection.vendor == "postgresql":
            # The second one waits here until the first is committed. SQLite's transactions do so anyway.
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FIRST_ACCOUNT_LOCK])
        return not self.exists()

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """An address as it is stored: in small letters, so that it is one account however it is typed."""
        return (email or "").strip().lower()

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=self.normalize_email(username))


class WeekStart(models.IntegerChoices):
    """Days as in ``datetime.weekday()``."""

    MONDAY = 0, _("Monday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class User(AbstractUser):
    """A person who can sign in. Times are stored as instants and shown in ``time_zone``."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField(_("email"), unique=True, error_messages={"unique": TAKEN})
    display_name = models.CharField(_("name"), max_length=80, blank=True, validators=[validate_line])
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[validate_time_zone]
    )
    locale = models.CharField(_("language"), max_length=16, default="en", validators=[validate_locale])
    week_start = models.PositiveSmallIntegerField(
        _("first day of the week"), choices=WeekStart, default=WeekStart.MONDAY
    )
    # The database's own default, too: a release that does not know the column goes on making accounts.
    keyboard_shortcuts = models.BooleanField(_("keyboard shortcuts"), default=True, db_default=True)

    # Who a save is by when it does not say. Libraries save users themselves; see ``accounts.middleware``.
    saved_by: Actor = SYSTEM

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"), name="one_account_per_address", violation_error_message=TAKEN
            )
        ]

    def __str__(self) -> str:
        return self.email

    @classmethod
    def from_db(cls, db: str | None, field_names: Iterable[str], values: Iterable[Any]) -> User:
        user = super().from_db(db, list(field_names), list(values))
        user._remember()
        return user

    def change(self, by: Actor, **fields: Any) -> None:
        """Set fields and save them; a value that is not new is no event."""
        for name, value in fields.items():
            setattr(self, name, value)
        self.save(by=by, update_fields=list(fields))

    def save(self, *args: Any, by: Actor | None = None, **kwargs: Any) -> None:
        """Save and tell ``user_registered`` or ``user_updated`` in the same transaction."""
        by = by or self.saved_by
        if "email" in self.__dict__:
            self.email = UserManager.normalize_email(self.email)
        with transaction.atomic():
            adding = self._state.adding
            super().save(*args, **kwargs)
            changes = {} if adding else self._changes(kwargs.get("update_fields"))
            self._remember(kwargs.get("update_fields"))
            if adding:
                user_registered.send(sender=User, user=self, actor=by)
            elif changes:
                user_updated.send(sender=User, user=self, actor=by, changes=changes)

    def refresh_from_db(
        self,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        from_queryset: models.QuerySet[User] | None = None,
    ) -> None:
        super().refresh_from_db(using, fields, from_queryset)
        self._remember(fields)

    _saved: Mapping[str, object] = {}

    def _remember(self, only: Iterable[str] | None = None) -> None:
        """Note the values in the row: of all the fields that are loaded, or of some."""
        names = PROFILE_FIELDS if only is None else set(PROFILE_FIELDS).intersection(only)
        loaded = self.__dict__
        self._saved = {**self._saved, **{name: loaded[name] for name in names if name in loaded}}

    def _changes(self, only: Iterable[str] | None) -> dict[str, tuple[object, object]]:
        return {
            name: (before, getattr(self, name))
            for name, before in self._saved.items()
            if before != getattr(self, name) and (only is None or name in only)
        }

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    def today(self, now: datetime | None = None) -> date:
        """The date on this person's calendar at an instant (now)."""
        return (now or timezone.now()).astimezone(self.zone).date()

    def get_full_name(self) -> str:
        return self.display_name or self.email.partition("@")[0]

    def get_short_name(self) -> str:
        return self.get_full_name()
