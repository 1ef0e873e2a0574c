"""The pages of projects, with their members. The project's own owner always is one, so only others are changed."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest

from accounts.support import staff_actor
from tasks.admin.trash import TrashingAdmin
from tasks.models import Membership, Project


class MemberInline(admin.TabularInline):
    """The members besides the project's own owner, other owners among them. Who one is stays; a choice of people for
    each row would be a query each."""

    model = Membership
    fields = ("user", "role")
    readonly_fields: ClassVar[tuple[str, ...]] = ("user",)
    extra = 0
    verbose_name_plural = "other members"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return (
            super().get_queryset(request).exclude(user=F("project__owner")).select_related("user", "project")
        )

    def has_add_permission(self, request: HttpRequest, obj: Project | None = None) -> bool:
        return False


class NewMemberFormSet(BaseInlineFormSet):
    def clean(self) -> None:
        """Nobody is a member twice."""
        super().clean()
        members = set(self.instance.memberships.values_list("user", flat=True))
        for form in self.forms:
            user = form.cleaned_data.get("user")
            if user is not None and user.pk in members:
                raise ValidationError(f"{user} is a member already.")
            members |= {user.pk} if user else set()


class NewMemberInline(MemberInline):
    formset = NewMemberFormSet
    readonly_fields = ()
    autocomplete_fields = ("user",)
    verbose_name = "new member"
    verbose_name_plural = "new members"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).none()

    def has_add_permission(self, request: HttpRequest, obj: Project | None = None) -> bool:
        return admin.TabularInline.has_add_permission(self, request, obj)


@admin.register(Project)
class ProjectAdmin(TrashingAdmin):
    list_display = ("name", "owner", "is_inbox", "colour", "created_at", "deleted_at")
    list_filter = ("is_inbox", ("deleted_at", admin.EmptyFieldListFilter))
    list_select_related = ("owner",)
    search_fields = ("name__has_text", "owner__email")
    search_help_text = "Name, the owner's email address, or the id of a project or owner"
    id_fields = ("pk", "owner_id")
    ordering = ("-id",)
    fields = ("name", "colour", "owner", "id", "is_inbox", "created_at", "updated_at", "deleted_at")
    autocomplete_fields = ("owner",)
    inlines = (MemberInline, NewMemberInline)

    def get_readonly_fields(self, request: HttpRequest, obj: Project | None = None) -> list[str]:
        fixed = ["id", "is_inbox", "created_at", "updated_at", "deleted_at"]
        return fixed if obj is None else [*fixed, "owner"]

    def get_inlines(self, request: HttpRequest, obj: Project | None) -> Any:
        return () if obj is None else self.inlines

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        for row in formset.forms:
            row.instance.saved_by = staff_actor(request)
        super().save_formset(request, form, formset, change)

    def has_change_permission(self, request: HttpRequest, obj: Project | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.deleted_at is None)

    def has_delete_permission(self, request: HttpRequest, obj: Project | None = None) -> bool:
        lasting = obj is not None and (obj.is_inbox or obj.deleted_at is not None)
        return super().has_delete_permission(request, obj) and not lasting

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        named, counts, lacking, _ = super().get_deleted_objects(objs, request)
        return named, counts, lacking, [f"{row} of {row.owner}" for row in objs if row.is_inbox]

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for project in queryset.filter(deleted_at=None):
            project.trash(by=staff_actor(request))
