"""Tells whoever follows the event log in this process that something was added, instead of at their next look."""

import threading

_added = threading.Event()


def announce() -> None:
    _added.set()


def wait(seconds: float) -> None:
    """Sleep until something is added in this process, at most for so many seconds. For one follower a process."""
    _added.wait(seconds)
    _added.clear()
