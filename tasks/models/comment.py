"""Comments on a task. Each is told as an event of its task, in the transaction that writes it."""

from __future__ import annotations

from typing import ClassVar, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.actor import Actor
from accounts.models import User
from tasks.mentions import Handles
from tasks.models.task import Task

TEXT_LENGTH: Final = 10_000  # characters


def clean_text(text: str) -> str:
    """A comment as it is stored. Raises ValidationError for an empty one, or one that is too long."""
    cleaned = text.replace("\r\n", "\n").strip()
    if not cleaned:
        raise ValidationError({"text": _("Write something.")})
    if len(cleaned) > TEXT_LENGTH or "\0" in cleaned:
        raise ValidationError(
            {"text": ValidationError(_("A comment has at most %(n)s characters."), params={"n": TEXT_LENGTH})}
        )
    return cleaned


class CommentQuerySet(models.QuerySet["Comment"]):
    def visible_to(self, user: User) -> CommentQuerySet:
        """The comments on the tasks that a person sees."""
        return self.filter(task__project__memberships__user=user, task__deleted_at=None)

    def written_by(self, user: User) -> CommentQuerySet:
        """What a person may change: their own, while they see the task."""
        return self.visible_to(user).filter(author=user)

    def write(self, task: Task, text: str, author: User, by: Actor) -> Comment:
        """Comment on a task that was read under its lock. Whoever sees a task may. Raises ValidationError."""
        with transaction.atomic():
            comment = Comment(task=task, author=author, text=clean_text(text))
            comment.save()
            told = {"comment_id": comment.pk, "text": comment.text, "mentions": comment.mentions()}
            task.announce("commented", told, by)
        return comment


class Comment(models.Model):
    """What somebody wrote on a task, in Markdown."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="comments")
    text = models.TextField(_("comment"), validators=[MaxLengthValidator(TEXT_LENGTH)])
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    edited_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[CommentQuerySet] = CommentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("created_at", "pk")

    def __str__(self) -> str:
        return self.text[:80]

    def mentions(self) -> list[UUID]:
        """The members of the project whom it names."""
        return [person.pk for person in handles_of(self.task).named_in(self.text)]

    def edit(self, text: str, by: Actor) -> None:
        """Change the text; whom only the new one names is told. Raises ValidationError."""
        cleaned = clean_text(text)
        if cleaned == self.text:
            return
        with transaction.atomic():
            task, before = Task.objects.get_current(self.task_id), set(self.mentions())
            self.text, self.edited_at = cleaned, timezone.now()
            self.save(update_fields=["text", "edited_at"])
            fresh = [person for person in self.mentions() if person not in before]
            task.announce("comment.edited", {"comment_id": self.pk, "text": cleaned, "mentions": fresh}, by)

    def remove(self, by: Actor) -> None:
        """Delete it. What it said stays in the event log alone."""
        with transaction.atomic():
            task, key = Task.objects.get_current(self.task_id), self.pk
            self.delete()
            task.announce("comment.deleted", {"comment_id": key}, by)


def handles_of(task: Task) -> Handles:
    """The words that name members of a task's project."""
    return Handles(User.objects.filter(memberships__project=task.project_id, is_active=True))
