"""What goes wrong with a stack: the thing, the end of its log, and what to do."""

from __future__ import annotations

from pathlib import Path

TAIL_LINES = 15


class StackError(Exception):
    """The message is complete: it is all that a person is shown."""


def tail(log: Path, lines: int = TAIL_LINES) -> str:
    """The end of a log, indented; says so where there is none."""
    if not log.exists() or not log.stat().st_size:
        return f"  (its log {log} is empty)"
    last = log.read_text(errors="replace").splitlines()[-lines:]
    return "\n".join([f"  The end of {log}:", *(f"    {line}" for line in last)])
