"""Further processes of a stack's roles, beside its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from deploy.local.service import ROOT, environment
from deploy.local.stack import Stack


@dataclass
class Another:
    """A process with its log."""

    process: subprocess.Popen[bytes]
    log: Path

    def has_said(self, text: str) -> bool:
        assert self.process.poll() is None, self.log.read_text()[-3000:]
        return text in self.log.read_text()


@contextmanager
def another(stack: Stack, role: str, *command: str) -> Iterator[Another]:
    """A process of a role, ``command`` instead of ``manage.py ROLE``.

    Beside the stack's own it shares that one's daprd; where that one does not run, it takes its place and port.
    """
    log = stack.folder / "logs" / f"{role}-{uuid4().hex[:8]}.log"
    beside = {"METRICS_PORT": "0", "ROLE_PORT": "0"} if stack.pid(role) else {}
    own = {**stack.environment(role), **beside}
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, *(command or ("manage.py", role))],
            cwd=ROOT,
            env={**environment(own), "DJANGO_SETTINGS_MODULE": "todo_project.settings"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield Another(process, log)
    finally:
        process.kill()
        process.wait()
