"""Two people edit the same thing: a form carries what it showed, so only what both changed is a conflict."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

DIGEST_LENGTH = 16  # hexadecimal digits; enough that two values of one field never look alike


def shown(values: Mapping[str, Any]) -> str:
    """What a form carries along about the values that it shows: a short digest of each."""
    return " ".join(f"{name}={_digest(value)}" for name, value in values.items())


def _digest(value: Any) -> str:
    plain = value.pk if isinstance(value, Model) else value
    return hashlib.sha256(repr(plain).encode()).hexdigest()[:DIGEST_LENGTH]


@dataclass(frozen=True)
class Comparison:
    """``changed`` are the names of the values to save, ``conflicts`` those of them that changed elsewhere."""

    changed: frozenset[str]
    conflicts: frozenset[str]


def compare(seen: str, current: Mapping[str, Any], wanted: Mapping[str, Any]) -> Comparison:
    """Compare what a person wants with what the form showed them (``seen``) and with what is there now.

    What they left as it was shown is not theirs to save. Nothing is a conflict where both want the same, or
    where the form does not say what it showed.
    """
    digests = dict(part.split("=", 1) for part in seen.split() if "=" in part)
    changed = frozenset(
        name
        for name, value in wanted.items()
        if digests.get(name) != _digest(value) and _digest(value) != _digest(current[name])
    )
    conflicts = frozenset(
        name for name in changed if name in digests and digests[name] != _digest(current[name])
    )
    return Comparison(changed, conflicts)
