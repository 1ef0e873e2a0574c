"""What happened to a project itself: who joined, left and was invited. Its members see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.requests import SignedInRequest
from events.history import Told
from events.models import ProjectEventLog
from tasks.models import Invitation, Project, Role

PAGE_SIZE: Final = 50
LOOKS: Final = {
    "project.member.added": ("user-plus", "ok"),
    "project.member.changed": ("shield-check", "info"),
    "project.member.removed": ("log-out", "warn"),
    "project.handed_over": ("key-round", "info"),
    "project.invitation.sent": ("mail", "neutral"),
    "project.invitation.revoked": ("x", "neutral"),
    "project.deleted": ("trash-2", "danger"),
}


def tell(rows: Sequence[ProjectEventLog]) -> Iterator[Told]:
    """The entries for these rows. The addresses of invitations are looked up: events do not carry them."""
    keys = {row.data["invitation_id"] for row in rows if row.data.get("invitation_id")}
    addresses = {
        str(pk): email for pk, email in Invitation.objects.filter(pk__in=keys).values_list("pk", "email")
    }
    for row in rows:
        yield Told(row, _sentence(row, addresses), *LOOKS[row.type])


def _sentence(row: ProjectEventLog, addresses: Mapping[str, str]) -> str:
    said = row.data
    words = {
        "name": said.get("member_name", ""),
        "role": _role(said.get("role")),
        "owner": said.get("owner_name", ""),
    }
    words["email"] = addresses.get(said.get("invitation_id") or "", _("somebody"))
    if row.type == "project.member.changed":
        change = said["changes"]["role"]
        words |= {"before": _role(change["from"]), "after": _role(change["to"])}
    return _wording(row, said) % words


def _wording(row: ProjectEventLog, said: Mapping[str, Any]) -> str:
    is_own_doing = str(row.actor_id) == said.get("member_id")
    if row.type == "project.member.added":
        return _("joined as: %(role)s") if is_own_doing else _("added %(name)s as: %(role)s")
    if row.type == "project.member.removed":
        return _("left the project") if is_own_doing else _("removed %(name)s")
    return {
        "project.member.changed": _("changed the role of %(name)s from %(before)s to %(after)s"),
        "project.handed_over": _("handed the project over to %(owner)s"),
        "project.invitation.sent": _("invited %(email)s as: %(role)s"),
        "project.invitation.revoked": _("took the invitation of %(email)s back"),
    }.get(row.type, _("deleted the project"))


def _role(word: str | None) -> str:
    return str(Role(word).label) if word else ""


@require_safe
@login_required
def project_history(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Rights are those of now: who left the project sees nothing of it any more."""
    project = get_object_or_404(Project.objects.visible_to(request.user), pk=pk)
    rows = ProjectEventLog.objects.filter(project_id=project.pk).order_by("-id").defer("envelope")
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) <= 18:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    context = {
        "project": project,
        "entries": list(tell(shown)),
        "older": shown[-1].pk if len(found) > PAGE_SIZE else None,
        "is_first": not before,
    }
    return render(request, "events/project_history.html", context)
