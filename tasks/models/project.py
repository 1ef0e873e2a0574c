"""Projects hold tasks; memberships say who may see and change them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.actor import Actor
from accounts.lines import validate_line
from accounts.models import User

if TYPE_CHECKING:
    from tasks.models.task import Task


class Role(models.TextChoices):
    VIEWER = "viewer", _("Viewer")
    EDITOR = "editor", _("Editor")
    OWNER = "owner", _("Owner")


class Colour(models.TextChoices):
    GREY = "grey", _("Grey")
    BLUE = "blue", _("Blue")
    GREEN = "green", _("Green")
    ORANGE = "orange", _("Orange")
    RED = "red", _("Red")
    PLUM = "plum", _("Plum")
    TEAL = "teal", _("Teal")


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: User) -> ProjectQuerySet:
        """The living projects that a person is a member of."""
        return self.filter(memberships__user=user, deleted_at=None)

    def editable_by(self, user: User) -> ProjectQuerySet:
        """The living projects whose tasks a person may change."""
        return self.filter(
            memberships__user=user, memberships__role__in=(Role.EDITOR, Role.OWNER), deleted_at=None
        )

    def owned_by(self, user: User) -> ProjectQuerySet:
        return self.filter(owner=user, deleted_at=None)

    def inbox_of(self, user: User) -> Project:
        """A person's Inbox, which exists as long as they do."""
        return self.get_or_create(owner=user, is_inbox=True, defaults={"name": str(_("Inbox"))})[0]


class Project(models.Model):
    """A named list of tasks. Each person has one that is their Inbox and cannot be removed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="projects")
    name = models.CharField(_("name"), max_length=120, validators=[validate_line])
    colour = models.CharField(_("colour"), max_length=16, choices=Colour, default=Colour.GREY)
    is_inbox = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    tasks: models.Manager[Task]
    objects: ClassVar[ProjectQuerySet] = ProjectQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("-is_inbox", "created_at")
        constraints = [
            models.UniqueConstraint("owner", condition=models.Q(is_inbox=True), name="one_inbox_per_person"),
            models.CheckConstraint(condition=~models.Q(name=""), name="project_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; a new project's owner becomes its first member in the same transaction."""
        with transaction.atomic():
            adding = self._state.adding
            super().save(*args, **kwargs)
            if adding:
                Membership.objects.create(project=self, user=self.owner, role=Role.OWNER)

    def trash(self, by: Actor) -> None:
        """Move the project's tasks to the trash, each with its event, end its series, and close the project.

        Raises ValueError for an Inbox.
        """
        if self.is_inbox:
            raise ValueError("The Inbox cannot be deleted.")
        with transaction.atomic():
            self.tasks.filter(deleted_at=None).trash(by=by)  # type: ignore[attr-defined]
            self.recurring_tasks.filter(deleted_at=None).update(is_active=False)
            self.deleted_at = timezone.now()
            self.save(update_fields=["deleted_at", "updated_at"])


class Membership(models.Model):
    """A person's right to a project."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=Role)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint("project", "user", name="one_membership_per_person")]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.project}"
