"""The time at which what is being recorded happens: now, unless a block recounts what happened before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.utils import timezone

_recounted: ContextVar[datetime | None] = ContextVar("recounted", default=None)


def now() -> datetime:
    """The instant to write down, in UTC."""
    return _recounted.get() or timezone.now()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Record what this block does as of an earlier instant, in this thread alone.

    For history that is made up (the demo) or known (an import). What has already been recorded stays as it is,
    so whoever recounts goes forward in time.
    """
    token = _recounted.set(moment)
    try:
        yield
    finally:
        _recounted.reset(token)
