"""A change of many tasks in a form that can be kept, and carried to a worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User
from tasks import many
from tasks.many import Change
from tasks.models import Project


@dataclass(frozen=True)
class Wish:
    """``name`` is a key of ``CHANGES``; ``value`` is what JSON has room for."""

    name: str
    value: Any = None

    def change(self, user: User) -> Change:
        """What to do to each task. Raises ValidationError for what this person cannot do (any more)."""
        return CHANGES[self.name](self.value, user)

    @classmethod
    def day(cls, day: date | None) -> Wish:
        return cls("day", day and day.isoformat())

    @classmethod
    def due(cls, due: datetime | None, all_day: bool) -> Wish:
        return cls("due", [due and due.isoformat(), all_day])


def _day(value: str | None, user: User) -> Change:
    return many.set_day(date.fromisoformat(value) if value else None, user)


def _due(value: tuple[str | None, bool], _user: User) -> Change:
    due, all_day = value
    return many.set_due(due_date=datetime.fromisoformat(due) if due else None, due_all_day=all_day)


def _project(value: str, user: User) -> Change:
    project = Project.objects.editable_by(user).filter(pk=value).first()
    if project is None:
        raise ValidationError(_("Choose a project to which you may add tasks."))
    return many.move_to(project)


CHANGES: Final[Mapping[str, Callable[[Any, User], Change]]] = {
    "complete": lambda _value, _user: many.complete,
    "reopen": lambda _value, _user: many.reopen,
    "delete": lambda _value, _user: many.trash,
    "priority": lambda value, _user: many.set_priority(value),
    "day": _day,
    "due": _due,
    "project": _project,
    "add_tag": lambda value, _user: many.add_tag(value),
    "remove_tag": lambda value, _user: many.remove_tag(value),
}
