"""The page on which staff see how each role is."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from events.status import status
from todo_project.blocks.invocation import ask_roles

PATIENCE: Final = timedelta(minutes=1)  # what is late by less is nobody's business


@require_safe
def operations(request: HttpRequest) -> TemplateResponse:
    """To be wrapped by the admin site, which lets only staff in."""
    context = {
        **admin.site.each_context(request),
        "title": "Operations",
        "replies": ask_roles(),
        "problems": status().problems(PATIENCE),
    }
    return TemplateResponse(request, "admin/operations.html", context)
