"""The time at which what is being recorded happens: now, unless a block recounts what happened before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from typing import Final

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

YEARS: Final = range(1900, 3000)  # beyond these a date is a slip of the keyboard
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


def validate_year(day: date) -> None:
    """Refuse dates far from any life; near the ends of the calendar no other zone's clock can show them.

    Raises ValidationError.
    """
    if day.year not in YEARS:
        raise ValidationError(
            _("Give a date in the years %(first)s to %(last)s."),
            code="year",
            params={"first": YEARS[0], "last": YEARS[-1]},
        )
