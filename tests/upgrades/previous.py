"""The previous release, as ``deploy/previous-release`` names it, checked out and run beside the present one."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.installed import cache_folder
from deploy.local.service import ROOT
from deploy.local.stack import Stack

NAMED = ROOT / "deploy" / "previous-release"
NONE = "none"
SECONDS = 600


@dataclass(frozen=True)
class Release:
    """``folder`` has its whole source, ``python`` what that requires."""

    folder: Path
    python: str

    def on(self, stack: Stack, *command: str) -> str:
        """Run a command of its own ``deploy.local`` on a stack. Returns what it said; fails when the command does."""
        result = subprocess.run(
            [self.python, "-m", "deploy.local", "--folder", str(stack.folder), *command],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
        assert result.returncode == 0, f"{command}: {(result.stdout + result.stderr)[-4000:]}"
        return result.stdout


def named() -> str:
    """The tag or commit of the previous release, or ``none``."""
    lines = [line.strip() for line in NAMED.read_text().splitlines()]
    (found,) = [line for line in lines if line and not line.startswith("#")]
    return found


@contextmanager
def checked_out(revision: str) -> Iterator[Release]:
    """Its source in a folder of its own, for as long as it is needed."""
    folder = Path(tempfile.mkdtemp(prefix="todo-previous-"))
    try:
        _git("worktree", "add", "--detach", str(folder / "source"), f"{revision}^{{commit}}")
        yield Release(folder / "source", _python_for(folder / "source"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _git("worktree", "prune")


def _git(*arguments: str) -> None:
    result = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, (
        f"git {' '.join(arguments)}: {result.stderr}"
        f"deploy/previous-release names a commit that must be here: a shallow clone lacks it (git fetch --unshallow)."
    )


def _python_for(source: Path) -> str:
    """This interpreter where the same packages are wanted, else one with what that release wants, kept in the cache."""
    wanted = (source / "requirements.txt").read_text()
    if wanted == (ROOT / "requirements.txt").read_text():
        return sys.executable
    folder = cache_folder() / f"previous-{hashlib.sha256(wanted.encode()).hexdigest()[:12]}"
    if not folder.exists():
        part = folder.with_suffix(f".{os.getpid()}.part")
        subprocess.run([sys.executable, "-m", "venv", part], check=True)
        install = (part / "bin" / "python", "-m", "pip", "install", "--quiet", "-r", "requirements-dev.txt")
        subprocess.run(install, cwd=source, check=True)
        part.replace(folder)
    return str(folder / "bin" / "python")
