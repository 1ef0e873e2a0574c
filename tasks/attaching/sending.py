"""An attached file on its way to somebody: to be saved, never to be shown or run as one of our pages."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from django.http import FileResponse, Http404

if TYPE_CHECKING:
    from tasks.models import Attachment

log = logging.getLogger(__name__)
POLICY: Final = "sandbox; default-src 'none'; frame-ancestors 'none'"


def as_download(attachment: Attachment) -> FileResponse:
    """The file, in pieces as it is read. Raises Http404 where the storage has lost it."""
    try:
        content = attachment.content()
    except FileNotFoundError:
        log.error("The storage lacks the file of attachment %s.", attachment.pk)
        raise Http404 from None
    response = FileResponse(content, as_attachment=True, filename=attachment.name)
    response["Content-Type"] = _content_type(attachment)
    response["Content-Length"] = str(attachment.size)
    response["Content-Security-Policy"] = POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-cache"  # rights may end
    return response


def _content_type(attachment: Attachment) -> str:
    kind = attachment.content_type
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
