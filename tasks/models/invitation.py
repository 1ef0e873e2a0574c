"""Invitations: what an owner sends by mail so that somebody becomes a member of a project."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import ClassVar, Final

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.actor import Actor, Door
from accounts.models import User
from accounts.models.user import UserManager
from tasks.models.project import Membership, Project, Role
from tasks.sharing_changes import announce

LIFETIME: Final = timedelta(days=14)
DAY: Final = timedelta(days=1)
SECRET_BYTES: Final = 32  # nobody guesses them


def digest(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> InvitationQuerySet:
        """What can be accepted now. Once its sender owns the project no more, an invitation is void."""
        return self.filter(
            accepted_at=None,
            revoked_at=None,
            expires_at__gt=timezone.now(),
            project__deleted_at=None,
            project__memberships__user=F("invited_by"),
            project__memberships__role=Role.OWNER,
        )

    def with_secret(self, secret: str) -> Invitation | None:
        """The open invitation that a link leads to."""
        return self.open().filter(token_hash=digest(secret)).select_related("project", "invited_by").first()

    def invite(
        self, project: Project, email: str, role: str, by: User, via: Door = "web"
    ) -> tuple[Invitation, str]:
        """Invite an address in the place of an earlier invitation. Returns it with the secret of its link.

        Raises ValidationError naming the field, PermissionDenied for whoever does not own the project.
        """
        address = UserManager.normalize_email(email)
        with transaction.atomic():
            project = Project.objects.locked().get(pk=project.pk)
            self._check(project, address, by)
            self.filter(project=project, email=address, accepted_at=None, revoked_at=None).update(
                revoked_at=timezone.now()
            )
            secret = secrets.token_urlsafe(SECRET_BYTES)
            made = Invitation(
                project=project, email=address, role=role, invited_by=by, token_hash=digest(secret)
            )
            made.full_clean()
            made.save()
            made.announce("sent", Actor.of(by, via))
        return made, secret

    def _check(self, project: Project, address: str, by: User) -> None:
        if not Project.objects.owned_by(by).filter(pk=project.pk).exists():
            raise PermissionDenied("Only an owner invites others to a project.")
        if project.is_inbox:
            raise ValidationError(_("An Inbox is one person's own. Share a project instead."))
        if project.memberships.filter(user__email=address).exists():
            raise ValidationError({"email": _("This person is a member already.")})
        limit = settings.INVITATIONS_PER_DAY
        if self.filter(invited_by=by, created_at__gt=timezone.now() - DAY).count() >= limit:
            raise ValidationError(
                _("You have sent %(limit)s invitations within a day. Send more tomorrow."),
                params={"limit": limit},
            )


def expiry() -> datetime:
    return timezone.now() + LIFETIME


class Invitation(models.Model):
    """That somebody with an address may become a member. The secret of its link is kept as a hash only."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("email"))
    role = models.CharField(_("role"), max_length=8, choices=Role)
    invited_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations_sent")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(default=expiry)
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[InvitationQuerySet] = InvitationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("-created_at",)
        constraints = [
            models.UniqueConstraint(
                "project",
                "email",
                condition=models.Q(accepted_at=None, revoked_at=None),
                name="one_open_invitation_per_address",
            )
        ]
        indexes = [models.Index("invited_by", "created_at", name="invitations_of_a_sender")]

    def __str__(self) -> str:
        return f"{self.email} as {self.role} of {self.project}"

    def is_for(self, user: User) -> bool:
        """Whether it was sent to this account's address."""
        return self.email == user.email

    def announce(self, kind: str, by: Actor) -> None:
        """Tell what became of it. The address stays here: what is told is kept for good."""
        announce(f"invitation.{kind}", self.project, by, invitation_id=self.pk, role=str(self.role))

    def accept(self, user: User, via: Door = "web") -> Membership:
        """Make the invited person a member; who is one already keeps their role.

        Raises PermissionDenied for another address, ValidationError where it cannot be accepted any more.
        """
        if not self.is_for(user):
            raise PermissionDenied("This invitation was sent to another address.")
        with transaction.atomic():
            project = Project.objects.locked().get(pk=self.project_id)
            if not Invitation.objects.open().filter(pk=self.pk).exists():
                raise ValidationError(_("This invitation is no longer open."))
            self.accepted_at = timezone.now()
            self.save(update_fields=["accepted_at"])
            known = Membership.objects.filter(project=project, user=user).first()
            membership = known or Membership(project=project, user=user, role=self.role)
            if known is None:
                membership.saved_by = Actor.of(user, via)
                membership.save(invitation_id=self.pk)
            return membership

    def revoke(self, by: Actor) -> bool:
        """Take it back; its link leads nowhere from then on. Returns False where it is not open any more."""
        with transaction.atomic():
            Project.objects.locked().get(pk=self.project_id)
            if not Invitation.objects.open().filter(pk=self.pk).exists():
                return False
            self.revoked_at = timezone.now()
            self.save(update_fields=["revoked_at"])
            self.announce("revoked", by)
            return True
