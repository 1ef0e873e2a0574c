"""The settings pages that are about the person: profile, time and language, API tokens."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import shown_once
from accounts.actor import Actor
from accounts.models import ApiToken, User
from accounts.requests import SignedInRequest
from accounts.settings_forms import ApiTokenForm, ProfileForm, ShortcutsForm, TimeForm


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: SignedInRequest) -> HttpResponse:
    return _edit(request, ProfileForm, "accounts/profile.html", "accounts:settings-profile")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def time_and_language(request: SignedInRequest) -> HttpResponse:
    return _edit(request, TimeForm, "accounts/time.html", "accounts:settings-time")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def shortcuts(request: SignedInRequest) -> HttpResponse:
    """Which keys do what, and whether they do it."""
    return _edit(request, ShortcutsForm, "accounts/shortcuts.html", "accounts:settings-shortcuts")


def _edit(
    request: SignedInRequest,
    form_class: type[ProfileForm | TimeForm | ShortcutsForm],
    template: str,
    view: str,
) -> HttpResponse:
    # Not request.user itself: the page shows that one, and a form puts refused values on its instance, too.
    user = User.objects.get(pk=request.user.pk) if request.method == "POST" else request.user
    form = form_class(request.POST if request.method == "POST" else None, instance=user)
    if request.method == "POST" and form.is_valid():
        user.save(by=Actor.of(request.user, "web"), update_fields=list(form.fields))
        messages.success(request, _("Saved."))
        return redirect(view)
    return render(request, template, {"form": form}, status=422 if form.errors else 200)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def api_tokens(request: SignedInRequest) -> HttpResponse:
    """The tokens and a form for another one. A new one's secret is shown on the page that follows, once."""
    form = ApiTokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and (secret := form.issue(request.user)):
        return shown_once.hand_over(redirect("accounts:settings-tokens"), request.user, secret)
    secret = shown_once.handed_over(request, request.user)
    context = {"form": form, "tokens": ApiToken.objects.kept_by(request.user), "secret": secret}
    response = render(request, "accounts/tokens.html", context, status=422 if form.errors else 200)
    return shown_once.forget(response) if secret else response


@login_required
@require_POST
def revoke_api_token(request: SignedInRequest, pk: UUID) -> HttpResponse:
    token = get_object_or_404(ApiToken.objects.kept_by(request.user), pk=pk)
    token.revoke()
    messages.success(request, _("Revoked “%(name)s”. It opens nothing any more.") % {"name": token.name})
    return redirect("accounts:settings-tokens")
