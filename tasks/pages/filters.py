"""The filters of All tasks: a form whose fields are the query of the address."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import F, OrderBy
from django.http import QueryDict
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from tasks.models import Priority, Project, Status
from tasks.models.task_queryset import TaskQuerySet
from tasks.pages.dates import DateField
from tasks.search import Casefold
from tasks.wording import day_words, priority_rank

SEARCH_LENGTH = 200  # characters
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
CHOICES = {"status": STATUSES, "due": DUE, "repeats": REPEATS}
LATEST_FIRST = {"-created_at", "-updated_at"}


@dataclass(frozen=True)
class Chip:
    """A filter in words, and the query without it."""

    icon: str
    label: str
    query: str


class FilterForm(forms.Form):
    """What the address asks for. A value that makes no sense is named beside its field and filters nothing."""

    q = forms.CharField(label=_("Search"), max_length=SEARCH_LENGTH, required=False)
    status = forms.ChoiceField(label=_("Status"), choices=STATUSES, required=False)
    priority = forms.MultipleChoiceField(
        label=_("Priority"), choices=PRIORITIES, required=False, widget=forms.CheckboxSelectMultiple
    )
    project = forms.ModelChoiceField(
        label=_("Project"), queryset=Project.objects.none(), required=False, empty_label=_("Any project")
    )
    tag = forms.CharField(label=_("Tag"), max_length=60, required=False)
    due = forms.ChoiceField(label=_("Due"), choices=DUE, required=False)
    due_from = DateField(label=_("Due from"), required=False)
    due_to = DateField(label=_("Due to"), required=False)
    repeats = forms.ChoiceField(label=_("Repeats"), choices=REPEATS, required=False)
    sort = forms.ChoiceField(label=_("Sort by"), choices=SORTS, required=False)

    def __init__(self, query: QueryDict, reader: User, now: datetime) -> None:
        super().__init__(query, auto_id="filter-%s")
        self.query, self.reader, self.now = query, reader, now
        projects = self.fields["project"]
        if isinstance(projects, forms.ModelChoiceField):
            projects.queryset = Project.objects.visible_to(reader)

    def clean_tag(self) -> str:
        return str(self.cleaned_data["tag"]).removeprefix("@")

    @property
    def wanted(self) -> dict[str, Any]:
        """What was asked for and makes sense."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    # --- Which tasks ---------------------------------------------------------------------------------

    def apply(self, tasks: TaskQuerySet) -> TaskQuerySet:
        wanted = self.wanted
        tasks = self._with_status(tasks, wanted.pop("status", ""))
        for name, value in wanted.items():
            if name in FILTERS:
                tasks = FILTERS[name](self, tasks, value)
        return tasks.order_by(*_order(wanted.get("sort", "")))

    def _with_status(self, tasks: TaskQuerySet, status: str) -> TaskQuerySet:
        if status == ANY_STATUS:
            return tasks
        return tasks.filter(status=status) if status else tasks.open()

    def _with_due(self, tasks: TaskQuerySet, due: str) -> TaskQuerySet:
        match due:
            case "overdue":
                return tasks.overdue(self.now)
            case "soon":
                return tasks.due_soon(self.now)
            case "none":
                return tasks.filter(due_date=None)
            case "week":
                return tasks.due_before(self._midnight(self.reader.today(self.now) + timedelta(days=7)))
            case _:
                return tasks.due_until_end_of(self.reader, self.now)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.reader.zone)

    # --- In words ------------------------------------------------------------------------------------

    def chips(self) -> Iterator[Chip]:
        """What is filtered by, for people, each with the query that leaves it out."""
        for name, value in self.wanted.items():
            if name in WORDS:
                icon, words = WORDS[name]
                yield Chip(icon, words(self, name, value), self.query_without(name))

    def query_without(self, *names: str) -> str:
        """The address's query without some filters, without the page and without what is empty."""
        kept = self.query.copy()
        for name in [name for name in kept if name in {*names, "page"} or not any(kept.getlist(name))]:
            del kept[name]
        return f"?{kept.urlencode()}" if kept else "?"

    def _choice(self, name: str, value: str) -> str:
        return str(dict(CHOICES[name])[value])


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


FILTERS: dict[str, Callable[[FilterForm, TaskQuerySet, Any], TaskQuerySet]] = {
    "q": lambda form, tasks, words: tasks.search(words),
    "priority": lambda form, tasks, ranks: tasks.filter(
        priority__in=[Priority.URGENT + 1 - int(rank) for rank in ranks]
    ),
    "project": lambda form, tasks, project: tasks.filter(project=project),
    "tag": lambda form, tasks, tag: tasks.tagged(tag),
    "due": FilterForm._with_due,
    "due_from": lambda form, tasks, day: tasks.due_from(form._midnight(day)),
    "due_to": lambda form, tasks, day: tasks.due_before(form._midnight(day + timedelta(days=1))),
    "repeats": lambda form, tasks, answer: tasks.recurring(answer == "yes"),
}
WORDS: dict[str, tuple[str, Callable[[FilterForm, str, Any], str]]] = {
    "q": ("search", lambda form, name, value: f"“{value}”"),
    "status": ("circle-dot", FilterForm._choice),
    "priority": (
        "flag",
        lambda form, name, ranks: (
            gettext("Priority %(ranks)s") % {"ranks": gettext(" or ").join(sorted(ranks))}
        ),
    ),
    "project": ("folder", lambda form, name, project: project.name),
    "tag": ("tag", lambda form, name, tag: f"@{tag}"),
    "due": (
        "calendar",
        lambda form, name, value: gettext("Due: %(when)s") % {"when": form._choice(name, value).lower()},
    ),
    "due_from": ("calendar", lambda form, name, day: gettext("Due from %(day)s") % {"day": day_words(day)}),
    "due_to": ("calendar", lambda form, name, day: gettext("Due to %(day)s") % {"day": day_words(day)}),
    "repeats": ("repeat", FilterForm._choice),
}
