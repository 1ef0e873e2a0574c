"""A thread of its own in each process that answers requests."""

from __future__ import annotations

import os
import threading
from abc import ABC, abstractmethod
from typing import ClassVar, Final


class ProcessThread(ABC):
    """``run`` goes on in one thread of each process, from the first ``ensure`` there on.

    A thread does not come along when a process forks, so the process that one was started in is remembered.
    """

    name: ClassVar[str]

    def __init__(self) -> None:
        self._starting: Final = threading.Lock()
        self._pid = 0

    def ensure(self) -> None:
        """Start the thread where this process has none. Costs next to nothing where it has."""
        if self._pid == os.getpid():
            return
        with self._starting:
            if self._pid != os.getpid():
                self._pid = os.getpid()
                threading.Thread(target=self.run, name=self.name, daemon=True).start()

    @abstractmethod
    def run(self) -> None:
        """Never ends by itself."""
