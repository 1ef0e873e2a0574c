"""Helm, helm-unittest and kubeconform are built once, by `make helm`."""

from __future__ import annotations

import os

import pytest

from charts import helm


@pytest.fixture(scope="session")
def _helm() -> None:
    """Skip, loudly, where the tools are missing. In CI that is a failure."""
    missing = [name for name in helm.MODULES if not helm.tool(name).exists()]
    if not missing:
        return
    reason = f"{', '.join(missing)} not built: run `make helm`"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
