"""The filters of a view of tasks: a form whose fields are the query of the address."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, reduce
from operator import and_
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import F, OrderBy, Q
from django.http import QueryDict
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from tasks.filtering import LENGTH, Filter, FilterError, Reader, parse
from tasks.models import Priority, Project, Status
from tasks.models.conditions import (
    is_due_before,
    is_due_from,
    is_due_soon,
    is_open,
    is_overdue,
    repeats,
)
from tasks.models.task_queryset import TaskQuerySet
from tasks.pages.dates import DateField
from tasks.pages.unknown_names import unknown_name
from tasks.search import Casefold
from tasks.wording import day_words, priority_rank

VIEWS = [
    ("", _("All tasks")),
    ("inbox", _("Inbox")),
    ("today", _("Today")),
    ("upcoming", _("Upcoming")),
    ("completed", _("Completed")),
]
ANY_STATUS = "any"
STATUSES = [("", _("Open")), *Status.choices, (ANY_STATUS, _("Any status"))]
PRIORITIES = [
    (str(priority_rank(each)), pgettext_lazy("priority", "P%(rank)d") % {"rank": priority_rank(each)})
    for each in reversed(Priority)
]
DUE = [
    ("", _("Any time")),
    ("overdue", _("Overdue")),
    ("soon", _("Within 24 hours")),
    ("today", _("Today or before")),
    ("week", _("Within 7 days")),
    ("none", _("No date")),
]
REPEATS = [("", _("Either")), ("yes", _("Repeating")), ("no", _("Not repeating"))]
SORTS = [
    ("", _("Due date")),
    ("-priority", _("Priority")),
    ("-created_at", _("Newest first")),
    ("created_at", _("Oldest first")),
    ("-updated_at", _("Last changed")),
    ("title", _("Title")),
]
GROUPS = [
    ("", _("Nothing")),
    ("date", _("Date")),
    ("priority", _("Priority")),
    ("project", _("Project")),
    ("tag", _("Tag")),
    ("status", _("Status")),
]
LAYOUTS = [("", _("List")), ("board", _("Board")), ("calendar", _("Calendar"))]
CHOICES = {"view": VIEWS, "status": STATUSES, "due": DUE, "repeats": REPEATS}
LATEST_FIRST = {"-created_at", "-updated_at"}


@dataclass(frozen=True)
class Chip:
    """A filter in words, and the query without it."""

    icon: str
    label: str
    query: str


class FilterForm(forms.Form):
    """What the address asks for. A value that makes no sense is named beside its field and filters nothing."""

    view = forms.ChoiceField(label=_("View"), choices=VIEWS, required=False)
    q = forms.CharField(label=_("Search"), max_length=LENGTH, required=False, strip=False)
    status = forms.ChoiceField(label=_("Status"), choices=STATUSES, required=False)
    priority = forms.MultipleChoiceField(
        label=_("Priority"), choices=PRIORITIES, required=False, widget=forms.CheckboxSelectMultiple
    )
    project = forms.ChoiceField(label=_("Project"), required=False)
    tag = forms.CharField(label=_("Tag"), max_length=60, required=False)
    due = forms.ChoiceField(label=_("Due"), choices=DUE, required=False)
    due_from = DateField(label=_("Due from"), required=False)
    due_to = DateField(label=_("Due to"), required=False)
    repeats = forms.ChoiceField(label=_("Repeats"), choices=REPEATS, required=False)
    sort = forms.ChoiceField(label=_("Sort by"), choices=SORTS, required=False)
    group = forms.ChoiceField(label=_("Group by"), choices=GROUPS, required=False)
    layout = forms.ChoiceField(label=_("Layout"), choices=LAYOUTS, required=False, widget=forms.HiddenInput())

    problem: FilterError | None = None  # what is wrong in the search field, and where

    def __init__(
        self, query: QueryDict, reader: User, now: datetime, projects: Iterable[Project] | None = None
    ) -> None:
        """``projects`` are those that the person sees, where they are at hand."""
        super().__init__(query, auto_id="filter-%s")
        self.query, self.reader = query, Reader(reader, now)
        self._projects = projects
        choices = self.fields["project"]
        if isinstance(choices, forms.ChoiceField):
            choices.choices = self._project_choices

    def _project_choices(self) -> list[tuple[str, Any]]:
        return [("", _("Any project")), *self.project_names.items()]

    @cached_property
    def project_names(self) -> dict[str, str]:
        """The projects to choose from, by their ids."""
        found = self._projects
        if found is None:
            found = Project.objects.visible_to(self.reader.user)
        return {str(project.pk): project.name for project in found}

    def clean_tag(self) -> str:
        return str(self.cleaned_data["tag"]).removeprefix("@")

    def clean_q(self) -> str:
        text = str(self.cleaned_data["q"])
        try:
            self.searched = parse(text, self.reader)
        except FilterError as error:
            self.problem = error
            raise ValidationError(str(error)) from None
        return text.strip()

    searched = Filter("", ())  # what the search field says

    @property
    def wanted(self) -> dict[str, Any]:
        """What was asked for and makes sense."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def has_wrong_fields(self) -> bool:
        """Whether a field that is folded away has an error."""
        return bool(self.errors.keys() - {"q"})

    def marked(self) -> tuple[str, str, str] | None:
        """The search with its wrong word apart: what stands before it, the word, what stands after it."""
        wrong = self.problem if self.is_bound and not self.is_valid() else self.unknown
        if wrong is None:
            return None
        text = self.data["q"]
        return text[: wrong.start], text[wrong.start : wrong.end], text[wrong.end :]

    @cached_property
    def unknown(self) -> FilterError | None:
        """A name in the search that nothing has."""
        if not self.is_valid():
            return None
        return unknown_name(self.searched, self.reader.user, self.project_names.values())

    # --- Which tasks ---------------------------------------------------------------------------------

    def apply(self, tasks: TaskQuerySet) -> TaskQuerySet:
        return tasks.filter(self.condition()).order_by(*_order(self.wanted.get("sort", "")))

    def condition(self, of_any_status: bool = False) -> Q:
        """What is so of the tasks that are asked for. Without a word on the status they are open."""
        wanted = self.wanted
        status = wanted.get("status")
        parts = [CONDITIONS[name](self.reader, value) for name, value in wanted.items() if name in CONDITIONS]
        if status in Status.values:
            parts.append(Q(status=status))
        elif not (of_any_status or status or self.searched.about_status or wanted.get("view") == "completed"):
            parts.append(is_open())
        return reduce(and_, [*parts, self.searched.condition])

    # --- In words ------------------------------------------------------------------------------------

    def chips(self) -> Iterator[Chip]:
        """What is filtered by, for people, each with the query that leaves it out."""
        for name, value in self.wanted.items():
            if name == "q":
                yield from self._chips_of_search()
            elif name in WORDS:
                icon, words = WORDS[name]
                yield Chip(icon, words(self, name, value), self.query_without(name))

    def _chips_of_search(self) -> Iterator[Chip]:
        for part in self.searched.parts:
            rest = self.searched.without(part)
            query = self.query_with(q=rest) if rest else self.query_without("q")
            yield Chip(part.node.icon, part.node.label, query)

    def query_without(self, *names: str) -> str:
        """The address's query without some filters, without the page and without what is empty."""
        return _query_without(self.query, {*names, "page"})

    def query_with(self, **values: str) -> str:
        """The address's query with other values for some fields; one that is empty is left out."""
        changed = self.query.copy()
        for name, value in values.items():
            changed[name] = value
        return _query_without(changed, {"page"})

    def _choice(self, name: str, value: str) -> str:
        return str(dict(CHOICES[name])[value])


