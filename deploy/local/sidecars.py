"""A daprd beside each role, with the resources of ``deploy/dapr``."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from deploy.local import installed
from deploy.local.ports import LOOPBACK, RolePorts
from deploy.local.service import ROOT, Service, http_get, http_status

SOURCE = ROOT / "deploy" / "dapr"
CONFIGURATION = "configuration.yaml"
OK, HEALTHY = 200, 204
SHUTDOWN_SECONDS = 10
MAX_BODY = "32Mi"  # a whole batch of events of the longest tasks, as the delivery routes take it


def name_of(role: str) -> str:
    """What the sidecar of a role is called among the services of the stack."""
    return f"daprd-{role}"


def service(folder: Path, role: str, ports: RolePorts, environment: Callable[[], dict[str, str]]) -> Service:
    return Service(
        name=name_of(role),
        folder=folder,
        port=ports.dapr_http,
        command=[installed.daprd(), *_arguments(folder / "dapr", role, ports)],
        environment=environment,
        answers=lambda: _answers(role, ports, environment()["DAPR_API_TOKEN"]),
        stop_seconds=SHUTDOWN_SECONDS + 10.0,
    )


def _answers(role: str, ports: RolePorts, token: str) -> bool:
    """Healthy, which it is before it has found its application; that of ``events`` has asked it for its topics, too."""
    if http_status(ports.dapr_http, "/v1.0/healthz") != HEALTHY:
        return False
    return role != "events" or bool(_metadata(ports, token).get("subscriptions"))


def _metadata(ports: RolePorts, token: str) -> dict[str, Any]:
    """Source: https://docs.dapr.io/reference/api/metadata_api/"""
    status, body = http_get(ports.dapr_http, "/v1.0/metadata", {"dapr-api-token": token})
    return json.loads(body) if status == OK else {}


def _arguments(folder: Path, role: str, ports: RolePorts) -> list[str]:
    values = {
        "app-id": role,
        "app-port": ports.app,
        "app-protocol": "http",
        "dapr-http-port": ports.dapr_http,
        "dapr-grpc-port": ports.dapr_grpc,
        "dapr-internal-grpc-port": ports.dapr_internal,
        "dapr-internal-grpc-listen-address": LOOPBACK,
        "dapr-listen-addresses": LOOPBACK,
        "metrics-port": ports.dapr_metrics,
        "metrics-listen-address": LOOPBACK,
        "resources-path": folder / "resources",
        "config": folder / CONFIGURATION,
        "dapr-graceful-shutdown-seconds": SHUTDOWN_SECONDS,
        "max-body-size": MAX_BODY,
    }
    return [f"--{name}={value}" for name, value in values.items()]


def prepare(folder: Path) -> None:
    """Put the resources and the configuration where the sidecars of this stack read them."""
    home = folder / "dapr"
    resources = home / "resources"
    shutil.rmtree(resources, ignore_errors=True)
    resources.mkdir(parents=True)
    for source in sorted(SOURCE.glob("*.yaml")):
        if is_local(source.name):
            shutil.copy(source, resources)
    (home / CONFIGURATION).write_text(yaml.safe_dump(_configuration(home), sort_keys=False))


def is_local(name: str) -> bool:
    """Whether a file is a resource of this stack: not what Kubernetes has instead, not the declared subscriptions."""
    return name != CONFIGURATION and not name.startswith("subscriptions") and "kubernetes" not in name


def _configuration(home: Path) -> dict[str, Any]:
    """The common one, and a file in which the sidecars of this stack, and of no other, find each other."""
    configuration: dict[str, Any] = yaml.safe_load((SOURCE / CONFIGURATION).read_text())
    configuration["spec"]["nameResolution"] = {
        "component": "sqlite",
        "version": "v1",
        "configuration": {"connectionString": str(home / "names.sqlite3")},
    }
    return configuration
