"""Projects hold tasks; memberships say who may see and change them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connections, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.actor import SYSTEM, Actor
from accounts.lines import validate_line
from accounts.models import User
from tasks.sharing_changes import announce

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

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
        """The living projects whose members a person manages. A project may have several owners."""
        return self.filter(memberships__user=user, memberships__role=Role.OWNER, deleted_at=None)

    def locked(self) -> ProjectQuerySet:
        """Lock the rows until the transaction ends; SQLite's one writer is lock enough."""
        if connections[self.db].features.has_select_for_update:
            return self.select_for_update(of=("self",), no_key=True)  # tasks may be added meanwhile
        return self

    def inbox_of(self, user: User) -> Project:
        """A person's Inbox, which exists as long as they do."""
        return self.get_or_create(owner=user, is_inbox=True, defaults={"name": str(_("Inbox"))})[0]


class Project(models.Model):
    """A named list of tasks. Each person has one that is their Inbox and cannot be removed or shared.

    Any member with the role of an owner manages it. ``owner`` is the one of them by whose clock its tasks go, and
    who hears of tasks that are nobody's.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="projects")
    name = models.CharField(_("name"), max_length=120, validators=[validate_line])
    colour = models.CharField(_("colour"), max_length=16, choices=Colour, default=Colour.GREY)
    is_inbox = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    tasks: models.Manager[Task]
    memberships: RelatedManager[Membership]
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

    def is_used(self) -> bool:
        """Whether something is in it, or somebody else has to do with it."""
        living = models.Q(deleted_at=None)
        return (
            self.tasks.filter(living).exists()
            or self.recurring_tasks.filter(living, is_active=True).exists()
            or self.memberships.count() > 1
            or self.invitations.exists()
        )

    def trash(self, by: Actor) -> None:
        """Close the project, let its series rest, and move its tasks to the trash, each with its event.

        One that somebody else has just closed stays as it is. Raises ValueError for an Inbox.
        """
        if self.is_inbox:
            raise ValueError("The Inbox cannot be deleted.")
        with transaction.atomic():
            now = timezone.now()
            living = Project.objects.filter(pk=self.pk, deleted_at=None)
            if not living.update(deleted_at=now, updated_at=now):
                return
            self.deleted_at = now
            self.recurring_tasks.update(create_at=None)
            self.tasks.filter(deleted_at=None).trash(by=by)  # type: ignore[attr-defined]
            announce("deleted", self, by)

    def pass_on(self, owner: User, by: Actor) -> None:
        """Let its tasks and series go by another owner's clock. No task changes by that."""
        self.owner = owner
        self.save(update_fields=["owner", "updated_at"])
        self.recurring_tasks.update(owner=owner)
        self.tasks.follow_owner(owner)  # type: ignore[attr-defined]
        announce("handed_over", self, by, owner_id=owner.pk, owner_name=owner.get_full_name())


class MembershipQuerySet(models.QuerySet["Membership"]):
    def for_page(self, project: Project) -> MembershipQuerySet:
        """Everybody in a project, the owners first, then by name."""
        rank = models.Case(
            models.When(role=Role.OWNER, then=0), models.When(role=Role.EDITOR, then=1), default=2
        )
        found = self.filter(project=project).select_related("user").annotate(rank=rank)
        return found.order_by("rank", "user__display_name", "user__email")


class Membership(models.Model):
    """A person's right to a project. ``change_role``, ``hand_over`` and ``end`` keep it with an owner.

    ``saved_by`` is who saves or deletes it where no method says so.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=Role)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[MembershipQuerySet] = MembershipQuerySet.as_manager()  # type: ignore[assignment]
    saved_by: Actor = SYSTEM

    class Meta:
        constraints = [models.UniqueConstraint("project", "user", name="one_membership_per_person")]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.project}"

    def save(self, *args: Any, invitation_id: UUID | None = None, **kwargs: Any) -> None:
        """Save, and tell of it in the same transaction. That its owner is in a project goes without saying."""
        with transaction.atomic(savepoint=False):
            adding = self._state.adding
            before = (
                None if adding else Membership.objects.filter(pk=self.pk).values_list("role", flat=True).get()
            )
            super().save(*args, **kwargs)
            if not adding and before != self.role:
                self._announce("changed", changes={"role": (before, str(self.role))})
            elif adding and (self.role, self.user_id) != (Role.OWNER, self.project.owner_id):
                self._announce("added", role=str(self.role), invitation_id=invitation_id)

    def _announce(self, kind: str, **details: Any) -> None:
        who = {"member_id": self.user_id, "member_name": self.user.get_full_name()}
        announce(f"member.{kind}", self.project, self.saved_by, **who, **details)

    def change_role(self, role: str, by: Actor) -> None:
        """Give the member another role. Raises ValidationError where no owner would be left."""
        with transaction.atomic():
            self._lock()
            if role != Role.OWNER:
                self._let_others_own(by)
            self.role, self.saved_by = role, by
            self.save(update_fields=["role"])

    def hand_over(self, to: Membership, by: Actor) -> None:
        """Make another member the owner in this owner's place, who stays as an editor."""
        with transaction.atomic():
            to.change_role(Role.OWNER, by)
            if self.project.owner_id == self.user_id:
                self.project.pass_on(to.user, by)
            self.change_role(Role.EDITOR, by)

    def end(self, by: Actor) -> None:
        """Take the person out of the project: what they were to do there is nobody's, with an event for each task.

        Raises ValidationError where no owner would be left.
        """
        with transaction.atomic():
            self._lock()
            self._let_others_own(by)
            self.project.tasks.filter(assignee_id=self.user_id).change(by, assignee=None)  # type: ignore[attr-defined]
            self.saved_by = by
            self._announce("removed", role=str(self.role))
            super().delete()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """As ``end``, by whoever ``saved_by`` names."""
        self.end(self.saved_by)
        return 1, {self._meta.label: 1}

    def _lock(self) -> None:
        """Members of a project change one after the other: two owners who leave at once would leave none."""
        self.project = Project.objects.locked().get(pk=self.project_id)
        self.refresh_from_db(fields=["role"])

    def _let_others_own(self, by: Actor) -> None:
        """See that the project has an owner without this member. Raises ValidationError."""
        if self.role != Role.OWNER:
            return
        owners = Membership.objects.filter(project=self.project, role=Role.OWNER).exclude(pk=self.pk)
        other = owners.select_related("user").order_by("created_at", "pk").first()
        if other is None:
            raise ValidationError(_("A project needs an owner. Make somebody else one first."))
        if self.project.owner_id == self.user_id:
            self.project.pass_on(other.user, by)
