"""The admin as support staff see it: its name, its doors, and what is left out of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.db.models import Model
from django.db.models.base import ModelBase
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import path

# An account's own page shows its addresses. Changed one by one they would go round the events.
LEFT_OUT = {"account.EmailAddress", "usersessions.UserSession"}


class SupportSite(admin.AdminSite):
    site_header = site_title = "Todo support"
    index_title = "Support"

    def get_urls(self) -> list[Any]:
        # Read late: the site is made before there are models, and the page reads some.
        from todo_project import letter_work, operations

        return [
            path("operations/", self.admin_view(operations.operations), name="operations"),
            path("operations/letters/", self.admin_view(letter_work.act), name="operations-letters"),
            path(
                "operations/statistics/",
                self.admin_view(operations.rebuild_statistics),
                name="operations-rebuild",
            ),
            *super().get_urls(),
        ]

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Staff sign in where everybody does, where tries are limited. Whoever is no staff gets a 403."""
        answer: HttpResponse = secure_admin_login(super().login)(request, extra_context)
        return answer

    def password_change(  # type: ignore[override]  # the stubs expect the page that is here elsewhere
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseRedirect:
        """One's own password is changed where everybody does that."""
        return redirect("account_change_password")

    def register(
        self,
        model_or_iterable: type[Model] | Iterable[type[Model]],
        admin_class: type[admin.ModelAdmin] | None = None,
        **options: Any,
    ) -> None:
        models = [model_or_iterable] if isinstance(model_or_iterable, ModelBase) else list(model_or_iterable)
        shown = [model for model in models if model._meta.label not in LEFT_OUT]
        super().register(shown, admin_class, **options)
