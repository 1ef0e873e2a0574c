"""The pages of attached files: who attached what. The files themselves are for who sees the task."""

from __future__ import annotations

from django.contrib import admin

from accounts.support import ReadOnlyAdmin
from tasks.models import Attachment


@admin.register(Attachment)
class AttachmentAdmin(ReadOnlyAdmin):
    list_display = ("name", "task", "uploaded_by", "size", "content_type", "created_at")
    list_select_related = ("task", "uploaded_by")
    search_fields = ("name", "task__title__has_text", "uploaded_by__email")
    search_help_text = (
        "Name, the task's title, the uploader's email address, or the id of a file, task or person"
    )
    id_fields = ("pk", "task_id", "uploaded_by_id")
    ordering = ("-id",)
    fields = ("name", "task", "uploaded_by", "size", "content_type", "sha256", "file", "created_at", "id")
