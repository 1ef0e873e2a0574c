"""The command palette: one list of tasks, places and commands that match what was typed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.requests import SignedInRequest
from tasks.models import Project, SavedFilter, Task
from tasks.sidebar import address_of

LENGTH = 200  # characters of what is looked for; no title is longer
TASKS, PROJECTS = 6, 6  # shown at most; the search page has them all


@dataclass(frozen=True)
class Command:
    """Somewhere to go (``href``), or what a key does (``keys``, as in ``static/js/shortcuts.js``)."""

    label: str | Promise
    icon: str
    keys: str = ""
    view: str = ""


PLACES: Final = (
    Command(gettext_lazy("Inbox"), "inbox", "g i", "tasks:inbox"),
    Command(gettext_lazy("Today"), "sun", "g t", "tasks:today"),
    Command(gettext_lazy("Upcoming"), "calendar-days", "g u", "tasks:upcoming"),
    Command(gettext_lazy("Recurring"), "repeat", "", "tasks:recurring"),
    Command(gettext_lazy("Completed"), "circle-check", "g c", "tasks:completed"),
    Command(gettext_lazy("All tasks"), "list", "g a", "tasks:all"),
    Command(gettext_lazy("Projects"), "folder", "", "tasks:projects"),
    Command(gettext_lazy("Notifications"), "bell", "", "notifications:list"),
    Command(gettext_lazy("Activity"), "activity", "", "events:activity"),
    Command(gettext_lazy("Statistics"), "chart-column", "", "events:statistics"),
    Command(gettext_lazy("Filters"), "bookmark", "", "tasks:filters"),
    Command(gettext_lazy("Trash"), "trash-2", "", "tasks:trash"),
    Command(gettext_lazy("Settings"), "settings", "", "accounts:settings-profile"),
    Command(gettext_lazy("Time and language"), "globe", "", "accounts:settings-time"),
    Command(gettext_lazy("API tokens"), "key-round", "", "accounts:settings-tokens"),
)
ON_TASK: Final = (
    Command(gettext_lazy("Complete or reopen this task"), "circle-check", "e"),
    Command(gettext_lazy("Set the date of this task"), "calendar", "d"),
    Command(gettext_lazy("Make this task urgent"), "flag", "1"),
    Command(gettext_lazy("Give this task high priority"), "flag", "2"),
    Command(gettext_lazy("Give this task medium priority"), "flag", "3"),
    Command(gettext_lazy("Give this task low priority"), "flag", "4"),
)
COMMANDS: Final = (
    Command(gettext_lazy("Add a task"), "plus", "q"),
    Command(gettext_lazy("Undo"), "undo-2", "z"),
    Command(gettext_lazy("Keyboard shortcuts"), "keyboard", "?"),
)


@dataclass(frozen=True)
class Option:
    """An entry of the list: Enter follows ``href``, or does what ``run`` (a shortcut) does."""

    icon: str
    label: SafeString
    hint: str = ""
    keys: str = ""
    href: str = ""
    run: str = ""


@dataclass(frozen=True)
class Options:
    """A heading and what stands below it."""

    name: str
    title: str
    entries: list[Option]


@login_required
@never_cache
@require_safe
def palette(request: SignedInRequest) -> HttpResponse:
    """What matches ``q``; ``task`` says that the keyboard is on a task. Without a script: the search page."""
    words = " ".join(request.GET.get("q", "").split())[:LENGTH]
    if not request.htmx:
        return redirect(f"{reverse('tasks:all')}?{urlencode({'q': words})}")
    groups = [group for group in _groups(request.user, words, bool(request.GET.get("task"))) if group.entries]
    total = sum(len(group.entries) for group in groups)
    return render(request, "tasks/palette.html", {"palette_groups": groups, "total": total})


def _groups(user: User, words: str, on_task: bool) -> Iterator[Options]:
    if on_task:
        yield Options("task", _("This task"), list(_matching(ON_TASK, words)))
    if words:
        yield Options("tasks", _("Tasks"), list(_tasks(user, words)))
    places = [*_matching(PLACES, words), *_filters(user, words), *_projects(user, words)]
    yield Options("places", _("Go to"), places)
    yield Options("commands", _("Commands"), [*_matching(COMMANDS, words), *_with(words)])


def _matching(commands: Iterable[Command], words: str) -> Iterator[Option]:
    for each in commands:
        if words.casefold() in str(each.label).casefold():
            href = reverse(each.view) if each.view else ""
            run = "" if href else each.keys
            yield Option(each.icon, marked(str(each.label), words), "", each.keys.upper(), href, run)


def _tasks(user: User, words: str) -> Iterator[Option]:
    found = Task.objects.visible_to(user).open().filter(title__has_text=words).select_related("project")
    for task in found.order_by(F("due_date").asc(nulls_last=True), "-pk")[:TASKS]:
        href = reverse("tasks:task", args=[task.pk])
        yield Option("circle", marked(task.title, words), task.project.name, href=href)


def _filters(user: User, words: str) -> Iterator[Option]:
    for saved in SavedFilter.objects.filter(owner=user, name__has_text=words):
        yield Option("bookmark", marked(saved.name, words), href=address_of(saved))


def _projects(user: User, words: str) -> Iterator[Option]:
    found = Project.objects.visible_to(user).filter(is_inbox=False, name__has_text=words)
    for project in found.order_by("name", "pk")[:PROJECTS]:
        yield Option("folder", marked(project.name, words), href=reverse("tasks:project", args=[project.pk]))


def _with(words: str) -> Iterator[Option]:
    """What can be done with any words."""
    if words:
        query = urlencode({"q": words})
        add = format_html(_("Add task “{}”"), words)
        yield Option("plus", add, href=f"{reverse('tasks:quick-add')}?{query}")
        search = format_html(_("Search all tasks for “{}”"), words)
        yield Option("search", search, href=f"{reverse('tasks:all')}?{query}")


def marked(label: str, words: str) -> SafeString:
    """The label with what was looked for marked, in whatever case it stands there."""
    found = re.search(re.escape(words), label, re.IGNORECASE) if words else None
    if found is None:
        return format_html("{}", label)
    start, end = found.span()
    return format_html("{}<mark>{}</mark>{}", label[:start], label[start:end], label[end:])
