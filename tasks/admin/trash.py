"""Pages on which deleting moves to the trash, and a change that came too late is told instead of made."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from functools import wraps
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.support import SupportAdmin, staff_actor
from tasks.changes import StaleTask

View = Callable[..., HttpResponse]


def telling_stale(view: View) -> View:
    """All or nothing, and a plain message where somebody else changed a task at the same time."""

    @wraps(view)
    def guarded(page: SupportAdmin, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            with transaction.atomic() if request.method == "POST" else nullcontext():
                return view(page, request, *args, **kwargs)
        except StaleTask as error:
            page.message_user(request, str(error), messages.ERROR)
            return redirect(request.get_full_path())

    return guarded


class TrashingAdmin(SupportAdmin):
    """For models with ``trash(by)`` on their rows and querysets."""

    delete_confirmation_template = "admin/trash_confirmation.html"
    delete_selected_confirmation_template = "admin/trash_selected_confirmation.html"

    changelist_view = telling_stale(SupportAdmin.changelist_view)
    changeform_view = telling_stale(SupportAdmin.changeform_view)
    delete_view = telling_stale(SupportAdmin.delete_view)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Nothing is removed, so nothing that belongs to these rows needs a right of its own."""
        return [str(row) for row in objs], {}, set(), []

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        obj.trash(by=staff_actor(request))

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        queryset.trash(by=staff_actor(request))
