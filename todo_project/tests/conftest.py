"""The building blocks on a real daprd."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from todo_project.blocks.sidecar import SIDECAR
from todo_project.tests.daprd import APP_TOKEN, DAPR_TOKEN, Daprd, Redis, running


@dataclass
class Blocks:
    """The sidecar of ``web`` and what is behind it."""

    redis: Redis
    daprd: Daprd


@pytest.fixture(scope="session")
def _blocks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Blocks]:
    folder = tmp_path_factory.mktemp("blocks")
    redis = Redis(folder=folder)
    files = ("state.yaml", "configuration-store.yaml", "resiliency.yaml")
    daprd = Daprd(folder=folder, files=files, environment={"REDIS_HOST": redis.address})
    with running(redis, daprd):
        yield Blocks(redis, daprd)


@pytest.fixture
def blocks(_blocks: Blocks, settings: Any) -> Iterator[Blocks]:
    """daprd and Redis, with settings that lead to them."""
    settings.EVENT_TRANSPORT = "dapr"
    settings.DAPR_HTTP_PORT, settings.DAPR_GRPC_PORT = _blocks.daprd.http_port, _blocks.daprd.grpc_port
    settings.DAPR_API_TOKEN, settings.APP_API_TOKEN = DAPR_TOKEN, APP_TOKEN
    SIDECAR.forget()
    yield _blocks
    SIDECAR.forget()


@pytest.fixture(params=["embedded", "dapr"])
def transport(request: pytest.FixtureRequest, db: None) -> str:
    """Runs a test on the embedded counterpart and on the real block."""
    if request.param == "dapr":
        request.getfixturevalue("blocks")
    return str(request.param)
