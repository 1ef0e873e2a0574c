"""Names and titles are one line: they go into lists, into subjects and into addresses of mails."""

from __future__ import annotations

import re
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")


def validate_line(text: str) -> None:
    """Refuse line breaks and other control characters. Raises ValidationError."""
    if CONTROL.search(text):
        raise ValidationError(_("Give one line, without control characters."), code="line")
