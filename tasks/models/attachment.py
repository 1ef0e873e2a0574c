"""Files on a task. Each is told as an event of its task, in the transaction that writes its row.

The file is stored before its row and removed after it, each time outside of what can be rolled back: a row never
lacks its file. What a process that died left behind has no row; ``manage.py remove_orphaned_files`` finds it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import Any, ClassVar, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.db.models import Q, Sum
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from uuid_utils.compat import uuid7

from accounts.actor import Actor
from accounts.models import User
from tasks.attaching import storage
from tasks.attaching.kinds import kind_of
from tasks.attaching.names import NAME_LENGTH, safe_name
from tasks.models.task import Task
from tasks.models.task_queryset import WRITE_ROLES

ORPHAN_AGE: Final = timedelta(days=1)  # by then, what stores a file has written its row or has given up
LOOKED_UP: Final = 500  # names of stored files that are looked up at once


@dataclass(frozen=True)
class Inspected:
    """What a file is, as found."""

    name: str
    size: int
    content_type: str
    sha256: str

    @classmethod
    def of(cls, upload: UploadedFile) -> Inspected:
        """Look at all of a file. Raises ValidationError if it cannot be attached."""
        name, size = safe_name(upload.name or ""), upload.size or 0
        if not size:
            raise ValidationError(_("“%(name)s” is empty."), params={"name": name})
        if size > settings.ATTACHMENT_MAX_BYTES:
            raise too_large(name)
        kind = kind_of(upload, name, upload.content_type or "")
        digest = hashlib.sha256()
        for chunk in upload.chunks():
            digest.update(chunk)
        return cls(name, size, kind.content_type, digest.hexdigest())


def too_large(name: str) -> ValidationError:
    most = filesizeformat(settings.ATTACHMENT_MAX_BYTES)
    return ValidationError(
        _("“%(name)s” is too large: a file has at most %(most)s."), params={"name": name, "most": most}
    )


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def visible_to(self, user: User) -> AttachmentQuerySet:
        """The files on the tasks that a person sees."""
        return self.filter(task__project__memberships__user=user, task__deleted_at=None)

    def removable_by(self, user: User) -> AttachmentQuerySet:
        """What a person may remove: their own, and all on tasks that they may change."""
        return self.filter(
            Q(uploaded_by=user) | Q(task__project__memberships__role__in=WRITE_ROLES),
            task__project__memberships__user=user,
            task__deleted_at=None,
        )

    def size_of(self, user: User) -> int:
        """How many bytes a person has attached, to whatever task, in the trash or not."""
        return self.filter(uploaded_by=user).aggregate(total=Sum("size"))["total"] or 0

    def attach(self, task: Task, upload: UploadedFile, uploader: User, by: Actor) -> Attachment:
        """Store a file and put it on a task, which is read again under its lock.

        Raises ValidationError if the file cannot be attached, Task.DoesNotExist if the uploader may not change it.
        """
        found = Inspected.of(upload)
        kept = storage.keep(upload)
        with transaction.atomic():
            try:
                return self._record(task, found, kept, uploader, by)
            except BaseException:
                storage.forget(kept)
                raise
            # When the commit itself fails nobody knows whether the row is there: then the file stays.

    def _record(self, task: Task, found: Inspected, kept: str, uploader: User, by: Actor) -> Attachment:
        # Under the lock of the account, so that two uploads at once cannot both have what is left of it.
        User.objects.select_for_update(no_key=True).get(pk=uploader.pk)
        self._check_room(found, uploader)
        current = Task.objects.editable_by(uploader).get_current(task.pk)
        attachment = Attachment(task=current, uploaded_by=uploader, file=kept, **vars(found))
        attachment.save(force_insert=True)
        current.announce("attachment.added", {**attachment.told(), **attachment.told_of_content()}, by)
        return attachment

    def _check_room(self, found: Inspected, uploader: User) -> None:
        quota = settings.ATTACHMENT_QUOTA_BYTES
        if self.size_of(uploader) + found.size <= quota:
            return
        if not quota:
            raise ValidationError(_("Files cannot be attached here."))
        raise ValidationError(
            _(
                "There is no room for “%(name)s”: all that you attach has at most %(quota)s. Remove something first."
            ),
            params={"name": found.name, "quota": filesizeformat(quota)},
        )

    def orphans(self) -> Iterator[str]:
        """The stored files that are older than ``ORPHAN_AGE`` and on no task."""
        names = storage.kept_before(timezone.now() - ORPHAN_AGE)
        while some := list(islice(names, LOOKED_UP)):
            known = set(self.filter(file__in=some).values_list("file", flat=True))
            yield from (name for name in some if name not in known)


class Attachment(models.Model):
    """A file on a task. ``content_type`` is what was found in it, ``file`` its name in the storage."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="attachments")
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="attachments")
    name = models.CharField(gettext_lazy("name"), max_length=NAME_LENGTH)
    size = models.PositiveBigIntegerField(gettext_lazy("size"), help_text=gettext_lazy("in bytes"))
    content_type = models.CharField(max_length=127)
    sha256 = models.CharField(max_length=64)
    file = models.CharField(max_length=100, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[AttachmentQuerySet] = AttachmentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("created_at", "pk")

    def __str__(self) -> str:
        return self.name

    def remove(self, by: Actor) -> None:
        """Take it off its task. The event log keeps that it was there, the storage nothing."""
        with transaction.atomic():
            task, told = Task.objects.get_current(self.task_id), self.told()
            if self.delete()[0]:
                task.announce("attachment.removed", told, by)

    def told(self) -> dict[str, Any]:
        """What events say of it."""
        return {"attachment_id": self.pk, "name": self.name}

    def told_of_content(self) -> dict[str, Any]:
        return {"size": self.size, "content_type": self.content_type, "sha256": self.sha256}

    def content(self) -> File:
        """The file itself, to be read. Raises FileNotFoundError where the storage has lost it."""
        return storage.storage().open(self.file)


@receiver(post_delete, sender=Attachment)
def forget_file(instance: Attachment, **_: Any) -> None:
    """Remove the file as soon as nothing can bring its row back, also where the row went with its task."""
    transaction.on_commit(partial(storage.forget, instance.file), robust=True)
