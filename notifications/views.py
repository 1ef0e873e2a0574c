"""The pages: what a person was told, what they want to be told, and the way out of a mail."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.core.signing import BadSignature
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.requests import SignedInRequest
from notifications.forms import PreferencesForm
from notifications.kinds import Channel
from notifications.models import Notification, Preference
from notifications.unsubscribing import Subscription

PAGE_SIZE = 50


@login_required
@require_safe
def notification_list(request: SignedInRequest) -> HttpResponse:
    """What a person was told, by day, the newest first; ``?show=unread`` leaves out what they read."""
    only_unread = request.GET.get("show") == "unread"
    mine = Notification.objects.of(request.user).prefetch_related("deliveries")
    page = Paginator(mine.unread() if only_unread else mine, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "days": _by_day(page), "only_unread": only_unread}
    return render(request, "notifications/list.html", context)


def _by_day(notifications: Iterable[Notification]) -> list[tuple[datetime, list[Notification]]]:
    """Notifications in groups of one day on the reader's calendar, each with the local time of its first."""
    days = groupby(notifications, key=lambda each: timezone.localdate(each.created_at))
    groups = [list(group) for _day, group in days]
    return [(timezone.localtime(group[0].created_at), group) for group in groups]


@login_required
@require_POST
def mark_read(request: SignedInRequest, pk: UUID) -> HttpResponse:
    _mine(request, pk).mark_read()
    return redirect(f"{_list_as_it_was(request)}#{pk}")


@login_required
@require_POST
def mark_all_read(request: SignedInRequest) -> HttpResponse:
    Notification.objects.of(request.user).mark_read()
    return redirect(_list_as_it_was(request))


@login_required
@require_safe
def open_notification(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Go to what a notification is about; it counts as read from then on."""
    notification = _mine(request, pk)
    notification.mark_read()
    return redirect(notification.url or "notifications:list")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: SignedInRequest) -> HttpResponse:
    """Which kinds reach a person through which channels."""
    table = Preference.objects.table_of(request.user)
    form = PreferencesForm(table, request.POST if request.method == "POST" else None)
    if form.is_valid():
        Preference.objects.choose(request.user.pk, form.changes())
        messages.success(request, _("Saved."))
        return redirect("notifications:settings")
    return render(request, "notifications/settings.html", {"form": form, "channels": Channel})


@csrf_exempt  # The token in the link is the right to do this; mail programs post without a session (RFC 8058).
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, and on POST end the mails of a kind, without signing in and without a redirect (RFC 8058)."""
    try:
        subscription = Subscription.from_token(token)
    except BadSignature as error:
        raise Http404 from error
    get_object_or_404(User, pk=subscription.user_id)
    if request.method == "POST":
        subscription.end()
    context = {"kind": subscription.kind, "done": request.method == "POST"}
    return render(request, "notifications/unsubscribe.html", context)


def _mine(request: SignedInRequest, pk: UUID) -> Notification:
    return get_object_or_404(Notification, pk=pk, user=request.user)


def _list_as_it_was(request: HttpRequest) -> str:
    """The list with the filter and page that the button stood on: they came along in its address."""
    query = request.GET.urlencode()
    return reverse("notifications:list") + (f"?{query}" if query else "")
