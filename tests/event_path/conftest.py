"""What the tests of the event path on the real stack share."""

from __future__ import annotations

import pytest

from deploy.local.stack import Stack
from tests.event_path.person import Person


@pytest.fixture(scope="session")
def person(stack: Stack) -> Person:
    return Person(stack)
