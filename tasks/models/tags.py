"""What a tag can be."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

TAG_LENGTH = 50  # characters
TAG = re.compile(r"[^\s,\x00-\x1f\x7f]+")  # one word
MAX_TAGS = 30  # of one task


def clean_tags(tags: Iterable[str]) -> list[str]:
    """Tags without their @, spaces around them and repetitions, in the order given. Raises ValidationError."""
    cleaned = list(dict.fromkeys(tag.strip().removeprefix("@") for tag in tags))
    if not all(len(tag) <= TAG_LENGTH and TAG.fullmatch(tag) for tag in cleaned):
        raise ValidationError(
            _("A tag is one word of 1 to %(length)s characters without commas."),
            params={"length": TAG_LENGTH},
        )
    if len(cleaned) > MAX_TAGS:
        raise ValidationError(_("A task can have %(limit)s tags."), params={"limit": MAX_TAGS})
    return cleaned
