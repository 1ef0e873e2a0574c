"""Helm and what goes with it, as `make helm` built them, and what the chart makes of values."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from charts.generated import CHART, ROOT
from deploy.local.installed import cache_folder

MODULES = {
    "helm": "helm.sh/helm/v4",
    "helm-unittest": "github.com/helm-unittest/helm-unittest",
    "kubeconform": "github.com/yannh/kubeconform",
}
GO_MOD = ROOT / "charts" / "tools" / "go.mod"
CLUSTER_GO_MOD = ROOT / "deploy" / "cluster" / "tools" / "go.mod"
SECONDS = 120
# What an installation must say, which no values file can know.
REQUIRED = {"image.repository": "registry.example.com/todo-app", "baseUrl": "https://todo.example.com"}
# And what only Terraform knows.
MANAGED = {
    "redis.address": "valkey.example.com:25061",
    "kafka.external.brokers": "kafka-1.example.com:25073\\,kafka-2.example.com:25073",
}
# Each values file with what has to be set beside it.
INSTALLATIONS: Mapping[str, Mapping[str, str]] = {
    "values-local.yaml": {},
    "values-doks.yaml": REQUIRED,
    "values-doks-managed.yaml": {**REQUIRED, **MANAGED},
}


def tool(name: str) -> Path:
    """Where a tool of charts/tools is, in the version of its go.mod; whether it was built is another question."""
    return cache_folder() / "bin" / f"{name}-{_version(MODULES[name], GO_MOD)}"


def openapi() -> Path:
    """Where Kubernetes' description of its own objects is."""
    return cache_folder() / f"kubernetes-{_version('k8s.io/kubernetes', CLUSTER_GO_MOD)}.json"


def _version(module: str, file: Path) -> str:
    """What a go.mod asks for. Raises LookupError where it does not name the module."""
    found = re.search(rf"^(?:require)?\s+{re.escape(module)} (\S+)", file.read_text(), re.MULTILINE)
    if found is None:
        raise LookupError(f"{file} does not name {module}")
    return found[1]


def arguments(values: str | None, settings: Mapping[str, str]) -> list[str]:
    """What tells Helm of a values file of the chart (none: the defaults) and of single values."""
    files = ["--values", str(CHART / values)] if values else []
    return [*files, *(part for name, value in settings.items() for part in ("--set", f"{name}={value}"))]


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run helm to its end, whatever that is."""
    return subprocess.run(
        [str(tool("helm")), *command], capture_output=True, text=True, check=False, timeout=SECONDS
    )


def rendered(values: str | None, settings: Mapping[str, str], release: str = "todo-app") -> str:
    """The chart's objects as YAML. Raises ValueError with what Helm said where it refuses."""
    result = run("template", release, str(CHART), "--namespace", "todo", *arguments(values, settings))
    if result.returncode:
        raise ValueError(result.stderr)
    return result.stdout


def objects(values: str | None, settings: Mapping[str, str]) -> list[dict[str, Any]]:
    """The chart's objects. Raises ValueError with what Helm said where it refuses."""
    return [found for found in yaml.safe_load_all(rendered(values, settings)) if found]


def of_kind(found: Sequence[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [one for one in found if one["kind"] == kind]