def _query_without(query: QueryDict, names: Collection[str]) -> str:
    kept = query.copy()
    for name in [name for name in kept if name in names or not any(kept.getlist(name))]:
        del kept[name]
    return f"?{kept.urlencode()}" if kept else "?"


def _order(sort: str) -> list[OrderBy | Casefold | str]:
    """How to sort; what has no due date comes last, and equals stand as they were placed."""
    match sort:
        case "title":
            return [Casefold("title"), "pk"]
        case "-priority":
            return ["-priority", F("due_date").asc(nulls_last=True), "position", "pk"]
        case "":
            return [F("due_date").asc(nulls_last=True), "-priority", "position", "pk"]
        case _:
            return [sort, "-pk" if sort in LATEST_FIRST else "pk"]


def _due(reader: Reader, value: str) -> Q:
    tomorrow = reader.midnight(reader.today + timedelta(days=1))
    match value:
        case "overdue":
            return is_overdue(reader.now)
        case "soon":
            return is_due_soon(reader.now)
        case "none":
            return Q(due_date=None)
        case "week":
            return is_due_before(reader.midnight(reader.today + timedelta(days=7)))
        case _:
            return is_due_before(tomorrow)


def _view(reader: Reader, view: str) -> Q:
    tomorrow = reader.midnight(reader.today + timedelta(days=1))
    match view:
        case "inbox":
            return Q(project__is_inbox=True, project__owner=reader.user)
        case "today":
            return is_due_before(tomorrow)
        case "upcoming":
            return is_due_from(tomorrow)
        case _:
            return Q(status=Status.COMPLETED)


CONDITIONS: dict[str, Callable[[Reader, Any], Q]] = {
    "view": _view,
    "priority": lambda reader, ranks: Q(priority__in=[Priority.URGENT + 1 - int(rank) for rank in ranks]),
    "project": lambda reader, project: Q(project=project),
    "tag": lambda reader, tag: Q(tags__has=tag),
    "due": _due,
    "due_from": lambda reader, day: is_due_from(reader.midnight(day)),
    "due_to": lambda reader, day: is_due_before(reader.midnight(day + timedelta(days=1))),
    "repeats": lambda reader, answer: repeats() if answer == "yes" else ~repeats(),
}
WORDS: dict[str, tuple[str, Callable[[FilterForm, str, Any], str]]] = {
    "view": ("list", FilterForm._choice),
    "status": ("circle-dot", FilterForm._choice),
    "priority": (
        "flag",
        lambda form, name, ranks: (
            gettext("Priority %(ranks)s") % {"ranks": gettext(" or ").join(sorted(ranks))}
        ),
    ),
    "project": ("folder", lambda form, name, project: form.project_names[project]),
    "tag": ("tag", lambda form, name, tag: f"@{tag}"),
    "due": (
        "calendar",
        lambda form, name, value: gettext("Due: %(when)s") % {"when": form._choice(name, value).lower()},
    ),
    "due_from": ("calendar", lambda form, name, day: gettext("Due from %(day)s") % {"day": day_words(day)}),
    "due_to": ("calendar", lambda form, name, day: gettext("Due to %(day)s") % {"day": day_words(day)}),
    "repeats": ("repeat", FilterForm._choice),
}
