"""Waiting for what other threads, processes and browsers do."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE_SECONDS = 30.0
POLL_SECONDS = 0.02

T = TypeVar("T")


def wait_until(condition: Callable[[], T], what: str = "", seconds: float = PATIENCE_SECONDS) -> T:
    """Ask until the answer is true, and return it. Raises AssertionError with ``what`` in it when that takes longer."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what or 'what was waited for'}"
        time.sleep(POLL_SECONDS)
    return found
