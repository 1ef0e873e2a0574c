"""A Docker daemon of its own, for as long as it is needed: no bridge, no firewall rules, its data in one folder.

It runs beside a daemon that may be there already and sees nothing of it. It must run as root.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.failure import StackError
from deploy.local.service import Service, environment

NO_PORT = 0  # it listens on a socket in its folder only
DAEMON_PROGRAMS = ("dockerd", "containerd", "runc")
DEBIAN_CLIENT = Path(
    "/usr/bin/docker"
)  # of the daemon's own package; one elsewhere may be newer and lack its builder
DAEMON_STOP_SECONDS = 60.0


@dataclass(frozen=True)
class Docker:
    """The client of one daemon."""

    socket: Path

    @property
    def environment(self) -> dict[str, str]:
        """The classic builder, which is part of the daemon."""
        return environment({"DOCKER_HOST": f"unix://{self.socket}", "DOCKER_BUILDKIT": "0"})

    def command(self, *arguments: str) -> list[str]:
        return [client(), *arguments]

    def run(self, *arguments: str, seconds: float = 300.0, variables: Mapping[str, str] | None = None) -> str:
        """Run a command to its end and return what it said. Raises StackError, with all it said, when it fails."""
        result = self.try_run(*arguments, seconds=seconds, variables=variables)
        if result.returncode:
            said = (result.stdout + result.stderr)[-6000:]
            raise StackError(f"docker {arguments[0]} failed with status {result.returncode}:\n{said}")
        return result.stdout

    def try_run(
        self, *arguments: str, seconds: float = 300.0, variables: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """The same, whatever comes of it. ``variables`` are what ``--env NAME`` takes its values from."""
        return subprocess.run(
            self.command(*arguments),
            env={**self.environment, **(variables or {})},
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )

    def inspect(self, name: str) -> dict[str, Any]:
        """What the daemon knows about an image or a container."""
        found: list[dict[str, Any]] = json.loads(self.run("inspect", name))
        return found[0]

    def answers(self) -> bool:
        return self.try_run("version", seconds=10).returncode == 0


def client() -> str:
    found = str(DEBIAN_CLIENT) if DEBIAN_CLIENT.exists() else shutil.which("docker")
    if found is None:
        raise StackError("Docker's client is not installed. Run: make image-tools")
    return found


def check_installed() -> None:
    """Raises StackError when a daemon cannot be started here, with what would help."""
    if os.geteuid() != 0:
        raise StackError("a Docker daemon of one's own can be started by root only")
    missing = [name for name in (*DAEMON_PROGRAMS, "debootstrap") if shutil.which(name) is None]
    if missing:
        raise StackError(f"{', '.join(missing)} is not installed. Run: make image-tools")
    client()


@contextmanager
def running_daemon() -> Iterator[Docker]:
    """A daemon with nothing in it. Afterwards nothing of it is left."""
    check_installed()
    folder = Path(tempfile.mkdtemp(prefix="todo-docker-"))
    docker = Docker(folder / "docker.sock")
    service = _service(folder, docker)
    try:
        service.start()
        service.wait_ready(60)
        yield docker
    finally:
        _remove_containers(docker)
        service.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _service(folder: Path, docker: Docker) -> Service:
    """Source: https://docs.docker.com/reference/cli/dockerd/"""
    return Service(
        name="dockerd",
        folder=folder,
        port=NO_PORT,
        command=[
            *("dockerd", "--host", f"unix://{docker.socket}", "--iptables=false", "--bridge=none"),
            *("--data-root", str(folder / "data"), "--exec-root", str(folder / "run")),
            *("--pidfile", str(folder / "dockerd.pid")),
        ],
        environment=dict,
        answers=docker.answers,
        stop_seconds=DAEMON_STOP_SECONDS,
    )


def _remove_containers(docker: Docker) -> None:
    """What still runs would outlive its daemon."""
    names = docker.try_run("ps", "--all", "--quiet").stdout.split()
    if names:
        docker.try_run("rm", "--force", *names)
