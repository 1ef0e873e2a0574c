"""The page for a failure of ours. It needs neither the database nor a static file.

So it cannot know the reader's settings: it speaks the language that their browser asks for.
"""

import base64
import hashlib
import re
import sys

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone, translation

from todo_project.contention import RETRY_AFTER, is_away
from todo_project.logs import request_id

STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500 with the request's id, or 503 while the database is away; to be called while handling the failure.

    The policy allows this page's own style by its hash.
    """
    away, language = is_away(sys.exception()), translation.get_language_from_request(request)
    context = {"request_id": request_id.get(), "now": timezone.now(), "database_is_away": away}
    with translation.override(language):
        page = render_to_string("500.html", {**context, "language": language})
    headers = {"Retry-After": str(RETRY_AFTER)} if away else {}
    headers["Content-Language"] = language
    response = HttpResponse(page, status=503 if away else 500, headers=headers)
    response._csp_update = {"style-src": [_hash(style) for style in STYLE.findall(page)]}  # type: ignore[attr-defined]
    return response


def _hash(style: str) -> str:
    digest = hashlib.sha256(style.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
