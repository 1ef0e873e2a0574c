"""Quick add, second half: what a typed line said becomes a task, a series, and a project where it names a new one."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.models import User
from tasks.models import Membership, Priority, Project, RecurringTask, Task
from tasks.models.reminder import clean_wishes
from tasks.models.tags import clean_tags
from tasks.models.task_queryset import WRITE_ROLES
from tasks.quickadd import Parsed, parse


class Destinations:
    """The projects that a person sees, by name in any case: where ``#name`` leads."""

    def __init__(self, user: User) -> None:
        memberships = Membership.objects.filter(user=user, project__in=Project.objects.visible_to(user))
        # Their own come last and win over shared ones of the same name, and so do those that take tasks.
        found = [
            (each.role in WRITE_ROLES, each.project.owner_id == user.pk, each.project)
            for each in memberships.select_related("project")
        ]
        ranked = sorted(found, key=lambda entry: entry[:2])
        self.names = [project.name for *_rank, project in ranked]
        self._by_name = {project.name.casefold(): (writable, project) for writable, _own, project in ranked}

    def named(self, name: str) -> Project | None:
        """The project of this name, None when there is none.

        Raises ValidationError when there is one, but the person may only look at it.
        """
        writable, project = self._by_name.get(name.casefold(), (True, None))
        if not writable and project is not None:
            raise ValidationError(
                _("You can see “%(name)s”, but not add tasks to it."), params={"name": project.name}
            )
        return project


def read(text: str, user: User, destinations: Destinations) -> Parsed:
    """What a line says now, on this person's calendar."""
    return parse(
        text,
        now=timezone.now(),
        zone=user.zone,
        week_start=user.week_start,
        projects=destinations.names,
        language=user.locale,
    )


def capture(
    parsed: Parsed,
    user: User,
    by: Actor,
    *,
    destinations: Destinations | None = None,
    project: Project | None = None,
    due: date | None = None,
) -> Task:
    """Save what a line said and return the task, for a repeat its first occurrence.

    ``project`` (the Inbox) and ``due`` (none) hold where the line names no project and no date; the caller has
    made sure that the person may add to ``project``. A project that does not exist yet is made.
    Raises ValidationError with sentences for people, and then nothing is saved.
    """
    if parsed.errors:
        raise ValidationError(list(parsed.errors))
    with transaction.atomic():
        if parsed.project is not None:
            project = _project(parsed.project, user, destinations or Destinations(user))
        pattern = _pattern(parsed, project or Project.objects.inbox_of(user))
        if parsed.rule is not None and parsed.start is not None:
            return _begin(parsed.rule, parsed.start, parsed, pattern, user, by)
        task = Task(**pattern, **_due(parsed, due))
        task.owner = task.project.owner
        task.clean_fields(exclude={"project", "owner"})
        task.save(by=by)
        return task


def _project(name: str, user: User, destinations: Destinations) -> Project:
    found = destinations.named(name)
    if found is None:
        found = Project(owner=user, name=name)
        found.full_clean()
        found.save()
    return found


def _pattern(parsed: Parsed, project: Project) -> dict[str, Any]:
    """What a task and a series have in common."""
    return {
        "project": project,
        "title": parsed.title,
        "priority": Priority[parsed.priority.upper()] if parsed.priority else Priority.LOW,
        "tags": clean_tags(parsed.tags),
        "reminders": clean_wishes({"minutes_before": minutes} for minutes in parsed.reminders),
    }


def _due(parsed: Parsed, default: date | None) -> dict[str, Any]:
    if parsed.due is None and default is not None:
        return {"due_date": datetime.combine(default, time(), UTC), "due_all_day": True}
    return {"due_date": parsed.due, "due_all_day": parsed.all_day}


def _begin(
    rule: str, start: datetime, parsed: Parsed, pattern: dict[str, Any], user: User, by: Actor
) -> Task:
    series = RecurringTask(
        **pattern,
        rrule=rule,
        anchor=parsed.anchor,
        start_date=start.date(),
        start_time=None if parsed.all_day else start.time(),
        time_zone=user.time_zone,
    )
    return cast(Task, series.begin(by))  # begin() refuses a rule that has no date left
