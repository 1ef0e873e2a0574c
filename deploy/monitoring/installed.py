"""Where promtool and Prometheus are."""

from __future__ import annotations

import shutil

from deploy.local.failure import StackError
from deploy.local.installed import cache_folder


def program(name: str) -> str:
    """The path of ``promtool`` or ``prometheus``: that of the PATH, else what was fetched. Raises StackError."""
    found = shutil.which(name) or shutil.which(name, path=cache_folder() / "prometheus")
    if found is None:
        raise StackError(f"{name} is not here. Run: make monitoring-tools")
    return found
