"""Quick add: one line adds a task. While it is typed, chips show what it says; on submit it is read again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actor import Actor
from accounts.models import User
from accounts.requests import SignedInRequest
from tasks.capture import Destinations, capture, read
from tasks.models import Project, Task
from tasks.pages.answers import announce, tell, way_back
from tasks.quickadd import Parsed
from tasks.recurrence import Rule, Schedule
from tasks.wording import day_words, due_words

LENGTH = 1000  # characters of a line; its title may have 200 of them
NEXT_DATES = 3  # of a repeat, as a preview
UNPROCESSABLE = 422
ICONS = {
    "due": "calendar",
    "repeat": "repeat",
    "project": "folder",
    "tag": "tag",
    "priority": "flag",
    "reminder": "bell",
}


@dataclass(frozen=True)
class ShownChip:
    """A part of the line that was understood. ``start`` is where a backslash turns it back into text."""

    icon: str
    label: str
    start: int
    rank: str = ""


@dataclass
class Line:
    """What a person typed, and what holds where it says nothing: the page's project and date."""

    text: str
    reader: User
    project: Project | None = None
    due: date | None = None
    error: str = ""
    has_focus: bool = False

    @classmethod
    def of(cls, reader: User, data: Mapping[str, str]) -> Line:
        """The line of a form. Raises Http404 for a project that the person may not add to."""
        text = " ".join(data.get("q", "").split())
        due = reader.today() if data.get("due") == "today" else None
        return cls(text[: LENGTH + 1], reader, _project(reader, data.get("project", "")), due)

    @cached_property
    def destinations(self) -> Destinations:
        return Destinations(self.reader)

    @cached_property
    def parsed(self) -> Parsed:
        return read(self.text, self.reader, self.destinations)

    def save(self, by: Actor) -> Task:
        """Add the task. Raises ValidationError."""
        if len(self.text) > LENGTH:
            raise ValidationError(_("This line is too long: it can have %d characters.") % LENGTH)
        return capture(
            self.parsed, self.reader, by, destinations=self.destinations, project=self.project, due=self.due
        )

    def escaped(self, start: int) -> Line:
        """The line with a chip turned back into text."""
        self.text = f"{self.text[:start]}\\{self.text[start:]}"
        self.has_focus = True
        return self

    # --- What it says --------------------------------------------------------------------------------

    @property
    def chips(self) -> Iterator[ShownChip]:
        for chip in self.parsed.chips:
            label = chip.label
            if chip.kind == "project" and self.makes_project:
                label = _("New project %(name)s") % {"name": self.parsed.project}
            rank = label[-1] if chip.kind == "priority" else ""
            yield ShownChip(ICONS[chip.kind], label, chip.start, rank)

    @property
    def title(self) -> str:
        return self.parsed.title

    @property
    def summary(self) -> Iterator[str]:
        """Where it goes, when it is due, and when again."""
        yield self._place
        parsed, due = self.parsed, self.due
        if parsed.due is not None:
            yield due_words(parsed.due, parsed.all_day)
        elif due is not None:
            yield day_words(due)
        if following := self._following():
            yield _("then %(dates)s") % {"dates": ", ".join(following)}

    @property
    def problems(self) -> tuple[str, ...]:
        """What stands in the way of adding it, once there is a title."""
        return self.parsed.errors if self.parsed.title else ()

    @property
    def makes_project(self) -> bool:
        """Whether the project that it names does not exist yet."""
        known = {name.casefold() for name in self.destinations.names}
        return self.parsed.project is not None and self.parsed.project.casefold() not in known

    @property
    def _place(self) -> str:
        if self.parsed.project is not None:
            return self.parsed.project
        return self.project.name if self.project is not None else _("Inbox")

    def _following(self) -> list[str]:
        """The dates after the first, where they do not depend on when it is done."""
        parsed = self.parsed
        if parsed.rule is None or parsed.start is None or parsed.anchor == "completion":
            return []
        schedule = Schedule(Rule.parse(parsed.rule), parsed.start, self.reader.zone)
        return [day_words(timezone.localdate(each)) for each in _some(schedule)]


def _some(schedule: Schedule) -> Iterator[datetime]:
    last = schedule.first()
    for number in range(1, NEXT_DATES + 1):
        last = schedule.after(last, made=number) if last is not None else None
        if last is not None:
            yield last


def _project(reader: User, key: str) -> Project | None:
    if not key:
        return None
    try:
        return get_object_or_404(Project.objects.editable_by(reader), pk=UUID(key))
    except ValueError:
        raise Http404 from None


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def quick_add(request: SignedInRequest) -> HttpResponse:
    """Add a task, or show the page on which to. With htmx the answer is a fresh line, or this one with its error."""
    if request.method != "POST":
        return _page(request, Line.of(request.user, request.GET.dict()))
    line = Line.of(request.user, request.POST.dict())
    try:
        task = line.save(Actor.of(request.user, "web"))
    except ValidationError as error:
        line.error = " ".join(error.messages)
        return _page(request, line, status=UNPROCESSABLE)
    tell(request, _added(task))
    if not request.htmx:
        return redirect(way_back(request))
    fresh = Line("", request.user, line.project, line.due, has_focus=True)
    return announce(render(request, "tasks/_added.html", {"line": fresh}), task)


def _page(request: SignedInRequest, line: Line, status: int = 200) -> HttpResponse:
    """The line on a page of its own; for htmx just the line, in the place of the one that was sent."""
    line.has_focus = True
    if request.htmx:
        return render(request, "tasks/_quick_add.html", {"line": line}, status=status)
    return render(request, "tasks/quick_add.html", {"line": line, "next": way_back(request)}, status=status)


def _added(task: Task) -> str:
    words = {"title": task.title, "project": task.project.name}
    if task.due_date is None:
        return _("Added “%(title)s” to %(project)s") % words
    due = due_words(task.due_date, task.due_all_day)
    return _("Added “%(title)s” to %(project)s, due %(due)s") % {**words, "due": due}


@login_required
@require_POST
def preview(request: SignedInRequest) -> HttpResponse:
    """What a line says, while it is typed. ``escape`` is the place of a chip to turn back into text first."""
    line = Line.of(request.user, request.POST.dict())
    escape = request.POST.get("escape", "")
    if escape.isascii() and escape.isdigit() and int(escape) < len(line.text):
        return _page(request, line.escaped(int(escape)))
    if not request.htmx:
        return _page(request, line)
    return render(request, "tasks/_preview.html", {"line": line})
