"""The order by hand: a task takes a place between two others of its project."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.actor import Actor
from tasks.models import Task
from tasks.models.task_queryset import TaskQuerySet
from tasks.ordering import position_between

Step = Literal["up", "down"]


def place(task: Task, by: Actor, before: UUID | None, after: UUID | None) -> None:
    """Put a task after ``before`` and before ``after``, tasks of its project; None is an end of the list.

    Raises ValidationError where those two are not there (any more).
    """
    found = {each.pk: each.position for each in _siblings(task).filter(pk__in={before, after} - {None})}
    if {before, after} - {None} - found.keys():
        raise ValidationError(_("The list has changed meanwhile. Move it once more."))
    low = found[before] if before else None
    high = found[after] if after else None
    if low is not None and high is not None and low >= high:  # added in the same instant, or sorted otherwise
        high = _siblings(task).filter(position__gt=low).values_list("position", flat=True).first()
    task.change(by, position=position_between(low, high))


def step(task: Task, by: Actor, where: Step) -> None:
    """Change places with the task above or below; the first cannot go up, nor the last down."""
    keys = list(_siblings(task, with_itself=True).values_list("pk", flat=True))
    at = keys.index(task.pk)
    others = keys[:at] + keys[at + 1 :]
    to = at - 1 if where == "up" else at + 1
    if 0 <= to <= len(others):
        place(task, by, others[to - 1] if to else None, others[to] if to < len(others) else None)


def _siblings(task: Task, with_itself: bool = False) -> TaskQuerySet:
    """The other open tasks of its list, as that shows them."""
    tasks = Task.objects.alive().open().outermost().filter(project=task.project_id)
    shown = tasks if with_itself else tasks.exclude(pk=task.pk)
    return shown.order_by("position", "pk")
