"""Django's save signals, turned into the one signal that tells what changed."""

from typing import Any

from django.db.models.signals import post_save, pre_delete, pre_save
from django.dispatch import receiver
from django.utils import timezone

from accounts.actor import SYSTEM
from tasks.changes import TaskChange
from tasks.models import Reminder, Task
from tasks.models.task import TRACKED
from tasks.signals import tasks_changed

UNTRACKED = {field.attname for field in Task._meta.concrete_fields} - {*TRACKED, "id"}


@receiver(pre_save, sender=Task, dispatch_uid="tasks.before_loaddata")
def prepare_raw(instance: Task, raw: bool, **_: Any) -> None:
    """``loaddata`` saves rows without calling ``save``; give them the same treatment."""
    if not raw:
        return
    row = Task.objects.filter(pk=instance.pk).first()
    if row is not None:
        instance._state.adding = False
        instance._saved, instance._read_version = row._saved, row.version
        for name in UNTRACKED:  # what no event tells of stays as it is
            setattr(instance, name, getattr(row, name))
    instance.prepare(SYSTEM)


@receiver(pre_save, sender=Reminder, dispatch_uid="tasks.reminder_before_loaddata")
def replace_planned(instance: Reminder, raw: bool, **_: Any) -> None:
    """The task that ``loaddata`` saved before has planned this reminder already; the saved row knows more."""
    if raw:
        Reminder.objects.filter(task=instance.task_id, wish=instance.wish).exclude(pk=instance.pk).delete()


@receiver(post_save, sender=Task, dispatch_uid="tasks.tell")
def tell(instance: Task, **_: Any) -> None:
    if "_change" in instance.__dict__:
        instance.tell()


@receiver(pre_delete, sender=Task, dispatch_uid="tasks.tell_removal")
def tell_removal(instance: Task, **_: Any) -> None:
    """A row that is removed without having been in the trash is told as deleted, too."""
    if instance.deleted_at is not None:
        return
    now = timezone.now()
    instance.version += 1
    instance.deleted_at = now
    fields = {"deleted_at": (None, now)}
    tasks_changed.send(sender=Task, changes=[TaskChange(instance, "deleted", SYSTEM, now, fields)])
