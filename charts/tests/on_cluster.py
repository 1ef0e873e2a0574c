"""A release of the chart on a real API server, for the tests."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml

from charts import helm
from charts.generated import CHART
from deploy.cluster.cluster import Cluster, Result

RESTRICTED = {
    f"pod-security.kubernetes.io/{mode}": level
    for mode, level in (("enforce", "restricted"), ("warn", "restricted"), ("enforce-version", "latest"))
}
# What docs and NOTES ask for. Nothing reads the values here.
SECRET_KEYS = [
    "SECRET_KEY",
    "DATABASE_URL",
    "REDIS_URL",
    "REDIS_PASSWORD",
    "APP_API_TOKEN",
    "DAPR_API_TOKEN",
    "KAFKA_USERNAME",
    "KAFKA_PASSWORD",
    "KAFKA_CA",
]
WAIT = ("--wait", "--timeout", "90s")
Object = dict[str, Any]


@dataclass
class Release:
    """``settings`` are those of the last installation or upgrade, beside its values file."""

    cluster: Cluster
    namespace: str
    values: str | None
    settings: Mapping[str, str] = field(default_factory=dict)
    name: str = "todo-app"

    # --- What Helm does ------------------------------------------------------------------------------

    def install(self, *flags: str, chart: Path = CHART, check: bool = True) -> Result:
        return self._put("install", *flags, chart=chart, check=check)

    def upgrade(self, *flags: str, chart: Path = CHART, check: bool = True, **changed: str) -> Result:
        """``changed``: settings with two underscores in the place of each point."""
        self.settings = {**self.settings, **{k.replace("__", "."): v for k, v in changed.items()}}
        return self._put("upgrade", *flags, chart=chart, check=check)

    def _put(self, command: str, *flags: str, chart: Path, check: bool) -> Result:
        wanted = helm.arguments(self.values, self.settings)
        return self.helm(command, str(chart), *WAIT, *wanted, *flags, check=check)

    def rollback(self) -> Result:
        return self.helm("rollback", *WAIT)

    def uninstall(self) -> Result:
        return self.helm("uninstall", *WAIT)

    def helm(self, command: str, *arguments: str, check: bool = True) -> Result:
        where = f"--namespace={self.namespace}"
        return self.cluster.helm(command, self.name, *arguments, where, check=check)

    def revisions(self) -> list[tuple[int, str]]:
        """The number of each revision, and what became of it."""
        told = json.loads(self.helm("history", "--output=json").stdout)
        return [(one["revision"], one["status"]) for one in told]

    def manifest(self) -> list[Object]:
        """What Helm says that it has installed, hooks included."""
        texts = [self._get("manifest"), self._get("hooks")]
        return [one for text in texts for one in yaml.safe_load_all(text) if one]

    def _get(self, what: str) -> str:
        where = f"--namespace={self.namespace}"
        return self.cluster.helm("get", what, self.name, where).stdout

    # --- What the API says ---------------------------------------------------------------------------

    def get(self, kinds: str, *arguments: str) -> list[Object]:
        return self.cluster.get(kinds, self.namespace, *arguments)

    def named(self, kind: str, suffix: str = "") -> Object:
        """The object whose name is the release's, or that with a suffix."""
        wanted = self.name + suffix
        return next(one for one in self.get(kind) if one["metadata"]["name"] == wanted)

    def pods(self, component: str) -> list[Object]:
        """Those that are not on their way out."""
        found = self.get("pods", f"--selector=app.kubernetes.io/component={component}")
        return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]

    def images(self) -> dict[str, str]:
        """The image of each Deployment's own container."""
        return {
            one["metadata"]["name"]: one["spec"]["template"]["spec"]["containers"][0]["image"]
            for one in self.get("deployments")
        }

    def addresses(self, service: str) -> set[str]:
        """The pods that a Service leads to."""
        slices = self.get("endpointslices", f"--selector=kubernetes.io/service-name={service}")
        ready = [end for one in slices for end in one["endpoints"] or [] if end["conditions"]["ready"]]
        return {end["targetRef"]["name"] for end in ready}


def new_namespace(cluster: Cluster) -> str:
    """One that enforces the level restricted and has the Secret that the chart asks for."""
    name = f"todo-{uuid4().hex[:8]}"
    secret = {"metadata": {"name": "todo", "namespace": name}, "stringData": dict.fromkeys(SECRET_KEYS, "x")}
    cluster.apply(
        [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": RESTRICTED}}]
    )
    cluster.apply([{"apiVersion": "v1", "kind": "Secret", **secret}])
    return name


@contextmanager
def release_of(cluster: Cluster, values: str | None, **changed: str) -> Iterator[Release]:
    """A place for a release, which is gone with all that is in it afterwards."""
    settings = helm.INSTALLATIONS[values] if values else helm.REQUIRED
    settings = {**settings, **{name.replace("__", "."): value for name, value in changed.items()}}
    namespace = new_namespace(cluster)
    try:
        yield Release(cluster, namespace, values, settings)
    finally:
        cluster.kubectl("delete", "namespace", namespace, "--wait=false")
