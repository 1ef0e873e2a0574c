"""The trace that an event belongs to: W3C Trace Context, https://www.w3.org/TR/trace-context/."""

from __future__ import annotations

import contextvars
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")

_current: contextvars.ContextVar[str] = contextvars.ContextVar("traceparent", default="")


def current() -> str:
    """The ``traceparent`` of the work at hand; a new one outside of any."""
    return _current.get() or start()


def start() -> str:
    """A new trace that is not sampled."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00"


@contextmanager
def continued(traceparent: str) -> Iterator[None]:
    """Do something as part of a trace; what is not a ``traceparent`` starts a new one."""
    token = _current.set(traceparent if TRACEPARENT.fullmatch(traceparent) else start())
    try:
        yield
    finally:
        _current.reset(token)
