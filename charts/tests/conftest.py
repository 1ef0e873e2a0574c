"""Helm, helm-unittest and kubeconform are built once, by `make helm`."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from charts import helm
from deploy.cluster import installed
from deploy.cluster.cluster import Cluster
from deploy.cluster.ports import ClusterPorts
from deploy.local.failure import StackError


@pytest.fixture(scope="session")
def _helm() -> None:
    """Skip, loudly, where the tools are missing. In CI that is a failure."""
    missing = [name for name in helm.MODULES if not helm.tool(name).exists()]
    missing += [] if helm.openapi().exists() else [helm.openapi().name]
    if not missing:
        return
    reason = f"{', '.join(missing)} not built: run `make helm`"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def cluster(_helm: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A Kubernetes API server with controllers, scheduler and machines that are played."""
    made = Cluster(tmp_path_factory.mktemp("cluster"), ClusterPorts.free())
    try:
        installed.check_all()
    except StackError as error:
        pytest.fail(str(error)) if os.environ.get("CI") == "true" else pytest.skip(str(error))
    try:
        made.up()
        yield made
    finally:
        made.destroy()
