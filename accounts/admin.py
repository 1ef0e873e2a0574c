"""Accounts for support staff: find a person, close and open their account, send them a way to a new password.

Nobody here learns or sets a password, or reaches an account by changing its address: that would be acting as
somebody else. Rights, and the accounts of other staff, are for superusers.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from typing import Any

from allauth.account.forms import ResetPasswordForm
from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.db.models import Field, Model, QuerySet
from django.http import HttpRequest

from accounts import addresses
from accounts.models import ApiToken, User
from accounts.support import ReadOnlyAdmin, SupportAdmin, staff_actor, staff_member
from accounts.time_zones import time_zone_choices

log = logging.getLogger(__name__)
SENT, NOT_ACTIVE, NOT_SENT = "A link is on its way to", "Not active, so no link was sent to", "Not sent to"
RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")


class AddressInline(admin.TabularInline):
    """The addresses that allauth knows, and whether they were confirmed."""

    model = EmailAddress
    fields = readonly_fields = ("email", "verified", "primary")
    extra = 0
    can_delete = False
    verbose_name_plural = "addresses"

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True  # whoever sees the account

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(SupportAdmin):
    list_display = (
        "email",
        "display_name",
        "time_zone",
        "is_active",
        "is_staff",
        "last_login",
        "date_joined",
    )
    list_filter = ("is_active", "is_staff", "is_superuser")
    search_fields = ("email", "display_name")
    search_help_text = "Email address, name or id"
    ordering = ("-id",)
    inlines = (AddressInline,)
    filter_horizontal = ("groups", "user_permissions")
    readonly_fields = ("id", "last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("email", "display_name", "is_active")}),
        ("Time and language", {"fields": ("time_zone", "week_start", "locale", "keyboard_shortcuts")}),
        ("Rights", {"fields": RIGHTS}),
        ("About the account", {"fields": ("id", "date_joined", "last_login")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "display_name", "time_zone")}),)
    actions = ("send_password_link", "deactivate", "activate")
    page_acts = (
        ("send_password_link", "Send a password link"),
        ("deactivate", "Deactivate"),
        ("activate", "Activate"),
    )

    # --- Who may do what -------------------------------------------------------------------------------

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False  # an account is deactivated: what it did stays explained

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or self._is_below(request, obj))

    def _is_below(self, request: HttpRequest, user: User) -> bool:
        return staff_member(request).is_superuser or not (user.is_staff or user.is_superuser)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        fixed = list(self.readonly_fields)
        if obj is None:
            return fixed
        if not staff_member(request).is_superuser:
            return [*fixed, "email", *RIGHTS]
        # Superusers cannot lock themselves out.
        return [*fixed, "is_active", "is_staff", "is_superuser"] if obj == request.user else fixed

    # --- The pages -------------------------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        return self.add_fieldsets if obj is None else self.fieldsets

    def get_inlines(self, request: HttpRequest, obj: User | None) -> Any:
        return () if obj is None else self.inlines

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "time_zone":
            return forms.ChoiceField(choices=time_zone_choices, initial="UTC")
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if db_field.name == "user_permissions" and field is not None and field.queryset is not None:
            field.queryset = field.queryset.select_related("content_type")  # it is in each one's words
        return field

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if change:
            obj.save(by=staff_actor(request))
            return
        obj.set_unusable_password()
        obj.save(by=staff_actor(request))
        addresses.vouch_for(obj)

    # --- What staff can do -----------------------------------------------------------------------------

    def acts_on(self, request: HttpRequest, row: Any) -> list[tuple[str, str]]:
        impossible = {"activate"} if row.is_active else {"deactivate", "send_password_link"}
        if row == request.user or not self._is_below(request, row):
            impossible |= {"activate", "deactivate"}
        return [act for act in super().acts_on(request, row) if act[0] not in impossible]

    @admin.action(description="Send a link for a new password", permissions=["change"])
    def send_password_link(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        results: dict[str, list[User]] = defaultdict(list)
        for user in queryset:
            results[self._send_password_link(request, user)].append(user)
        self.report(request, SENT, results[SENT])
        self.report(request, NOT_ACTIVE, results[NOT_ACTIVE], messages.WARNING)
        self.report(request, NOT_SENT, results[NOT_SENT], messages.ERROR)

    def _send_password_link(self, request: HttpRequest, user: User) -> str:
        form = ResetPasswordForm({"email": user.email})
        if not user.is_active or not form.is_valid():
            return NOT_ACTIVE
        try:
            form.save(request)
        except OSError:  # smtplib's errors are OSErrors
            log.exception("Could not send the link for a new password")
            return NOT_SENT
        self.log_change(request, user, "Sent a link for a new password.")
        return SENT

    @admin.action(description="Deactivate: signs out, keeps everything", permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._set_active(request, queryset, False, "Deactivated")

    @admin.action(description="Activate", permissions=["change"])
    def activate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._set_active(request, queryset, True, "Activated")

    def _set_active(self, request: HttpRequest, users: QuerySet[User], is_active: bool, words: str) -> None:
        own: list[User] = []
        others: list[User] = []
        for user in users.exclude(is_active=is_active):
            allowed = user != request.user and self._is_below(request, user)
            (own if allowed else others).append(user)
        for user in own:
            user.change(staff_actor(request), is_active=is_active)
            self.log_change(request, user, f"{words}.")
        self.report(request, words, own)
        self.report(request, "Left as they are, only another superuser may do that", others, messages.WARNING)


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    """Tokens without their secrets, which nobody has."""

    list_display = (
        "name",
        "prefix",
        "user",
        "scope_words",
        "created_at",
        "last_used_at",
        "expires_at",
        "state",
    )
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    list_select_related = ("user",)
    search_fields = ("name", "prefix", "user__email")
    search_help_text = "Name, beginning, the owner's email address or id"
    id_fields = ("pk", "user_id")
    ordering = ("-id",)
    fields = (
        "name",
        "prefix",
        "user",
        "scope_words",
        "created_at",
        "last_used_at",
        "expires_at",
        "revoked_at",
    )
    actions = ("revoke",)
    page_acts = (("revoke", "Revoke"),)

    @admin.display(description="scopes")
    def scope_words(self, token: ApiToken) -> str:
        return ", ".join(token.scopes)

    @admin.display(description="state")
    def state(self, token: ApiToken) -> str:
        return token.refusal or "Works"

    def acts_on(self, request: HttpRequest, row: Any) -> list[tuple[str, str]]:
        return super().acts_on(request, row) if row.revoked_at is None else []

    @admin.action(description="Revoke for good", permissions=["act"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        tokens = list(queryset.filter(revoked_at=None))
        for token in tokens:
            token.revoke()
            self.log_change(request, token, "Revoked.")
        self.report(request, "Revoked", tokens)


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    """What staff did in these pages. What they did to tasks and accounts is among the events, too."""

    list_display = ("action_time", "user", "content_type", "object_repr", "act", "what")
    list_filter = ("action_flag",)
    list_select_related = ("user", "content_type")
    search_fields = ("object_repr", "=object_id", "user__email")
    search_help_text = "What it was done to (name or id), or the email address of who did it"
    ordering = ("-id",)
    fields = ("action_time", "user", "content_type", "object_repr", "object_id", "act", "what")

    @admin.display(description="act", ordering="action_flag")
    def act(self, entry: LogEntry) -> str:
        return str(entry.get_action_flag_display())

    @admin.display(description="what")
    def what(self, entry: LogEntry) -> str:
        return entry.get_change_message()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        # An id is a text here, for rows of any kind are told of.
        return admin.ModelAdmin.get_search_results(self, request, queryset, search_term.strip())
