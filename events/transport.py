"""How published events travel: the one seam between the embedded default and Dapr.

A transport is a callable that takes outbox rows in order and returns the ids of those that were not
accepted and must be sent again. Of the rows with one key it accepts none after one that it refused.
``EVENT_TRANSPORT`` names the module in this package that has it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module

from django.conf import settings

from events.outbox import OutboxRow

Transport = Callable[[Sequence[OutboxRow]], set[int]]


def transport() -> Transport:
    """The configured transport: ``publish`` of ``events.embedded`` or ``events.dapr``."""
    publish: Transport = import_module(f"events.{settings.EVENT_TRANSPORT}").publish
    return publish
