"""Changing many tasks at once: each on its own, all in one transaction, and all taken back by one undo.

A task that cannot be changed is named and hinders no other. Every change is recorded as if it were the only one, and
so is its undoing: a history shows both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final, Literal
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Field
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.models import User
from tasks.changes import StaleTask
from tasks.models import Batch, Project, Task
from tasks.models.tags import clean_tags
from tasks.rescheduling import on_day

MOST: Final = 200  # tasks of one request
KEPT: Final = (
    "status",
    "priority",
    "tags",
    "due_date",
    "due_all_day",
    "project_id",
    "parent_id",
    "position",
    "assignee_id",
    "deleted_at",
)
Result = Literal["changed", "unchanged", "stale", "read_only", "missing", "refused"]
Change = Callable[[Task, Actor], None]


@dataclass(frozen=True)
class Outcome:
    """What became of one task. ``detail`` says why it was not changed, for people."""

    id: UUID
    title: str
    result: Result
    version: int | None = None
    detail: str = ""


@dataclass(frozen=True)
class Done:
    """What became of all of them. ``batch`` takes it back; None where nothing changed."""

    outcomes: tuple[Outcome, ...]
    batch: Batch | None

    @property
    def changed(self) -> list[Outcome]:
        return [each for each in self.outcomes if each.result == "changed"]

    @property
    def failed(self) -> list[Outcome]:
        return [each for each in self.outcomes if each.detail]


# --- What can be done -----------------------------------------------------------------------------------


def complete(task: Task, by: Actor) -> None:
    task.complete(by)


def reopen(task: Task, by: Actor) -> None:
    task.reopen(by)


def trash(task: Task, by: Actor) -> None:
    task.trash(by)


def set_status(status: str) -> Change:
    return lambda task, by: task.change(by, status=status)


def set_priority(priority: int) -> Change:
    return lambda task, by: task.change(by, priority=priority)


def set_day(day: date | None, user: User) -> Change:
    """Make it due on a day of the person's calendar, at the time that it had."""
    return lambda task, by: task.change(by, **on_day(task, day, user.zone))


def set_due(**columns: Any) -> Change:
    return lambda task, by: task.change(by, **columns)


def move_to(project: Project) -> Change:
    """Move it with its subtasks. Raises ValidationError for a subtask, which stays with its parent."""

    def move(task: Task, by: Actor) -> None:
        if task.parent_id is not None and task.project_id != project.pk:
            raise ValidationError(_("A subtask is in the project of the task above it. Move that one."))
        task.change(by, project=project)

    return move


def add_tag(tag: str) -> Change:
    return lambda task, by: task.change(by, tags=clean_tags([*task.tags, tag]))


def remove_tag(tag: str) -> Change:
    wanted = tag.removeprefix("@")
    return lambda task, by: task.change(by, tags=[each for each in task.tags if each != wanted])


# --- Doing it -------------------------------------------------------------------------------------------


def change_many(tasks: Mapping[UUID, int | None], change: Change, user: User, by: Actor) -> Done:
    """Change tasks, each of which may name the version at which it was seen. Says what became of each."""
    with transaction.atomic():
        found = {task.pk: task for task in Task.objects.editable_by(user).filter(pk__in=tasks).lock()}
        steps: list[dict[str, Any]] = []
        # A subtask comes after its parent, which may have taken it along.
        ordered = sorted(found.values(), key=lambda task: task.parent_id in found)
        outcomes = {task.pk: _change(task, tasks[task.pk], change, by, steps) for task in ordered}
        outcomes |= _not_found([key for key in tasks if key not in found], user)
        batch = Batch.objects.keep(user, steps) if steps else None
    return Done(tuple(outcomes[key] for key in tasks), batch)


def _change(
    task: Task, version: int | None, change: Change, by: Actor, steps: list[dict[str, Any]]
) -> Outcome:
    if version is not None and version != task.version:
        return Outcome(task.pk, task.title, "stale", task.version, _("It was changed elsewhere meanwhile."))
    if task.parent_id is not None:
        task.refresh_from_db()
    before = _columns(task)
    try:
        with transaction.atomic():
            change(task, by)
    except ValidationError as error:
        return Outcome(task.pk, task.title, "refused", task.version, " ".join(error.messages))
    except StaleTask:
        return Outcome(task.pk, task.title, "stale", task.version, _("It was changed elsewhere meanwhile."))
    after = _columns(task)
    changed = {name: [before[name], after[name]] for name in KEPT if before[name] != after[name]}
    if not changed:
        return Outcome(task.pk, task.title, "unchanged", task.version)
    steps.append({"task": task.pk, "columns": changed})
    return Outcome(task.pk, task.title, "changed", task.version)


