"""Several lines at once: what each would become is shown first; those that stay ticked are added together.

Pasting lines into quick add opens the preview in a dialog; without a script it is a page with a large field.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actor import Actor
from accounts.requests import SignedInRequest
from tasks.capture import Destinations
from tasks.many import MOST, keep_added
from tasks.models import Project, Task
from tasks.pages.answers import Undo, tell, way_back
from tasks.pages.bulk import answer_many
from tasks.pages.quick_add import UNPROCESSABLE, Line

BULLETS: Final = (
    "- [ ] ",
    "* [ ] ",
    "- ",
    "* ",
    "• ",
    "– ",
)  # what lists in mails and notes begin lines with


@dataclass
class Several:
    """The lines of a form. ``pattern`` carries the page's project and date."""

    lines: list[Line]
    pattern: Line
    left_out: int = 0  # lines beyond what can be added at once
    made: list[Project] = field(default_factory=list)  # projects that adding them made

    @classmethod
    def of(cls, request: SignedInRequest, texts: list[str]) -> Several:
        """Raises Http404 for a project that the person may not add to."""
        pattern = Line.of(request.user, request.POST.dict())
        destinations = Destinations(request.user)
        filled = [text for text in map(_without_bullet, texts) if text]
        lines = [Line(text, request.user, pattern.project, pattern.due) for text in filled[:MOST]]
        for line in lines:
            line.destinations = destinations
        return cls(lines, pattern, max(0, len(filled) - MOST))

    def add(self, by: Actor) -> list[Task]:
        """Add all of them or none. Raises ValidationError with the line that cannot be added."""
        with transaction.atomic():
            return [self._add(line, by) for line in self.lines]

    def _add(self, line: Line, by: Actor) -> Task:
        try:
            # A project that an earlier line made is there for the later ones.
            if line.makes_project:
                line.destinations = Destinations(line.reader)
            makes_project = line.makes_project
            task = line.save(by)
        except ValidationError as error:
            line.error = " ".join(error.messages)
            raise
        if makes_project:
            self.made.append(task.project)
        return task


def _without_bullet(text: str) -> str:
    text = " ".join(text.split())
    bullet = next((bullet for bullet in BULLETS if text.startswith(bullet)), "")
    return text.removeprefix(bullet)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def lines(request: SignedInRequest) -> HttpResponse:
    """The page with a large field; with ``text`` what each of its lines says."""
    several = Several.of(request, request.POST.get("text", "").splitlines())
    return _show(request, several)


def _show(request: SignedInRequest, several: Several, status: int = 200) -> HttpResponse:
    number = len(several.lines)
    context = {
        "several": several,
        "heading": ngettext("Add %(number)d task", "Add %(number)d tasks", number) % {"number": number},
        "most": MOST,
        "next": way_back(request),
    }
    template = "tasks/_lines.html" if request.htmx else "tasks/lines.html"
    return render(request, template, context, status=status)


@login_required
@require_POST
def lines_add(request: SignedInRequest) -> HttpResponse:
    """Add the lines that are ticked, all or none; one undo moves them to the trash, and takes back new projects."""
    several = Several.of(request, request.POST.getlist("line"))
    by = Actor.of(request.user, "web")
    try:
        with transaction.atomic():
            tasks = several.add(by)
            batch = keep_added(tasks, request.user, several.made) if tasks else None
    except ValidationError:
        return _show(request, several, UNPROCESSABLE)
    number = len(tasks)
    words = ngettext("Added %(number)d task", "Added %(number)d tasks", number) % {"number": number}
    if batch is None:
        tell(request, _("Nothing was ticked, so nothing was added."))
    else:
        tell(request, words, Undo(reverse("tasks:bulk-undo", args=[batch.pk])))
    return answer_many(request)
