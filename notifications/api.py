"""The REST API of notifications."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_schemas import answers
from accounts.strictness import NoInput, StrictView
from notifications.kinds import Channel, Kind
from notifications.models import Delivery, Notification, State, unread_count
from tasks.api.pagination import PAGE_PARAMETERS, Page, instant_order
from tasks.api.parameters import Table, documented, read_parameters, true_or_false
from tasks.api.schemas import ID

COLUMNS: Final = ("id", "kind", "title", "body", "detail", "task_id", "url", "created_at", "read_at")
RECEIPT_COLUMNS: Final = ("channel", "state", "attempts", "created_at", "last_attempt_at", "sent_at")
PARAMETERS: Final[Table] = {
    "unread": true_or_false("Only those that were not read, or only those that were."),
    **PAGE_PARAMETERS,
}
NEWEST_FIRST = instant_order("created_at", "created_at", descending=True)


class ReceiptDocument(serializers.Serializer):
    """What became of a notification in one channel. ``failed``: the last attempt was; it is repeated."""

    channel = serializers.ChoiceField(Channel.values)
    state = serializers.ChoiceField(State.values)
    attempts = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    last_attempt_at = serializers.DateTimeField(allow_null=True)
    sent_at = serializers.DateTimeField(allow_null=True)


class NotificationDocument(serializers.Serializer):
    """Something that you were told."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(Kind.values)
    title = serializers.CharField()
    body = serializers.CharField(help_text="When it is or was due, on your clock.")
    detail = serializers.CharField(help_text="The task's project, priority and tags.")
    task = serializers.UUIDField(allow_null=True)
    url = serializers.CharField(help_text="A path of this application.")
    created_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)
    deliveries = ReceiptDocument(many=True)


class NotificationPage(serializers.Serializer):
    """``total`` and ``page`` are not there with a cursor, ``next_cursor`` only with one."""

    items = NotificationDocument(many=True)
    unread = serializers.IntegerField(help_text="How many are unread, whatever the filter.")
    total = serializers.IntegerField(required=False)
    page = serializers.IntegerField(required=False)
    page_size = serializers.IntegerField()
    next_cursor = serializers.CharField(required=False, allow_null=True)


class MarkedDocument(serializers.Serializer):
    """How many were unread."""

    marked = serializers.IntegerField()


def document(row: Mapping[str, Any], receipts: list[Mapping[str, Any]]) -> dict[str, Any]:
    """A notification as the API answers it, from its columns and the receipts of its deliveries."""
    columns = {name.removesuffix("_id"): row[name] for name in COLUMNS}
    return columns | {"deliveries": receipts}


def receipts_of(notification_ids: Collection[UUID]) -> Mapping[UUID, list[Mapping[str, Any]]]:
    """The receipts of some notifications, with one query."""
    found: dict[UUID, list[Mapping[str, Any]]] = defaultdict(list)
    rows = Delivery.objects.filter(notification_id__in=notification_ids)
    for row in rows.values("notification_id", *RECEIPT_COLUMNS):
        found[row["notification_id"]].append({name: row[name] for name in RECEIPT_COLUMNS})
    return found


class NotificationList(StrictView):
    """What you were told, the newest first."""

    scope = "notifications"
    parameters = PARAMETERS

    @extend_schema(
        operation_id="list_notifications",
        parameters=documented(PARAMETERS),
        responses=answers(200, NotificationPage),
    )
    def get(self, request: Request) -> Response:
        given = read_parameters(request, PARAMETERS, self.user)
        rows = Notification.objects.of(self.user)
        if "unread" in given:
            rows = rows.unread() if given["unread"] else rows.already_read()
        page = Page.of(given).answer(rows.values(*COLUMNS), NEWEST_FIRST, dict)
        receipts = receipts_of([row["id"] for row in page["items"]])
        items = [document(row, receipts[row["id"]]) for row in page["items"]]
        return Response(page | {"items": items, "unread": unread_count(self.user)})


class NotificationRead(StrictView):
    """Mark one notification as read; one that was read already keeps its time."""

    scope = "notifications"

    @extend_schema(
        operation_id="read_notification",
        parameters=[ID],
        request=None,
        responses=answers(200, NotificationDocument, 404),
    )
    def post(self, request: Request, id: str) -> Response:
        NoInput(data=request.data).is_valid(raise_exception=True)
        notification = Notification.objects.of(self.user).filter(pk=id).first()
        if notification is None:
            raise NotFound("There is no such notification.")
        notification.mark_read()
        row = {name: getattr(notification, name) for name in COLUMNS}
        return Response(document(row, receipts_of([notification.pk])[notification.pk]))


class NotificationReadAll(StrictView):
    """Mark all your notifications as read."""

    scope = "notifications"

    @extend_schema(
        operation_id="read_all_notifications", request=None, responses=answers(200, MarkedDocument)
    )
    def post(self, request: Request) -> Response:
        NoInput(data=request.data).is_valid(raise_exception=True)
        return Response({"marked": Notification.objects.of(self.user).mark_read()})
