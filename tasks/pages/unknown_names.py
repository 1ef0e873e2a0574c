"""Names in a filter that nothing has: it finds nothing then, and the page says why, with the nearest name."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import cached_property
from typing import Final

from django.utils.translation import gettext as _

from accounts.models import User
from tasks.filtering import Filter, FilterError, Name
from tasks.models import Project, Task

LATEST: Final = 2000  # tasks whose tags are compared with an unknown one
NEAR: Final = 0.6  # of 1: how alike two names are of which one may be meant


def unknown_name(searched: Filter, user: User, projects: Iterable[str]) -> FilterError | None:
    """The first name that is unknown, as a sentence with its place. ``projects`` are the names that the person sees."""
    known = _Known(user, projects)
    for name in searched.names:
        nearest = known.nearest(name)
        if nearest is not None:
            return FilterError(_sentence(name, nearest), name.start, name.end)
    return None


class _Known:
    """The names that a person can mean. Tags and people are asked for once, where a filter names some."""

    def __init__(self, user: User, projects: Iterable[str]) -> None:
        self.user, self.projects = user, list(projects)

    def nearest(self, name: Name) -> str | None:
        """None for what there is; else the nearest name, or "" where none is near."""
        if name.key == "tag":
            is_known = name.text in self.tags or (self.has_more_tags and self._is_on_a_task(name.text))
            return None if is_known else _nearest(name.text, self.tags)
        wanted = name.text.casefold()
        if name.key == "project":
            is_known = wanted in map(str.casefold, self.projects)
            return None if is_known else _nearest(name.text, self.projects)
        is_known = any(wanted in one.casefold() for one in self.people)
        return None if is_known else _nearest(name.text, self.people)

    @cached_property
    def tags(self) -> set[str]:
        tasks = Task.objects.visible_to(self.user).exclude(tags=[]).order_by("-pk")
        found = list(tasks.values_list("tags", flat=True)[:LATEST])
        self.has_more_tags = len(found) == LATEST
        return {tag for tags in found for tag in tags}

    def _is_on_a_task(self, tag: str) -> bool:
        return Task.objects.visible_to(self.user).tagged(tag).exists()

    @cached_property
    def people(self) -> list[str]:
        """The members of all projects that a person sees."""
        members = User.objects.filter(memberships__project__in=Project.objects.visible_to(self.user))
        return list(members.values_list("display_name", flat=True).distinct())


def _nearest(wanted: str, names: Iterable[str]) -> str:
    spellings = {name.casefold(): name for name in names}
    near = get_close_matches(wanted.casefold(), spellings, n=1, cutoff=NEAR)
    return spellings[near[0]] if near else ""


def _sentence(name: Name, nearest: str) -> str:
    words = {
        "project": (
            _("There is no project “%(name)s”."),
            _("There is no project “%(name)s”; did you mean “%(nearest)s”?"),
        ),
        "tag": (
            _("No task has the tag @%(name)s."),
            _("No task has the tag @%(name)s; did you mean @%(nearest)s?"),
        ),
        "assigned": (
            _("Nobody here is called “%(name)s”."),
            _("Nobody here is called “%(name)s”; did you mean “%(nearest)s”?"),
        ),
    }
    alone, with_nearest = words[name.key]
    return (with_nearest if nearest else alone) % {"name": name.text, "nearest": nearest}
