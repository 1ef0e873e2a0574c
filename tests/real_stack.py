"""A stack of its own for a test: free ports, a folder that disappears with it, nothing left running."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.local import installed
from deploy.local.failure import StackError
from deploy.local.ports import Ports
from deploy.local.stack import Stack


def require_services() -> None:
    """Skip, loudly, where a program of the stack is missing; in CI that is a failure."""
    try:
        installed.check_all()
    except StackError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))


@contextmanager
def new_stack(**settings: str) -> Iterator[Stack]:
    """A stack that does not run yet. ``settings`` are settings of the application."""
    require_services()
    # pytest's own folders are closed to the user that PostgreSQL runs as.
    folder = Path(tempfile.mkdtemp(prefix="todo-stack-"))
    folder.chmod(0o711)
    stack = Stack(folder, Ports.free(), settings)
    try:
        yield stack
    finally:
        stack.destroy()
