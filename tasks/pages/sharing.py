"""Sharing a project: its members, inviting others, and what becomes of an invitation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actor import Actor
from accounts.requests import SignedInRequest
from tasks import inviting
from tasks.models import Invitation, Membership, Project, Role
from tasks.pages.access import project_to_change, project_to_see
from tasks.pages.answers import tell
from tasks.pages.properties import UNPROCESSABLE


class InviteForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("Invite by email"),
        widget=forms.EmailInput({"autocomplete": "off", "placeholder": "name@example.com"}),
        error_messages={"required": gettext_lazy("Give the address of whom you invite.")},
    )
    role = forms.ChoiceField(
        label=gettext_lazy("As"),
        choices=[(role.value, role.label) for role in (Role.EDITOR, Role.VIEWER, Role.OWNER)],
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sharing(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Who is in a project. Its owners invite others here."""
    if request.method == "POST":
        return _invite(request, pk)
    found, role = project_to_see(request.user, pk)
    if found.is_inbox:
        raise Http404
    return _page(request, found, role, InviteForm())


def _invite(request: SignedInRequest, pk: UUID) -> HttpResponse:
    project, form = project_to_change(request.user, pk), InviteForm(request.POST)
    if form.is_valid():
        try:
            inviting.invite(project, **form.cleaned_data, by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        except inviting.NotSent as error:
            form.add_error(None, str(error))
        else:
            tell(request, _("Invited %(email)s") % {"email": form.cleaned_data["email"]})
            return redirect("tasks:project-sharing", pk)
    return _page(request, project, Role.OWNER, form, UNPROCESSABLE)


def _page(
    request: SignedInRequest, project: Project, role: str, form: InviteForm, status: int = 200
) -> HttpResponse:
    members = list(Membership.objects.for_page(project))
    is_owner = role == Role.OWNER
    context = {
        "project": project,
        "members": members,
        "mine": next(member for member in members if member.user_id == request.user.pk),
        "is_owner": is_owner,
        "is_last_owner": is_owner and sum(member.role == Role.OWNER for member in members) == 1,
        "roles": Role,
        "invitations": Invitation.objects.open().filter(project=project) if is_owner else (),
        "form": form,
    }
    return render(request, "tasks/project/sharing.html", context, status=status)


# --- Members -------------------------------------------------------------------------------------------


def _member(project: Project, user: UUID) -> Membership:
    members = Membership.objects.select_related("user", "project__owner")
    return get_object_or_404(members, project=project, user=user)


@contextmanager
def _telling_refusals(request: HttpRequest) -> Iterator[None]:
    """Say in a toast why something cannot be done."""
    try:
        yield
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))


@login_required
@require_POST
def member_role(request: SignedInRequest, pk: UUID, user: UUID) -> HttpResponse:
    member = _member(project_to_change(request.user, pk), user)
    role = request.POST.get("role", "")
    if role not in Role.values:
        raise Http404
    with _telling_refusals(request):
        member.change_role(role, Actor.of(request.user, "web"))
        words = {"name": member.user.get_full_name(), "role": Role(role).label}
        tell(request, _("%(name)s: %(role)s") % words)
    return redirect("tasks:project-sharing", pk)


@login_required
@require_POST
def member_hand_over(request: SignedInRequest, pk: UUID, user: UUID) -> HttpResponse:
    """Make another member the owner in one's own place."""
    project = project_to_change(request.user, pk)
    to, mine = _member(project, user), _member(project, request.user.pk)
    if to == mine:
        raise PermissionDenied
    mine.hand_over(to, Actor.of(request.user, "web"))
    tell(request, _("%(name)s owns the project now") % {"name": to.user.get_full_name()})
    return redirect("tasks:project-sharing", pk)


@login_required
@require_POST
def member_remove(request: SignedInRequest, pk: UUID, user: UUID) -> HttpResponse:
    """Take somebody out of a project; everybody may leave."""
    is_leaving = user == request.user.pk
    project = project_to_see(request.user, pk)[0] if is_leaving else project_to_change(request.user, pk)
    if project.is_inbox:
        raise PermissionDenied
    with _telling_refusals(request):
        member = _member(project, user)
        member.end(Actor.of(request.user, "web"))
        if is_leaving:
            tell(request, _("You left “%(name)s”") % {"name": project.name})
            return redirect("tasks:projects")
        tell(request, _("%(name)s is no longer a member") % {"name": member.user.get_full_name()})
    return redirect("tasks:project-sharing", pk)


# --- Invitations ---------------------------------------------------------------------------------------


@login_required
@require_POST
def invitation_revoke(request: SignedInRequest, pk: UUID, invitation: UUID) -> HttpResponse:
    project = project_to_change(request.user, pk)
    found = get_object_or_404(Invitation.objects.open(), project=project, pk=invitation)
    if not found.revoke(Actor.of(request.user, "web")):
        raise Http404
    tell(request, _("Took the invitation of %(email)s back") % {"email": found.email})
    return redirect("tasks:project-sharing", pk)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """What the link in the mail leads to. To accept takes both the link and an account with the invited address."""
    found = Invitation.objects.with_secret(secret)
    if found is None:
        return render(request, "tasks/invitation/over.html", status=404)
    if request.method == "POST":
        return _accept(cast(SignedInRequest, request), found)
    is_mine = request.user.is_authenticated and found.is_for(request.user)
    context = {"invitation": found, "is_mine": is_mine, "way_back": request.path}
    return render(request, "tasks/invitation/page.html", context)


@login_required
def _accept(request: SignedInRequest, found: Invitation) -> HttpResponse:
    try:
        found.accept(request.user)
    except ValidationError:  # somebody else was quicker: taken back, or accepted in another tab
        return render(request, "tasks/invitation/over.html", status=404)
    tell(request, _("You are a member of “%(name)s” now") % {"name": found.project.name})
    return redirect("tasks:project", found.project_id)
