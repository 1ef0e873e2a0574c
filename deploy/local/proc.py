"""What the kernel says about a process and those that it started. Source: proc(5)."""

from __future__ import annotations

import os
import signal
import time
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
# Places in /proc/PID/stat after the command's name, which may itself contain spaces.
STATE, PARENT, USER_TIME, STARTED = 0, 1, 11, 19


def _stat(pid: int) -> list[str] | None:
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def started_at(pid: int) -> int | None:
    """When a process started, in ticks since the boot; None when there is none, or only what is left of it.

    With the pid it names a process for ever: a pid is given again, this moment is not.
    """
    stat = _stat(pid)
    return None if stat is None or stat[STATE] in "ZX" else int(stat[STARTED])


def tree(pid: int) -> list[int]:
    """A process and everything below it, the process first."""
    children = defaultdict(list)
    for entry in PROC.iterdir():
        if entry.name.isdecimal() and (stat := _stat(int(entry.name))):
            children[int(stat[PARENT])].append(int(entry.name))
    found = [pid]
    for one in found:
        found += children[one]
    return found


def exists(pid: int) -> bool:
    """Whether there is anything of a process, be it only the exit status."""
    return (PROC / str(pid)).exists()


def send(pid: int, number: signal.Signals) -> list[int]:
    """Send a signal to a process and everything below it. Returns whom it was sent to."""
    receivers = tree(pid)
    for one in receivers:
        with suppress(ProcessLookupError):
            os.kill(one, number)
    return receivers


def end(pids: Iterable[int]) -> None:
    """SIGKILL to what is left of some processes."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def cpu_seconds(pid: int) -> float:
    """What a tree has used so far in user and system mode, with its ended children."""
    stats = [stat for one in tree(pid) if (stat := _stat(one))]
    return sum(int(ticks) for stat in stats for ticks in stat[USER_TIME : USER_TIME + 4]) / TICKS


def memory_bytes(pid: int) -> int:
    """What a tree has in memory; pages that several processes share are counted once between them."""
    return sum(_proportional(one) for one in tree(pid))


def _proportional(pid: int) -> int:
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def uptime_seconds(pid: int) -> float:
    """How long a process has been running; 0 when it does not."""
    started = started_at(pid)
    return 0.0 if started is None else time.clock_gettime(time.CLOCK_BOOTTIME) - started / TICKS