def _columns(task: Task) -> dict[str, Any]:
    return {name: list(task.tags) if name == "tags" else getattr(task, name) for name in KEPT}


def _not_found(keys: Iterable[UUID], user: User) -> dict[UUID, Outcome]:
    """Why tasks cannot be changed: one may only look at them, or they do not exist for this person."""
    keys = list(keys)
    seen = dict(Task.objects.visible_to(user).filter(pk__in=keys).values_list("pk", "title")) if keys else {}
    read_only, missing = _("You may see it, but not change it."), _("It is not there any more.")
    return {
        key: Outcome(key, seen[key], "read_only", detail=read_only)
        if key in seen
        else Outcome(key, "", "missing", detail=missing)
        for key in keys
    }


def keep_added(tasks: Iterable[Task], user: User, projects: Iterable[Project] = ()) -> Batch:
    """Note tasks that were added together, so that one undo moves them to the trash.

    ``projects`` were made for them. They go, too, where nothing else is in them by then.
    """
    now = timezone.now()
    steps: list[dict[str, Any]] = [
        {"task": task.pk, "columns": {"deleted_at": [now, None]}} for task in tasks
    ]
    return Batch.objects.keep(user, [*steps, *({"project": project.pk} for project in projects)])


# --- Taking it back -------------------------------------------------------------------------------------


def undo(batch_id: UUID, user: User, by: Actor) -> Done:
    """Give tasks the values back that they had, where they still have those that the batch gave them.

    Raises Batch.DoesNotExist for what was taken back already or is too old.
    """
    with transaction.atomic():
        batch = Batch.objects.open_to(user).locked(batch_id)
        steps = {UUID(step["task"]): step["columns"] for step in batch.steps if "task" in step}
        rows = Task.objects.writable_by(user).filter(pk__in=steps).lock()
        found = {task.pk: task for task in rows}
        outcomes = {key: _restore(task, steps[key], user, by) for key, task in found.items()}
        outcomes |= _not_found([key for key in steps if key not in found], user)
        _remove_unused([step["project"] for step in batch.steps if "project" in step], user, by)
        batch.undone_at = timezone.now()
        batch.save(update_fields=["undone_at"])
    return Done(tuple(outcomes[key] for key in steps), None)


def _remove_unused(projects: Iterable[str], user: User, by: Actor) -> None:
    for project in Project.objects.owned_by(user).filter(pk__in=list(projects)):
        if not project.is_used():
            project.trash(by)


def _restore(task: Task, columns: Mapping[str, list[Any]], user: User, by: Actor) -> Outcome:
    if task.parent_id is not None:
        task.refresh_from_db()
    values = {name: [_field(name).to_python(value) for value in pair] for name, pair in columns.items()}
    trashed = values.pop("deleted_at", None)
    if trashed is not None:
        return _out_of_or_into_the_trash(task, was_added=trashed[1] is None, by=by)
    if (
        "project_id" in values
        and not Project.objects.editable_by(user).filter(pk=values["project_id"][0]).exists()
    ):
        return Outcome(
            task.pk, task.title, "refused", task.version, _("You may not add to its project any more.")
        )
    if any(getattr(task, name) != after for name, (_before, after) in values.items()):
        return Outcome(task.pk, task.title, "stale", task.version, _("It was changed again since."))
    try:
        with transaction.atomic():
            task.change(by, **{name: before for name, (before, _after) in values.items()})
    except StaleTask:
        return Outcome(task.pk, task.title, "stale", task.version, _("It was changed again since."))
    return Outcome(task.pk, task.title, "changed", task.version)


@cache
def _field(column: str) -> Field[Any, Any]:
    return next(field for field in Task._meta.concrete_fields if field.attname == column)


def _out_of_or_into_the_trash(task: Task, was_added: bool, by: Actor) -> Outcome:
    if was_added == (task.deleted_at is not None):
        return Outcome(task.pk, task.title, "unchanged", task.version)
    if was_added and task.series is not None:
        task.series.end(by)
        task.refresh_from_db()
    if was_added:
        task.trash(by)
    else:
        task.restore(by)
    return Outcome(task.pk, task.title, "changed", task.version)
