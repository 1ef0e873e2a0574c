"""What a build is given: a copy of the checkout, without what git ignores."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from deploy.local.service import ROOT


def copy_checkout(target: Path) -> None:
    """Copy what is committed and what is about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():  # it may have been removed and not yet been committed
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)
