"""A base image that needs no registry: Debian's own Python 3.11 by debootstrap, kept as an archive in the cache.

The image for production is built on ``python:3.11-slim-bookworm``; this one stands in for it where nothing is pulled.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from deploy.image.docker import Docker
from deploy.local.failure import StackError
from deploy.local.installed import cache_folder

SUITE = "bookworm"
PACKAGES = "python3,python3-venv,ca-certificates"
NAME = "local/python:3.11"
SECONDS = 900.0
# What lets pip and apt out of a network that inspects TLS or has mirrors of its own. A machine without them needs none.
OF_THIS_MACHINE = ("etc/ssl/certs/ca-certificates.crt", "etc/pip.conf")


def import_base(docker: Docker) -> str:
    """Give the daemon the base image. Returns its name. The archive is made the first time, in about a minute."""
    archive = cache_folder() / f"base-{SUITE}.tar"
    if not archive.exists():
        _make(archive)
    docker.run("import", "--change", "CMD python3", str(archive), NAME)
    return NAME


def _make(archive: Path) -> None:
    archive.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="todo-base-"))
    try:
        _run("debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, str(folder))
        _take_over(folder)
        part = archive.with_suffix(f".{os.getpid()}.part")
        _run("tar", "-C", str(folder), "--exclude=./var/cache/apt", "-cf", str(part), ".")
        part.replace(archive)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _take_over(folder: Path) -> None:
    for name in OF_THIS_MACHINE:
        source, target = Path("/") / name, folder / name
        if source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)  # a link would lead out of the folder
            shutil.copy(source, target)


def _run(*command: str) -> None:
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    if result.returncode:
        said = (result.stdout + result.stderr)[-3000:]
        raise StackError(f"{command[0]} failed with status {result.returncode}:\n{said}")
