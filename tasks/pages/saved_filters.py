"""Saved filters: the present view under a name, renamed, deleted."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from accounts.lines import validate_line
from accounts.models import User
from accounts.requests import SignedInRequest
from tasks.models import SavedFilter
from tasks.models.project import Colour
from tasks.models.saved_filter import NAME_LENGTH, QUERY_LENGTH
from tasks.pages.answers import tell
from tasks.pages.properties import UNPROCESSABLE
from tasks.sidebar import address_of


class SavedFilterForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=NAME_LENGTH,
        validators=[validate_line],
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("A filter needs a name.")},
    )
    colour = forms.ChoiceField(label=gettext_lazy("Colour"), choices=Colour.choices, required=False)
    query = forms.CharField(max_length=QUERY_LENGTH, required=False, widget=forms.HiddenInput())

    def save(self, saved: SavedFilter) -> None:
        """Raises ValidationError where a filter of the name exists, or there are too many."""
        saved.name = self.cleaned_data["name"]
        saved.colour = self.cleaned_data["colour"] or saved.colour
        if saved._state.adding:
            saved.query = self.cleaned_data["query"].removeprefix("?")
        saved.full_clean()
        saved.save()


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def filters(request: SignedInRequest) -> HttpResponse:
    """All of them, to rename or delete; a POST saves the view whose query it has."""
    if request.method == "POST":
        return _save(request, SavedFilter(owner=request.user))
    return _page(request)


def _save(request: SignedInRequest, saved: SavedFilter) -> HttpResponse:
    form = SavedFilterForm(request.POST)
    is_new = saved._state.adding
    try:
        if not form.is_valid():
            raise ValidationError([text for texts in form.errors.values() for text in texts])
        with transaction.atomic():
            form.save(saved)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return _page(request, UNPROCESSABLE)
    tell(request, (_("Saved “%(name)s”") if is_new else _("Changed “%(name)s”")) % {"name": saved.name})
    return redirect(address_of(saved) if is_new else "tasks:filters")


def _page(request: SignedInRequest, status: int = 200) -> HttpResponse:
    context = {"saved": SavedFilter.objects.filter(owner=request.user), "colours": Colour.choices}
    return render(request, "tasks/filters.html", context, status=status)


@login_required
@require_POST
def filter_change(request: SignedInRequest, pk: UUID) -> HttpResponse:
    return _save(request, _own(request.user, pk))


@login_required
@require_POST
def filter_delete(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Forget the view; its tasks stay as they are."""
    saved = _own(request.user, pk)
    saved.delete()
    tell(request, _("Deleted “%(name)s”") % {"name": saved.name})
    return redirect("tasks:filters")


@login_required
@require_POST
def filter_place(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Move it in the list: a ``step``, or to between two others."""
    saved, data = _own(request.user, pk), request.POST
    try:
        if data.get("step") in {"up", "down"}:
            saved.step("up" if data["step"] == "up" else "down")
        else:
            before, after = (
                UUID(data[name]) if data.get(name) else None for name in ("before_id", "after_id")
            )
            saved.place(before, after)
    except ValueError:
        return HttpResponseBadRequest(_("There is no such place."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    if not request.htmx:
        return redirect("tasks:filters")
    return trigger_client_event(render(request, "tasks/_told.html"), "filters-changed")


def _own(user: User, pk: UUID) -> SavedFilter:
    return get_object_or_404(SavedFilter, owner=user, pk=pk)
