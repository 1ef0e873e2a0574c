"""What of a stack runs, as a table."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from deploy.local import proc
from deploy.local.service import Service
from deploy.local.stack import Stack

HEADINGS = ("name", "pid", "port", "answers", "memory", "uptime")


@dataclass(frozen=True)
class Standing:
    """How one service is. ``memory`` is in bytes, ``uptime`` in seconds."""

    name: str
    pid: int | None
    port: int
    answers: bool
    memory: int
    uptime: float

    def cells(self) -> tuple[str, ...]:
        if self.pid is None:
            return (self.name, "–", str(self.port), "down", "", "")
        answers = "yes" if self.answers else "no"
        memory = f"{self.memory / 1024**2:.0f} MB"
        return (self.name, str(self.pid), str(self.port), answers, memory, _duration(self.uptime))


def standings(stack: Stack) -> list[Standing]:
    with ThreadPoolExecutor(max_workers=len(stack.services)) as pool:
        return list(pool.map(_standing, stack.services.values()))


def _standing(service: Service) -> Standing:
    pid = service.pid()
    if pid is None:
        return Standing(service.name, None, service.port, False, 0, 0.0)
    memory, uptime = proc.memory_bytes(pid), proc.uptime_seconds(pid)
    return Standing(service.name, pid, service.port, service.answers(), memory, uptime)


def table(found: list[Standing]) -> str:
    rows = [HEADINGS, *(standing.cells() for standing in found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
