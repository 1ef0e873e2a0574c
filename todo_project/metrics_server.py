"""Serves metrics on a port of their own, those of several processes as one.

Gunicorn's master uses this, which has no Django and must have none: it is forked for each worker.

Source: https://prometheus.github.io/client_python/multiprocess/
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

FOLDER_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client looks at it when it is first imported
PREFIX: Final = "todo-metrics-"
IN_MEMORY: Final = Path("/dev/shm")  # noqa: S108  # workers write at every request; a disk would be written to
SETTLED_SECONDS: Final = 60.0  # by then whoever made a folder has locked it
_lock: list[int] = []  # held by this process and what it forks, until the last of them has ended


class MetricsServer:
    """Answers on a port, in threads. Raises OSError when the port is taken."""

    def __init__(self, host: str, port: int) -> None:
        from prometheus_client import REGISTRY, CollectorRegistry, start_http_server
        from prometheus_client.multiprocess import MultiProcessCollector

        registry = REGISTRY
        if folder := os.environ.get(FOLDER_VARIABLE):
            registry = CollectorRegistry()
            MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]
        self._server, self._thread = start_http_server(port, addr=host, registry=registry)

    @property
    def port(self) -> int:
        """The port that it listens on, where 0 was asked for."""
        return int(self._server.server_port)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def leave(self) -> None:
        """To be called in a forked process, which must not hold the port after its parent."""
        self._server.socket.close()


# --- What gunicorn's master does -----------------------------------------------------------------------

_running: list[MetricsServer] = []  # not in its configuration, which is read anew at each reload


def share() -> None:
    """Let this process and what it forks count in one folder. Once only; to be called before anything counts."""
    if FOLDER_VARIABLE not in os.environ:
        parent = IN_MEMORY if IN_MEMORY.is_dir() else Path(tempfile.gettempdir())
        _remove_left_behind(parent)
        folder = tempfile.mkdtemp(prefix=PREFIX, dir=parent)
        _lock.append(os.open(folder, os.O_RDONLY))
        fcntl.flock(_lock[0], fcntl.LOCK_EX)
        os.environ[FOLDER_VARIABLE] = folder


def _remove_left_behind(parent: Path) -> None:
    """Remove the folders of processes that were killed."""
    for folder in parent.glob(f"{PREFIX}*"):
        with suppress(FileNotFoundError):  # somebody else is removing it
            about = folder.lstat()
            is_old = time.time() - about.st_mtime > SETTLED_SECONDS
            if about.st_uid == os.getuid() and is_old and not _is_locked(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _is_locked(folder: Path) -> bool:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def start(host: str, port: int) -> None:
    """Show the sums. Raises OSError when the port is taken."""
    _running.append(MetricsServer(host, port))


def leave() -> None:
    """To be called in each forked process: the port is its parent's."""
    for server in _running:
        server.leave()
    _running.clear()


def forget(pid: int) -> None:
    """A process has ended: what it counted remains, what it was at that moment does not."""
    if _running:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(pid)  # type: ignore[no-untyped-call]


def end() -> None:
    """Stop, and remove the folder."""
    for server in _running:
        server.stop()
        shutil.rmtree(os.environ.pop(FOLDER_VARIABLE), ignore_errors=True)
    _running.clear()
