"""Docker Compose, as ``make image-tools`` builds it."""

from __future__ import annotations

import re
from pathlib import Path

from deploy.local.failure import StackError
from deploy.local.installed import cache_folder

MODULE = Path(__file__).resolve().parent / "compose" / "go.mod"


def version() -> str:
    """The version that its module names."""
    found = re.search(r"^\tgithub\.com/docker/compose/v2 v(\S+)", MODULE.read_text(), re.MULTILINE)
    if found is None:
        raise StackError(f"{MODULE} names no version of Docker Compose")
    return found[1]


def program() -> str:
    """Where it is. Raises StackError when it was not built."""
    built = cache_folder() / "bin" / f"docker-compose-{version()}"
    if not built.exists():
        raise StackError(f"Docker Compose {version()} is not installed. Run: make image-tools")
    return str(built)
