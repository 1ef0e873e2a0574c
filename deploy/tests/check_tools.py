"""The programs that check Terraform, the scripts and the pipeline. ``make check-tools`` installs them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deploy.local.installed import cache_folder

FOLDER = cache_folder() / "checks"


def program(name: str) -> str:
    """Skips, loudly, where it is not installed; in CI that is a failure."""
    return str(_there(FOLDER / "bin" / name))


def schema() -> Path:
    """The folder of the package that names every argument of DigitalOcean's Terraform provider."""
    return _there(FOLDER / "schema" / "pulumi_digitalocean")


def _there(path: Path) -> Path:
    if not path.exists():
        missing = f"{path} is missing. Run: make check-tools"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return path
