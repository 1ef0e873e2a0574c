"""One leader among the processes of this machine that share a ``VAR_DIR``.

The lock belongs to the process: when it dies, however it dies, the system releases it.
"""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

RETRY_SECONDS = 0.5


@contextmanager
def leadership(name: str, stop: threading.Event) -> Iterator[bool]:
    """Wait until this process leads, at most until ``stop``. Gives whether it does."""
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    with (settings.VAR_DIR / f"{name}.lock").open("w") as lock:
        leads = _try(lock.fileno())
        while not leads and not stop.wait(RETRY_SECONDS):
            leads = _try(lock.fileno())
        yield leads


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
