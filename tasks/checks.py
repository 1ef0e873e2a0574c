"""What ``manage.py check`` says about attachments."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from tasks.attaching.kinds import KINDS


@register
def known_types(**_: Any) -> list[CheckMessage]:
    """A type that nobody can recognise would be allowed and never taken."""
    unknown = [name for name in settings.ATTACHMENT_TYPES if name not in KINDS]
    if not unknown:
        return []
    return [
        Error(
            f"ATTACHMENT_TYPES names {', '.join(unknown)}, which cannot be recognised.",
            hint=f"There are: {', '.join(KINDS)}.",
            id="tasks.E001",
        )
    ]


@register(Tags.security, deploy=True)
def shared_storage(**_: Any) -> list[CheckMessage]:
    """With roles of their own there is more than one process, and in a cluster more than one machine."""
    together = settings.EVENT_TRANSPORT == "embedded" or settings.ATTACHMENTS_BUCKET
    if together or not settings.ATTACHMENT_QUOTA_BYTES:
        return []
    return [
        Warning(
            f"Attachments are kept in {settings.ATTACHMENTS_FOLDER}: a second web process on another machine "
            "would not find them.",
            hint="Set ATTACHMENTS_BUCKET, or ATTACHMENT_QUOTA_BYTES=0 to do without attachments. If all roles see "
            "this folder, silence tasks.W001.",
            id="tasks.W001",
        )
    ]
