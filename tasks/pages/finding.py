"""Views of tasks: filtered, searched, sorted, grouped and laid out by the query of the address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe
from django_htmx.http import push_url

from accounts.requests import SignedInRequest
from tasks.models import Task
from tasks.models.task_queryset import TaskQuerySet
from tasks.pages import layouts
from tasks.pages.filters import ANY_STATUS, LAYOUTS, VIEWS, FilterForm
from tasks.pages.rows import LIMIT, Group, for_rows, rows_of
from tasks.pages.whole_view import WholeView

PAGE_SIZE = 50
ICONS = {"": "list", "board": "columns-3", "calendar": "calendar"}
SHOWN_BY_LAYOUT = {"group", "layout", "sort"}  # what changes how tasks are shown, and not which


@login_required
@require_safe
def find(request: SignedInRequest) -> HttpResponse:
    """A form that was sent by htmx gets the whole page, too; its address is then pushed without empty fields."""
    form = FilterForm(request.GET, request.user, timezone.now())
    tasks = Task.objects.visible_to(request.user)
    layout = form.wanted.get("layout", "")
    shown = SHOWN[layout](form, tasks, request.GET.get("page"))
    number = shown["number"]
    context = {
        "form": form,
        "chips": list(form.chips()),
        "heading": _heading(form),
        "layout": layout,
        "layouts": [
            (str(label), ICONS[name], form.query_with(layout=name), name == layout) for name, label in LAYOUTS
        ],
        "subtitle": ngettext("%(number)d task", "%(number)d tasks", number) % {"number": number},
        "any_status": _also_completed(form),
        "query": form.query_without(),
        **shown,
    }
    response = render(request, "tasks/all.html", context)
    if request.htmx.trigger == "filter":
        push_url(response, request.path + form.query_without().removesuffix("?"))
    return response


def _list(form: FilterForm, tasks: TaskQuerySet, number: str | None) -> dict[str, Any]:
    """A page of tasks; under headings it is a longer one."""
    by = form.wanted.get("group", "")
    page = Paginator(for_rows(form.apply(tasks)), LIMIT if by else PAGE_SIZE).get_page(number)
    rows = rows_of(page, form.reader.user, form.reader.now)
    total = page.paginator.count
    plain = [Group("found", _("Tasks"), rows, total=total)] if rows else []
    whole = WholeView(form.query_without().removeprefix("?"), form.reader.user, counted=total)
    return {
        "groups": layouts.under_headings(rows, by) if by else plain,
        "page": page,
        "number": total,
        "whole": whole if total > len(rows) else None,
    }


SHOWN: Final[Mapping[str, Callable[[FilterForm, TaskQuerySet, str | None], dict[str, Any]]]] = {
    "": _list,
    "board": lambda form, tasks, _page: layouts.board(form, tasks),
    "calendar": lambda form, tasks, _page: layouts.calendar(form, tasks),
}


def _heading(form: FilterForm) -> str:
    """What the view is called where one filter says it all: a list, a tag, a project."""
    wanted = {name: value for name, value in form.wanted.items() if name not in SHOWN_BY_LAYOUT}
    match wanted:
        case {"view": view, **others} if not others:
            return str(dict(VIEWS)[view])
        case {"tag": tag, **others} if not others:
            return f"@{tag}"
        case {"project": project, **others} if not others:
            return form.project_names[project]
    return _("All tasks")


def _also_completed(form: FilterForm) -> str:
    """The query that searches the completed tasks, too, for a search that leaves them out."""
    wanted = form.wanted
    if "q" not in wanted or wanted.get("status") or wanted.get("view") or form.searched.about_status:
        return ""
    return f"{form.query_without()}&status={ANY_STATUS}"
