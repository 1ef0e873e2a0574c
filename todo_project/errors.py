"""The page for a failure of ours. It needs neither the database nor a static file."""

import base64
import hashlib
import re

from django.http import HttpRequest, HttpResponseServerError
from django.template.loader import render_to_string
from django.utils import timezone

from todo_project.logs import request_id

STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def server_error(request: HttpRequest) -> HttpResponseServerError:
    """Answer 500 with the request's id; the policy allows this page's own style by its hash."""
    page = render_to_string("500.html", {"request_id": request_id.get(), "now": timezone.now()})
    response = HttpResponseServerError(page)
    response._csp_update = {"style-src": [_hash(style) for style in STYLE.findall(page)]}  # type: ignore[attr-defined]
    return response


def _hash(style: str) -> str:
    digest = hashlib.sha256(style.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
