"""Where the programs of the stack are. What is missing is named with what installs it."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

from deploy.local.failure import StackError

KAFKA_VERSION = "4.2.0"
DAPRD_VERSION = "1.18.2"
DEBIAN_POSTGRES = Path("/usr/lib/postgresql")


def cache_folder() -> Path:
    """Where ``make services`` puts what it fetches and builds."""
    return Path(os.environ.get("TODO_CACHE") or Path.home() / ".cache" / "todo-project")


def _missing(what: str) -> StackError:
    return StackError(f"{what} is not installed. Run: make services")


def postgres(program: str) -> str:
    """The path of a PostgreSQL program, of the newest version that Debian's packages put here, else on the PATH."""
    versions = sorted(DEBIAN_POSTGRES.glob(f"*/bin/{program}"), key=lambda path: float(path.parts[-3]))
    found = str(versions[-1]) if versions else shutil.which(program)
    if found is None:
        raise _missing("PostgreSQL")
    return found


def redis_server() -> str:
    found = shutil.which("redis-server")
    if found is None:
        raise _missing("Redis")
    return found


def java() -> str:
    found = shutil.which("java")
    if found is None:
        raise _missing("Java, which Kafka needs,")
    return found


def kafka_jars() -> Path:
    """The folder with Kafka and its libraries."""
    folder = cache_folder() / f"kafka-{KAFKA_VERSION}"
    if not folder.is_dir():
        raise _missing(f"Kafka {KAFKA_VERSION}")
    return folder


@cache
def daprd() -> str:
    """The sidecar: the one that ``make services`` built, else one of the same version on the PATH."""
    built = cache_folder() / "bin" / f"daprd-{DAPRD_VERSION}"
    if built.exists():
        return str(built)
    found = shutil.which("daprd")
    if found is None or _version(found) != DAPRD_VERSION:
        raise _missing(f"daprd {DAPRD_VERSION}")
    return found


def _version(program: str) -> str:
    return subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout.strip()


def check_all() -> None:
    """Raises StackError for the first program that is missing."""
    postgres("initdb"), redis_server(), java(), kafka_jars(), daprd()
