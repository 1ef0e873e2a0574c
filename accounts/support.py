"""What the admin pages of every app have in common: found by id, mostly read-only, every act noted.

Support staff act as nobody else: what they change is recorded with their own name and the door "admin", or in
Django's log of staff acts.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, ClassVar, cast
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.admin.widgets import AutocompleteSelect, RelatedFieldWidgetWrapper
from django.db.models import Field, ForeignKey, Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.actor import Actor
from accounts.models import User

PAGE = 50  # rows of a list
NAMED = 10  # rows that a message names
FROM_PAGE = "_from_page"  # holds the key of the row on whose page a button was pressed


def staff_member(request: HttpRequest) -> User:
    """Whose request this is; the admin lets nobody else in."""
    return cast("User", request.user)


def staff_actor(request: HttpRequest) -> Actor:
    """Who a change in the admin is by."""
    return Actor.of(staff_member(request), "admin")


def as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None


def pretty(value: object) -> SafeString:
    """JSON in lines that people can read."""
    return format_html("<pre>{}</pre>", json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True))


def pretty_text(text: str) -> SafeString:
    """As ``pretty`` for JSON in a text; any other text as it is."""
    try:
        return pretty(json.loads(text))
    except ValueError:
        return format_html("<pre>{}</pre>", text)


def page_link(page: str, key: object, text: object) -> SafeString:
    """A link to a row's page, such as ``page_link("tasks_task", task_id, "Pay rent")``."""
    return format_html('<a href="{}">{}</a>', reverse(f"admin:{page}_change", args=[key]), text)


class KeySelect(AutocompleteSelect):
    """A choice that is searched for. What is no key at all is refused by its field, and breaks no page."""

    def optgroups(self, name: str, value: Sequence[str], attr: dict[str, Any] | None = None) -> Any:
        return super().optgroups(name, [key for key in value if as_uuid(str(key)) is not None], attr)


class SupportAdmin(admin.ModelAdmin):
    """Lists that are found by id, too, and pages with buttons for what staff may do with one row.

    ``id_fields`` are the UUID columns that a search looks at. ``page_acts`` are those of the actions that its own
    page offers as buttons, with the words on them.
    """

    id_fields: ClassVar[Sequence[str]] = ("pk",)
    page_acts: ClassVar[Sequence[tuple[str, str]]] = ()

    list_per_page = PAGE
    show_full_result_count = False
    change_form_template = "admin/support_change_form.html"

    class Media:
        css = {"all": ["css/support.css"]}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        identity = as_uuid(search_term)
        if identity is None:
            return super().get_search_results(request, queryset, search_term)
        same = Q.create([(name, identity) for name in self.id_fields], connector=Q.OR)
        return queryset.filter(same), False

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget.can_delete_related = False  # a project is not deleted in passing
        return field

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", KeySelect(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def response_action(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        """Lead back to the page whose button it was, or to the list."""
        response = super().response_action(request, queryset)
        if FROM_PAGE in request.POST and isinstance(response, HttpResponseRedirect):
            return redirect(
                f"admin:{self.opts.label_lower.replace('.', '_')}_change", request.POST[FROM_PAGE]
            )
        return response

    def acts_on(self, request: HttpRequest, row: Any) -> list[tuple[str, str]]:
        """The buttons of a row's page: (action, words)."""
        allowed = self.get_actions(request)
        return [(name, words) for name, words in self.page_acts if name in allowed]

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        context["acts"] = [] if obj is None else self.acts_on(request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def report(
        self, request: HttpRequest, words: str, rows: Sequence[object], level: int = messages.SUCCESS
    ) -> None:
        """Say what became of rows: "Restored: Pay rent, Call Ana." Nothing where there are none."""
        if rows:
            named = ", ".join(str(row) for row in rows[:NAMED])
            more = f" and {len(rows) - NAMED} more" if len(rows) > NAMED else ""
            self.message_user(request, f"{words}: {named}{more}.", level)

    def holds(self, request: HttpRequest, verb: str) -> bool:
        """Whether this member of staff was given the right to "view", "add", "change" or "delete" such rows."""
        return staff_member(request).has_perm(f"{self.opts.app_label}.{verb}_{self.opts.model_name}")

    def has_act_permission(self, request: HttpRequest) -> bool:
        """For actions on rows that cannot be edited: the right to change them is the right to act."""
        return self.holds(request, "change")


class ReadOnlyAdmin(SupportAdmin):
    """Rows that only the application itself writes. Each names what it shows in ``fields``."""

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return flatten_fieldsets([(None, {"fields": self.fields or ()})])

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
