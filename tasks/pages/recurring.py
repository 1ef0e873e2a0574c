"""The pages of recurring tasks: all of them, one with its next dates, a new one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actor import Actor
from accounts.requests import SignedInRequest
from tasks.models import RecurringTask
from tasks.models.task_queryset import WRITE_ROLES
from tasks.pages.access import series_to_change, series_to_end, series_to_see
from tasks.pages.answers import tell, way_back
from tasks.pages.conflicts import compare, shown
from tasks.pages.presented import ShownSeries
from tasks.pages.properties import CONFLICT, UNPROCESSABLE
from tasks.pages.recurring_forms import SeriesForm

LIMIT = 200  # rows of the list


@login_required
@require_safe
def recurring(request: SignedInRequest) -> HttpResponse:
    """Every series that a person sees, the next due first, paused ones last."""
    found = RecurringTask.objects.visible_to(request.user).annotate(role=F("project__memberships__role"))
    ordered = found.select_related("project").order_by(
        "-is_active", F("next_due_at").asc(nulls_last=True), "pk"
    )
    rows = [
        (ShownSeries(series), series.role in WRITE_ROLES)  # type: ignore[attr-defined]  # annotated
        for series in ordered[:LIMIT]
    ]
    paused = sum(not shown_series.series.is_active for shown_series, _can_edit in rows)
    context = {"rows": rows, "subtitle": _subtitle(len(rows), paused)}
    return render(request, "tasks/recurring/list.html", context)


def _subtitle(number: int, paused: int) -> str:
    rules = ngettext("%(n)d rule", "%(n)d rules", number) % {"n": number}
    return _("%(rules)s, %(paused)d paused") % {"rules": rules, "paused": paused} if paused else rules


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def recurring_new(request: SignedInRequest) -> HttpResponse:
    if request.method != "POST":
        return _ask(request, SeriesForm(request.user))
    form = SeriesForm(request.user, data=request.POST)
    if form.is_valid():
        series = form.draft()
        try:
            series.begin(Actor.of(request.user, "web"))
        except ValidationError as error:
            _blame(form, error)
        else:
            tell(request, _("“%(title)s” repeats from now on") % {"title": series.title})
            return redirect("tasks:recurring-detail", series.pk)
    return _ask(request, form, status=UNPROCESSABLE)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def recurring_detail(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """One series: its next dates and, for those who may change it, its form."""
    if request.method == "POST":
        return _save(request, pk)
    series, can_edit = series_to_see(request.user, pk)
    form = SeriesForm(request.user, series) if can_edit else None
    return _show(request, series, form, shown(form.current()) if form else "")


def _save(request: SignedInRequest, pk: UUID) -> HttpResponse:
    seen = request.POST.get("seen", "")
    with transaction.atomic():
        series = series_to_change(request.user, pk)
        form = SeriesForm(request.user, series, request.POST)
        if not form.is_valid():
            return _show(request, series, form, seen, UNPROCESSABLE)
        current = form.current()
        comparison = compare(seen, current, form.values())
        if comparison.conflicts:
            return _show(request, series, form, shown(current), CONFLICT)
        try:
            with transaction.atomic():
                series.revise(**form.columns(comparison.changed))
        except ValidationError as error:
            _blame(form, error)
            series.refresh_from_db()  # what was refused is on the instance
            return _show(request, series, form, seen, UNPROCESSABLE)
    tell(request, _("Saved. Tasks that exist already stay as they are."))
    return redirect("tasks:recurring-detail", pk)


def _blame(form: SeriesForm, error: ValidationError) -> None:
    """Put what the model refuses beside the field that it is about."""
    places = {"rrule": "words", "start_date": "start", "start_time": "time", "end_date": "until"}
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        place = places.get(name, name)
        form.add_error(place if place in form.fields else None, errors)


def _show(
    request: SignedInRequest, series: RecurringTask, form: SeriesForm | None, seen: str, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "series": series,
        "page": ShownSeries(series),
        "can_edit": form is not None,
        "form": form,
        "seen": seen,
        "is_conflict": status == CONFLICT,
    }
    return render(request, "tasks/recurring/detail.html", context, status=status)


def _ask(request: SignedInRequest, form: SeriesForm, status: int = 200) -> HttpResponse:
    return render(request, "tasks/recurring/new.html", {"form": form}, status=status)


@login_required
@require_safe
def recurring_preview(request: SignedInRequest) -> HttpResponse:
    """The next dates of the rule that the form of a series states at the moment."""
    form = SeriesForm(request.user, data=request.GET)
    form.is_valid()
    has_rule = hasattr(form, "repetition")
    dates = ShownSeries(form.draft()).outlook() if has_rule else []
    return render(request, "tasks/recurring/_dates.html", {"dates": dates, "errors": not has_rule})


# --- What can be done with a series --------------------------------------------------------------------


@login_required
@require_POST
def recurring_skip(request: SignedInRequest, pk: UUID) -> HttpResponse:
    with transaction.atomic():
        series = series_to_change(request.user, pk)
        skipped = ShownSeries(series).next_due
        series.skip_next()
    if skipped:
        tell(request, _("“%(title)s” leaves out %(date)s") % {"title": series.title, "date": skipped})
    return redirect(way_back(request, "tasks:recurring"))


@login_required
@require_POST
def recurring_pause(request: SignedInRequest, pk: UUID) -> HttpResponse:
    with transaction.atomic():
        series = series_to_change(request.user, pk)
        series.pause()
    tell(request, _("Paused “%(title)s”") % {"title": series.title})
    return redirect(way_back(request, "tasks:recurring"))


@login_required
@require_POST
def recurring_resume(request: SignedInRequest, pk: UUID) -> HttpResponse:
    with transaction.atomic():
        series = series_to_change(request.user, pk)
        series.resume()
    tell(request, _("“%(title)s” goes on") % {"title": series.title})
    return redirect(way_back(request, "tasks:recurring"))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def recurring_end(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Ask whether a series should end, and end it."""
    if request.method != "POST":
        series, can_edit = series_to_see(request.user, pk)
        if not can_edit:
            raise PermissionDenied
        return render(request, "tasks/recurring/end.html", {"series": series})
    with transaction.atomic():
        series = series_to_end(request.user, pk)
        series.end(Actor.of(request.user, "web"))
    tell(request, _("“%(title)s” does not repeat any more") % {"title": series.title})
    return redirect("tasks:recurring")
