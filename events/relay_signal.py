"""Wakes the relay of this process as soon as something was committed, instead of at its next look."""

import threading

_committed = threading.Event()


def wake() -> None:
    _committed.set()


def wait(seconds: float) -> None:
    """Sleep until something is committed in this process, at most for so many seconds."""
    _committed.wait(seconds)
    _committed.clear()
