"""A process of the stack: started, known by its pid file, waited for, stopped, killed, paused."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local import ports, proc
from deploy.local.failure import StackError, tail

POLL_SECONDS = 0.05
KILL_SECONDS = 10.0
PORT_SECONDS = 5.0
ROOT = Path(__file__).resolve().parents[2]
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "JAVA_HOME")


@dataclass
class Service:
    """``environment`` is asked at each start; ``answers`` is the health check; the times are limits in seconds."""

    name: str
    folder: Path
    port: int
    command: list[str]
    environment: Callable[[], Mapping[str, str]]
    answers: Callable[[], bool]
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 20.0
    start_seconds: float = 180.0  # what ends is noticed at once; what is slow on a busy machine is let be
    _child: subprocess.Popen[bytes] | None = field(default=None, init=False, repr=False)

    @property
    def log(self) -> Path:
        return self.folder / "logs" / f"{self.name}.log"

    @property
    def pid_file(self) -> Path:
        return self.folder / "pids" / f"{self.name}.pid"

    def pid(self) -> int | None:
        """Its process id; None when it does not run. A pid that belongs to somebody else by now does not count."""
        if self._child is not None:
            self._child.poll()
        try:
            pid, started = (int(part) for part in self.pid_file.read_text().split())
        except (OSError, ValueError):
            return None
        return pid if proc.started_at(pid) == started else None

    @property
    def exit_status(self) -> int | None:
        """How it ended, where this process started it: 0 by itself, negative by that signal, None while it runs."""
        return None if self._child is None else self._child.poll()

    def start(self) -> None:
        """Start it where it does not run. Raises StackError when something else has its port."""
        if self.pid() is not None:
            return
        self._wait_for_port()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=environment(self.environment()),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=self.user,
                group=self.user,
                extra_groups=[] if self.user else None,
            )
        self._note(self._child.pid)

    def _wait_for_port(self) -> None:
        """A killed predecessor's children may hold the port for a moment."""
        deadline = time.monotonic() + PORT_SECONDS
        while ports.taken(self.port):
            if time.monotonic() > deadline:
                raise StackError(
                    f"{self.name} cannot start: something else listens on port {self.port}. Stop that first "
                    f"(`ss -ltnp | grep {self.port}` names it)."
                )
            time.sleep(POLL_SECONDS)

    def _note(self, pid: int) -> None:
        self.pid_file.parent.mkdir(parents=True, exist_ok=True)
        part = self.pid_file.with_suffix(".part")
        part.write_text(f"{pid} {proc.started_at(pid) or 0}\n")
        part.replace(self.pid_file)

    def wait_ready(self, seconds: float | None = None) -> None:
        """Wait until it answers. Raises StackError when it ends or takes longer than that."""
        limit = self.start_seconds if seconds is None else seconds
        deadline = time.monotonic() + limit
        while not self.answers():
            if self.pid() is None:
                raise StackError(f"{self.name} ended instead of answering.\n{tail(self.log)}")
            if time.monotonic() > deadline:
                raise StackError(f"{self.name} did not answer within {limit:g} s.\n{tail(self.log)}")
            time.sleep(POLL_SECONDS)

    def stop(self) -> None:
        """Ask it to end, and kill what is left after ``stop_seconds``."""
        pid = self.pid()
        if pid is None:
            return
        _, *below = proc.tree(pid)
        self.resume()
        os.kill(pid, self.stop_signal)
        if not self._gone(pid, below, self.stop_seconds):
            self.kill()
            proc.end(below)

    def kill(self) -> None:
        """End it and everything below it as a power cut does."""
        pid = self.pid()
        if pid is None:
            return
        _, *below = proc.send(pid, signal.SIGKILL)
        if not self._gone(pid, below, KILL_SECONDS):
            raise StackError(f"{self.name} (process {pid}) cannot be killed.")

    def _gone(self, pid: int, below: Sequence[int], seconds: float) -> bool:
        """Wait until it and those below it have ended, and its exit status was asked for, too.

        Until then PostgreSQL takes its own predecessor for a server that runs.
        """
        deadline = time.monotonic() + seconds
        while proc.exists(pid) or any(proc.started_at(one) for one in below):
            if time.monotonic() > deadline:
                return False
            self.pid()  # asks for the exit status, where it is ours to ask for
            time.sleep(POLL_SECONDS)
        return True

    def pause(self) -> None:
        """Freeze it and everything below it, as a host that hangs does."""
        if pid := self.pid():
            proc.send(pid, signal.SIGSTOP)

    def resume(self) -> None:
        if pid := self.pid():
            proc.send(pid, signal.SIGCONT)


def environment(own: Mapping[str, str]) -> dict[str, str]:
    """A process's whole environment: little of this one's, and its own."""
    return {**{name: os.environ[name] for name in INHERITED if name in os.environ}, **own}


def http_get(
    port: int, path: str, headers: Mapping[str, str] | None = None, seconds: float = 2.0
) -> tuple[int, bytes]:
    """The status and the body of a GET on this machine; 0 when nothing answers in time."""
    connection = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=seconds)
    try:
        connection.request("GET", path, headers=dict(headers or {}))
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()


def http_status(port: int, path: str, seconds: float = 2.0) -> int:
    return http_get(port, path, seconds=seconds)[0]
