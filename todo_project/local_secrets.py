"""Secrets that the embedded default makes for itself, once, so that no secret is ever shipped."""

import os
import secrets
from pathlib import Path


def local_secret(folder: Path, name: str) -> str:
    """The secret kept in ``folder/name``, made at the first call: 64 URL-safe characters, readable by the owner.

    Two processes that start at the same time agree: whoever creates the file first wins.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    if not path.exists():
        _create_once(path, secrets.token_urlsafe(48))
    return path.read_text().strip()


def _create_once(path: Path, value: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(value)
    draft.chmod(0o600)
    try:
        os.link(draft, path)  # unlike a rename, a link never replaces the file of a process that was faster
    except FileExistsError:
        pass
    finally:
        draft.unlink()
