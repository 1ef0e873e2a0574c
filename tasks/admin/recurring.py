"""The pages of recurring tasks: the rule in words, its next dates, and the switch between paused and active."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from accounts.support import ReadOnlyAdmin
from tasks.models import RecurringTask
from tasks.models.recurring_queryset import RecurringTaskQuerySet
from tasks.wording import due_words, reminder_words, repeat_words

PAUSED, RESUMED = "Paused", "Resumed"


@admin.register(RecurringTask)
class RecurringTaskAdmin(ReadOnlyAdmin):
    list_display = ("title", "owner", "project", "rule_in_words", "next_due_at", "is_active", "deleted_at")
    list_filter = ("is_active", "anchor", ("deleted_at", admin.EmptyFieldListFilter))
    list_select_related = ("owner", "project")
    search_fields = ("title__has_text", "owner__email")
    search_help_text = "Title, the owner's email address, or the id of a series, owner or project"
    id_fields = ("pk", "owner_id", "project_id")
    ordering = ("-id",)
    fields = (
        "title",
        "description",
        "priority",
        "tag_words",
        "reminders_in_words",
        "project",
        "owner",
        "rule_in_words",
        "rrule",
        "anchor",
        "start_date",
        "start_time",
        "end_date",
        "time_zone",
        "next_dates",
        "left_out",
        "occurrences_made",
        "is_active",
        "id",
        "last_created_at",
        "created_at",
        "updated_at",
        "deleted_at",
    )
    actions = ("pause", "resume")
    page_acts = (("pause", "Pause"), ("resume", "Resume"))

    @admin.display(description="repeats")
    def rule_in_words(self, series: RecurringTask) -> str:
        return repeat_words(series)

    @admin.display(description="next dates, where it is kept")
    def next_dates(self, series: RecurringTask) -> SafeString:
        with timezone.override(series.zone):
            dates = [due_words(instant, False) for instant in series.preview()]
        return format_html_join("", "{}<br>", ((words,) for words in dates))

    @admin.display(description="left out")
    def left_out(self, series: RecurringTask) -> str:
        return ", ".join(series.exceptions)

    @admin.display(description="tags")
    def tag_words(self, series: RecurringTask) -> str:
        return " ".join(series.tags)

    @admin.display(description="reminders")
    def reminders_in_words(self, series: RecurringTask) -> str:
        return ", ".join(reminder_words(wish) for wish in series.reminders)

    def acts_on(self, request: HttpRequest, row: Any) -> list[tuple[str, str]]:
        possible = set() if row.deleted_at is not None else {"pause" if row.is_active else "resume"}
        return [act for act in super().acts_on(request, row) if act[0] in possible]

    @admin.action(description="Pause", permissions=["act"])
    def pause(self, request: HttpRequest, queryset: RecurringTaskQuerySet) -> None:
        self._switch(request, queryset.filter(is_active=True), PAUSED)

    @admin.action(description="Resume: go on from today", permissions=["act"])
    def resume(self, request: HttpRequest, queryset: RecurringTaskQuerySet) -> None:
        self._switch(request, queryset.filter(is_active=False), RESUMED)

    def _switch(self, request: HttpRequest, queryset: RecurringTaskQuerySet, words: str) -> None:
        chosen = list(queryset.filter(deleted_at=None))
        for series in chosen:
            if words is PAUSED:
                series.pause()
            else:
                series.resume()
            self.log_change(request, series, f"{words}.")
        self.report(request, words, chosen)
