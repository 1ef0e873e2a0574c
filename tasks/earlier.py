"""Going back: a task gets the values again that it had at an earlier version, by one further change.

Nothing that happened since is lost by it. What refers to something that is gone stays as it is, and is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.models import User
from tasks.models import Membership, Task
from tasks.models.task_queryset import WRITE_ROLES

# What follows from others, or is decided anew: the place among others, and what a series makes of its tasks.
STAYING: Final = {"position", "recurring_task_id", "occurrence_at", "completed_at"}
GIVEN_BACK: Final = tuple(name for name in Task.TRACKED if name not in STAYING)  # columns
PLAIN: Final = tuple(name for name in GIVEN_BACK if not name.endswith("_id"))  # which refer to nothing


@dataclass(frozen=True)
class WayBack:
    """What going back sets, and why a field (by its name in events) stays as it is instead."""

    columns: Mapping[str, Any]
    stays: Mapping[str, str]

    def changes(self, task: Task) -> bool:
        """Whether the task is not like that already."""
        return any(getattr(task, name) != value for name, value in self.columns.items())


def present(task: Task) -> dict[str, Any]:
    """What a task has now of what going back may change."""
    return {name: getattr(task, name) for name in GIVEN_BACK}


def way_back(task: Task, earlier: Mapping[str, Any], user: User) -> WayBack:
    """How a person can give a task its ``earlier`` columns. Nothing is changed yet."""
    stays: dict[str, str] = {}
    columns = {name: earlier[name] for name in PLAIN}
    project, assignee = earlier["project_id"], earlier["assignee_id"]
    roles = _roles(project, user.pk, assignee) if assignee or project != task.project_id else {}
    may_add = project == task.project_id or roles.get(user.pk) in WRITE_ROLES
    columns |= _place(task, earlier, user, may_add, stays)
    if columns["project_id"] != project and assignee:
        roles = _roles(columns["project_id"], assignee)
    if assignee is not None and assignee not in roles:
        stays["assignee"] = _("That person is not in the project any more.")
        assignee = task.assignee_id if columns["project_id"] == task.project_id else None
    if earlier["recurring_task_id"] != task.recurring_task_id:
        stays["recurring_task"] = _("Whether it repeats stays as it is now.")
    return WayBack({**columns, "assignee_id": assignee}, stays)


def _roles(project: UUID | None, *people: UUID | None) -> dict[UUID, str]:
    """The roles that people have in a project, unless it is gone."""
    found = Membership.objects.filter(
        project=project, project__deleted_at=None, user__in=filter(None, people)
    )
    return dict(found.values_list("user", "role"))


def _place(
    task: Task, earlier: Mapping[str, Any], user: User, may_add: bool, stays: dict[str, str]
) -> dict[str, UUID | None]:
    """The project and the task above it, which go together."""
    parent = task.parent
    if earlier["parent_id"] != task.parent_id:
        parent = _parent(task, earlier["parent_id"], user)
        if parent is None and earlier["parent_id"] is not None:
            stays["parent"] = _("That task is gone, or you may not change it.")
            parent = task.parent
    if parent is not None:
        if parent.project_id != earlier["project_id"]:
            stays["project"] = _("A subtask is in the project of the task above it.")
        return {"parent_id": parent.pk, "project_id": parent.project_id}
    if not may_add:
        stays["project"] = _("That project is gone, or you may not add to it.")
    return {"parent_id": None, "project_id": earlier["project_id"] if may_add else task.project_id}


def _parent(task: Task, key: UUID | None, user: User) -> Task | None:
    """The task that it was below, where it can be that again."""
    if key is None or key in {below.pk for below in task.descendants()}:
        return None
    return Task.objects.editable_by(user).filter(pk=key).first()


def go_back(task: Task, way: WayBack, by: Actor) -> None:
    """Change a task that was read under its lock. Raises ValidationError where the task may not be like that."""
    with transaction.atomic():
        for name, value in way.columns.items():
            if name != "deleted_at":
                setattr(task, name, value)
        task.clean()
        if way.columns["deleted_at"] is not None and task.deleted_at is None:
            task.trash(by)
        elif way.columns["deleted_at"] is None and task.deleted_at is not None:
            task.restore(by)
        else:
            task.save(by=by)
