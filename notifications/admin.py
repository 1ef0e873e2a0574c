"""What people were told, for support staff: notifications, their receipts, and what people chose to be told."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from accounts.support import ReadOnlyAdmin, page_link, pretty_text, staff_member
from notifications.models import Delivery, Notification, Preference, State
from notifications.models.delivery import DeliveryQuerySet
from notifications.retrying import retry


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "user", "kind", "title", "read_at")
    list_filter = ("kind", ("read_at", admin.EmptyFieldListFilter))
    list_select_related = ("user",)
    search_fields = ("title", "user__email")
    search_help_text = "Title, email address, or the id of a notification, account, task or event"
    id_fields = ("pk", "user_id", "task_id", "source_event_id")
    ordering = ("-id",)
    fields = (
        "user",
        "kind",
        "title",
        "body",
        "detail",
        "task",
        "receipts",
        "created_at",
        "read_at",
        "source_event_id",
        "id",
    )

    @admin.display(description="task")
    def task(self, notification: Notification) -> SafeString | None:
        key = notification.task_id
        return page_link("tasks_task", key, key) if key else None

    @admin.display(description="deliveries")
    def receipts(self, notification: Notification) -> SafeString:
        links = (
            (page_link("notifications_delivery", each.pk, each),) for each in notification.deliveries.all()
        )
        return format_html_join("", "{}<br>", links)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "person", "notification", "channel", "state", "attempts", "sent_at", "why")
    list_filter = ("state", "channel", "notification__kind")
    list_select_related = ("notification__user",)
    search_fields = ("notification__title", "notification__user__email", "error")
    search_help_text = (
        "Title, email address, words of the error, or the id of a delivery, account, task or event"
    )
    id_fields = (
        "pk",
        "notification_id",
        "notification__user_id",
        "notification__task_id",
        "notification__source_event_id",
    )
    ordering = ("-id",)
    fields = (
        "notification",
        "person",
        "channel",
        "state",
        "attempts",
        "error_text",
        "created_at",
        "last_attempt_at",
        "sent_at",
        "id",
    )
    actions = ("try_again",)
    page_acts = (("try_again", "Try again"),)

    @admin.display(description="person", ordering="notification__user__email")
    def person(self, delivery: Delivery) -> str:
        return delivery.notification.user.email

    @admin.display(description="error, or why not")
    def why(self, delivery: Delivery) -> str:
        return delivery.error.partition("\n")[0][:120]

    @admin.display(description="error, or why it was not sent")
    def error_text(self, delivery: Delivery) -> SafeString:
        return pretty_text(delivery.error)

    def acts_on(self, request: HttpRequest, row: Any) -> list[tuple[str, str]]:
        return super().acts_on(request, row) if row.state == State.FAILED else []

    @admin.action(description="Try again what failed", permissions=["act"])
    def try_again(self, request: HttpRequest, queryset: DeliveryQuerySet) -> None:
        done: list[object] = []
        refused: list[object] = []
        for delivery in queryset:
            try:
                retry(delivery, staff_member(request))
            except ValueError as error:
                refused.append(f"{self._named(delivery)} ({error})")
            else:
                done.append(self._named(delivery))
                self.log_change(request, delivery, "Tried again.")
        self.report(request, "Tried again", done)
        self.report(request, "Left as they are", refused, messages.WARNING)

    def _named(self, delivery: Delivery) -> str:
        return f"“{delivery.notification}” by {delivery.get_channel_display()}"


@admin.register(Preference)
class PreferenceAdmin(ReadOnlyAdmin):
    """Only what differs from the defaults has a row."""

    list_display = ("user", "kind", "channel", "enabled")
    list_filter = ("kind", "channel", "enabled")
    list_select_related = ("user",)
    search_fields = ("user__email",)
    search_help_text = "Email address, or the id of an account"
    id_fields = ("user_id",)
    ordering = ("-id",)
    fields = ("user", "kind", "channel", "enabled")
