"""What the tests of the image and of the compose files need of this machine."""

from __future__ import annotations

import os

import pytest

from deploy.image import docker
from deploy.local.failure import StackError


def require_docker() -> None:
    """Skip, loudly, where no daemon can be started; in CI that is a failure."""
    try:
        docker.check_installed()
    except StackError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))
