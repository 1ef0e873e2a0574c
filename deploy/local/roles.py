"""The five roles of the application as processes of their own."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from deploy.local.ports import RolePorts
from deploy.local.service import Service, http_status

START = "deploy/role"  # what the image starts, too
READY = 200


def service(folder: Path, role: str, ports: RolePorts, environment: Callable[[], dict[str, str]]) -> Service:
    return Service(
        name=role,
        folder=folder,
        port=ports.app,
        command=[START, role],
        environment=lambda: {"PYTHON": sys.executable, **environment()},
        answers=lambda: http_status(ports.app, "/health/ready", seconds=5.0) == READY,
        stop_seconds=30.0,
    )
