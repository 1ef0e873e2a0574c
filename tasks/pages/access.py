"""Who may see and change what a page is about: what a person cannot see does not exist for them."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import F, Model, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.models import User
from tasks.models import Project, RecurringTask, Task
from tasks.models.recurring_queryset import RecurringTaskQuerySet
from tasks.models.task_queryset import WRITE_ROLES

Row = TypeVar("Row", bound=Model)
SHOWN = ("project", "owner", "assignee", "parent", "recurring_task")  # what the page of a task shows besides


def task_to_see(user: User, pk: UUID) -> tuple[Task, bool]:
    """A task, and whether this person may change it. Raises Http404."""
    tasks = Task.objects.visible_to(user).annotate(role=F("project__memberships__role"))
    task = get_object_or_404(tasks.select_related(*SHOWN), pk=pk)
    return task, task.role in WRITE_ROLES  # type: ignore[attr-defined]  # annotated


def task_to_look_up(user: User, pk: UUID) -> tuple[Task, bool]:
    """As ``task_to_see``; a task in the trash is there, too, for whoever may restore it. Raises Http404."""
    tasks = Task.objects.filter(project__memberships__user=user).annotate(
        role=F("project__memberships__role")
    )
    task = get_object_or_404(tasks.select_related(*SHOWN), pk=pk)
    can_edit = task.role in WRITE_ROLES  # type: ignore[attr-defined]  # annotated
    if task.deleted_at is not None and not can_edit:
        raise Http404
    return task, can_edit


def task_to_change(user: User, pk: UUID) -> Task:
    """A task, read under its lock. Raises Http404, or PermissionDenied where a person may only look."""
    try:
        return Task.objects.editable_by(user).get_current(pk)
    except Task.DoesNotExist:
        raise _refusal(Task.objects.visible_to(user).filter(pk=pk)) from None


def task_to_comment(user: User, pk: UUID) -> Task:
    """A task, read under its lock; whoever sees it may comment on it. Raises Http404."""
    try:
        return Task.objects.visible_to(user).get_current(pk)
    except Task.DoesNotExist:
        raise Http404 from None


def series_to_see(user: User, pk: UUID) -> tuple[RecurringTask, bool]:
    """A recurring task, and whether this person may change it. Raises Http404."""
    rows = RecurringTask.objects.visible_to(user).annotate(role=F("project__memberships__role"))
    series = get_object_or_404(rows.select_related("project", "owner"), pk=pk)
    return series, series.role in WRITE_ROLES  # type: ignore[attr-defined]  # annotated


def series_to_change(user: User, pk: UUID) -> RecurringTask:
    """A recurring task, read under its lock. Raises Http404 or PermissionDenied."""
    return _series(RecurringTask.objects.editable_by(user).locked(), user, pk)


def series_to_end(user: User, pk: UUID) -> RecurringTask:
    """As ``series_to_change``, not locked yet: a series that ends locks its tasks before itself."""
    return _series(RecurringTask.objects.editable_by(user), user, pk)


def _series(editable: RecurringTaskQuerySet, user: User, pk: UUID) -> RecurringTask:
    series = editable.select_related("project").filter(pk=pk).first()
    if series is None:
        raise _refusal(RecurringTask.objects.visible_to(user).filter(pk=pk))
    return series


def project_to_see(user: User, pk: UUID) -> tuple[Project, str]:
    """A project, and this person's role in it. Raises Http404."""
    rows = Project.objects.visible_to(user).annotate(role=F("memberships__role"))
    project = get_object_or_404(rows.select_related("owner"), pk=pk)
    return project, project.role  # type: ignore[attr-defined]  # annotated


def project_to_change(user: User, pk: UUID) -> Project:
    """A project that this person owns. Raises Http404 or PermissionDenied."""
    project = Project.objects.owned_by(user).filter(pk=pk).first()
    if project is None:
        raise _refusal(Project.objects.visible_to(user).filter(pk=pk))
    return project


def _refusal(visible: QuerySet[Row]) -> Exception:
    """Why something cannot be changed: one may only look at it, or it does not exist for this person."""
    return PermissionDenied() if visible.exists() else Http404()
