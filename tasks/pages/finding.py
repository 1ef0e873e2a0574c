"""All tasks: filtered, searched and sorted by the query of the address."""

from __future__ import annotations

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
from tasks.pages.filters import ANY_STATUS, FilterForm
from tasks.pages.rows import Group, for_rows, rows_of

PAGE_SIZE = 50


@login_required
@require_safe
def find(request: SignedInRequest) -> HttpResponse:
    """A form that was sent by htmx gets the whole page, too; its address is then pushed without empty fields."""
    reader, now = request.user, timezone.now()
    form = FilterForm(request.GET, reader, now)
    found = form.apply(Task.objects.visible_to(reader))
    page = Paginator(for_rows(found), PAGE_SIZE).get_page(request.GET.get("page"))
    rows = rows_of(page, reader, now)
    number = page.paginator.count
    context = {
        "form": form,
        "chips": list(form.chips()),
        "groups": [Group("found", _("Tasks"), rows, total=number)] if rows else [],
        "page": page,
        "subtitle": ngettext("%(number)d task", "%(number)d tasks", number) % {"number": number},
        "any_status": _also_completed(form),
    }
    response = render(request, "tasks/all.html", context)
    if request.htmx.trigger == "filter":
        push_url(response, request.path + form.query_without().removesuffix("?"))
    return response


def _also_completed(form: FilterForm) -> str:
    """The query that searches the completed tasks, too, for a search that leaves them out."""
    wanted = form.wanted
    if "q" not in wanted or wanted.get("status") or wanted.get("view") or form.searched.about_status:
        return ""
    return f"{form.query_without()}&status={ANY_STATUS}"
