"""The five roles of the application as processes of their own."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from deploy.local.ports import RolePorts
from deploy.local.service import Service, http_status

SERVED_BY_GUNICORN = {"web", "events"}
READY = 200


def service(folder: Path, role: str, ports: RolePorts, environment: Callable[[], dict[str, str]]) -> Service:
    return Service(
        name=role,
        folder=folder,
        port=ports.app,
        command=_command(role),
        environment=environment,
        answers=lambda: http_status(ports.app, "/health/ready", seconds=5.0) == READY,
        stop_seconds=30.0,
    )


def _command(role: str) -> list[str]:
    if role in SERVED_BY_GUNICORN:
        return [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "todo_project.wsgi"]
    return [sys.executable, "manage.py", role]
