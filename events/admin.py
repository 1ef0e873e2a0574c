"""Events for support staff: what happened, what carries it on, and the dead letters that wait for a person."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import F, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from accounts.models import User
from accounts.support import FROM_PAGE, ReadOnlyAdmin, as_uuid, page_link, pretty_text, staff_member
from events import consumers, deliveries
from events.models import (
    ConsumedEvent,
    ConsumerPosition,
    DeadLetter,
    OutboxEvent,
    ProjectEventLog,
    RelayCursor,
    TaskEventLog,
    UserEventLog,
)
from events.models.dead_letter import DELIVERY, DeadLetterQuerySet, State
from events.models.event_log import EventLogEntry
from events.outbox import reader
from events.types import EVENT_TYPES, PROJECT_EVENTS, TASK_EVENTS, USER_EVENTS

ACTOR_FIELDS = ("actor_name", "actor_id", "via")
LOG_FIELDS = ("occurred_at", "logged_at", "event_id", "whole")
DOORS = ("web", "api", "admin", "system")
WHEN = "%Y-%m-%d %H:%M:%S UTC"


class KnownFilter(admin.SimpleListFilter):
    """A filter by what the code knows, for reading the values from a log of millions would take long."""

    known: tuple[str, ...] = ()

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, value) for value in self.known]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(**{str(self.parameter_name): self.value()}) if self.value() else queryset


class TypeFilter(KnownFilter):
    title = parameter_name = "type"
    known = tuple(EVENT_TYPES)


class TaskTypeFilter(TypeFilter):
    known = tuple(sorted(TASK_EVENTS))


class ProjectTypeFilter(TypeFilter):
    known = tuple(sorted(PROJECT_EVENTS))


class UserTypeFilter(TypeFilter):
    known = tuple(sorted(USER_EVENTS))


class DoorFilter(KnownFilter):
    title = "through"
    parameter_name = "via"
    known = DOORS


class ConsumerFilter(KnownFilter):
    title = parameter_name = "consumer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in (*consumers.registry(), DELIVERY)]


class LogAdmin(ReadOnlyAdmin):
    """What every log shows."""

    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).defer("envelope")

    @admin.display(description="envelope")
    def whole(self, entry: EventLogEntry) -> SafeString:
        return pretty_text(entry.envelope)


class EventLogAdmin(LogAdmin):
    """What the logs of accounts and of their tasks show."""

    search_fields = ("user_id",)  # an address is turned into ids below

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        if not search_term or as_uuid(search_term) is not None:
            return super().get_search_results(request, queryset, search_term)
        owners = User.objects.filter(email__icontains=search_term.strip())
        return queryset.filter(user_id__in=owners.values("pk")), False

    @admin.display(description="account")
    def account(self, entry: UserEventLog | TaskEventLog) -> SafeString:
        return page_link("accounts_user", entry.user_id, entry.user_id)


@admin.register(TaskEventLog)
class TaskEventLogAdmin(EventLogAdmin):
    list_display = ("occurred_at", "type", "version", "title", "changed", "actor_name", "via", "task_id")
    list_filter = (TaskTypeFilter, DoorFilter)
    search_help_text = "The id of a task, event, owner or actor, or the owner's email address"
    id_fields = ("task_id", "event_id", "user_id", "actor_id")
    fields = ("type", "task", "version", "changes_in_lines", *ACTOR_FIELDS, "account", *LOG_FIELDS)

    @admin.display(description="title")
    def title(self, entry: TaskEventLog) -> str:
        return str(entry.data["task"]["title"])

    @admin.display(description="changed")
    def changed(self, entry: TaskEventLog) -> str:
        return ", ".join(entry.changes)

    @admin.display(description="task")
    def task(self, entry: TaskEventLog) -> SafeString:
        return page_link("tasks_task", entry.task_id, self.title(entry))

    @admin.display(description="changes")
    def changes_in_lines(self, entry: TaskEventLog) -> SafeString:
        lines = (
            (
                name,
                json.dumps(change["from"], ensure_ascii=False),
                json.dumps(change["to"], ensure_ascii=False),
            )
            for name, change in entry.changes.items()
        )
        return format_html_join("", "{}: {} → {}<br>", lines)


@admin.register(UserEventLog)
class UserEventLogAdmin(EventLogAdmin):
    list_display = ("occurred_at", "type", "user_id", "actor_name", "via")
    list_filter = (UserTypeFilter, DoorFilter)
    search_help_text = "The id of an account, event or actor, or the account's email address"
    id_fields = ("user_id", "event_id", "actor_id")
    fields = ("type", "account", *ACTOR_FIELDS, *LOG_FIELDS)


@admin.register(ProjectEventLog)
class ProjectEventLogAdmin(LogAdmin):
    list_display = ("occurred_at", "type", "project", "actor_name", "via")
    list_filter = (ProjectTypeFilter, DoorFilter)
    search_fields = ("project_id",)
    search_help_text = "The id of a project, event or actor"
    id_fields = ("project_id", "event_id", "actor_id")
    fields = ("type", "project", *ACTOR_FIELDS, *LOG_FIELDS)

    @admin.display(description="project")
    def project(self, entry: ProjectEventLog) -> SafeString:
        return page_link("tasks_project", entry.project_id, entry.data["project_name"])


@admin.register(OutboxEvent)
class OutboxEventAdmin(ReadOnlyAdmin):
    list_display = ("id", "created_at", "type", "key", "sequence", "event_id")
    list_filter = (TypeFilter,)
    search_fields = ("type",)
    search_help_text = "The id of an event, task, account or notification, or a type"
    id_fields = ("event_id", "key")
    ordering = ("-id",)
    fields = ("id", "type", "key", "sequence", "event_id", "created_at", "published", "receipts", "whole")

    @admin.display(description="published", boolean=True)
    def published(self, event: OutboxEvent) -> bool:
        return event.pk <= reader().progress().position

    @admin.display(description="handled by")
    def receipts(self, event: OutboxEvent) -> SafeString:
        rows = ConsumedEvent.objects.filter(event_id=event.event_id).order_by("handled_at")
        return format_html_join(
            "", "{}, {}<br>", ((row.consumer, row.handled_at.strftime(WHEN)) for row in rows)
        )

    @admin.display(description="envelope")
    def whole(self, event: OutboxEvent) -> SafeString:
        return pretty_text(event.envelope)


class PositionAdmin(ReadOnlyAdmin):
    """How far somebody has come in the outbox."""

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        newest = OutboxEvent.objects.order_by("-id").values("id")[:1]
        rows: QuerySet = super().get_queryset(request).annotate(ids_behind=Subquery(newest) - F("position"))
        return rows

    @admin.display(description="outbox ids behind")
    def behind(self, row: Any) -> int | None:
        behind: int | None = row.ids_behind
        return behind


@admin.register(ConsumerPosition)
class ConsumerPositionAdmin(PositionAdmin):
    list_display = fields = ("consumer", "position", "behind", "moved_at")


@admin.register(RelayCursor)
class RelayCursorAdmin(PositionAdmin):
    """Where the outbox is read by snapshots, the snapshot counts and the position is one within it."""

    list_display = ("name", "position", "behind", "moved_at")
    fields = ("name", "position", "snapshot", "target", "cluster", "behind", "moved_at")


class DiscardForm(forms.Form):
    reason = forms.CharField(
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text="Why nothing more is to come of it. It is kept with the letter.",
    )


@admin.register(DeadLetter)
class DeadLetterAdmin(ReadOnlyAdmin):
    """Requeueing tries an event again at once; discarding gives it up, and takes a reason."""

    list_display = ("id", "state", "consumer", "type", "short_error", "attempts", "retry_at", "created_at")
    list_filter = ("state", ConsumerFilter, TypeFilter)
    list_select_related = ("resolved_by",)
    search_fields = ("error", "reason")
    search_help_text = "The id of an event, or words of the error or the reason"
    id_fields = ("event_id",)
    fields = (
        "state",
        "consumer",
        "type",
        "event",
        "attempts",
        "error_text",
        "retry_at",
        "created_at",
        "resolved_at",
        "resolved_by",
        "reason",
        "whole",
    )
    actions = ("requeue", "discard")
    page_acts = (("requeue", "Requeue"), ("discard", "Discard …"))

    @admin.display(description="error")
    def short_error(self, letter: DeadLetter) -> str:
        return letter.error.partition("\n")[0][:120]

    @admin.display(description="error")
    def error_text(self, letter: DeadLetter) -> SafeString:
        return pretty_text(letter.error)

    @admin.display(description="event")
    def event(self, letter: DeadLetter) -> SafeString | str:
        known = OutboxEvent.objects.filter(event_id=letter.event_id).first() if letter.event_id else None
        return (
            page_link("events_outboxevent", known.pk, known.event_id) if known else str(letter.event_id or "")
        )

    @admin.display(description="envelope")
    def whole(self, letter: DeadLetter) -> SafeString:
        return pretty_text(letter.envelope)

    def acts_on(self, request: HttpRequest, row: Any) -> list[tuple[str, str]]:
        impossible = {State.RESOLVED: {"requeue", "discard"}, State.DISCARDED: {"discard"}}
        return [
            act for act in super().acts_on(request, row) if act[0] not in impossible.get(row.state, set())
        ]

    @admin.action(description="Requeue: try again now", permissions=["act"])
    def requeue(self, request: HttpRequest, queryset: DeadLetterQuerySet) -> None:
        done, refused = [], []
        for letter in queryset:
            try:
                deliveries.requeue(letter, staff_member(request))
            except ValueError as error:
                refused.append(f"{letter} ({error})")
            else:
                done.append(letter)
                self.log_change(request, letter, "Requeued.")
        self.report(request, "Requeued", done)
        self.report(request, "Not requeued", refused, messages.ERROR)

    @admin.action(description="Discard, with a reason …", permissions=["act"])
    def discard(self, request: HttpRequest, queryset: DeadLetterQuerySet) -> HttpResponse | None:
        form = DiscardForm(request.POST if "reason" in request.POST else None)
        letters = queryset.open().exclude(state=State.DISCARDED)
        if not form.is_valid():
            return self._ask_why(request, form, letters)
        with transaction.atomic():
            discarded = list(letters.select_for_update(of=("self",)))
            for letter in discarded:
                letter.discard(staff_member(request), form.cleaned_data["reason"])
                self.log_change(request, letter, f"Discarded: {letter.reason}")
        self.report(request, "Discarded", discarded)
        return None

    def _ask_why(self, request: HttpRequest, form: DiscardForm, letters: DeadLetterQuerySet) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": "Discard dead letters",
            "opts": self.opts,
            "form": form,
            "letters": letters,
            "from_page": request.POST.get(FROM_PAGE),
        }
        return TemplateResponse(request, "admin/events/deadletter/discard.html", context)
