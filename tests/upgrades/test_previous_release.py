"""The previous release works on the present schema, alone and beside the present one: so upgrades need no downtime."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator

import pytest

from deploy.local.ports import ROLES
from deploy.local.service import ROOT
from deploy.local.smoke import smoke
from deploy.local.stack import INFRASTRUCTURE, Stack
from tests.faults.books import Books
from tests.real_stack import new_stack
from tests.upgrades import previous
from tests.upgrades.previous import Release

pytestmark = [pytest.mark.xdist_group("stack"), pytest.mark.timeout(900)]
of_the_stack = [
    pytest.mark.stack,
    pytest.mark.skipif(previous.named() == previous.NONE, reason="there is no previous release yet"),
]


def test_a_release_is_named_as_soon_as_there_is_one():
    tags = subprocess.run(
        ["git", "tag", "--list", "v*"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert previous.named() != previous.NONE or tags.stdout.split() == []


@pytest.fixture(scope="module")
def release() -> Iterator[Release]:
    with previous.checked_out(previous.named()) as found:
        yield found


@pytest.fixture(scope="module")
def stack(release: Release) -> Iterator[Stack]:
    """The present schema, with every role of the previous release on it."""
    with new_stack() as made:
        made.up(INFRASTRUCTURE)
        made.manage("migrate", "--verbosity", "0")
        release.on(made, "up")
        yield made


@pytest.mark.usefixtures("stack")
class TestUpgrade:
    """In this order: it begins with nothing but the previous release and ends with nothing of it."""

    pytestmark = of_the_stack

    def test_the_previous_release_carries_a_task_on_the_present_schema(self, release: Release, stack: Stack):
        assert "its mail is sent" in release.on(stack, "smoke")

    @pytest.mark.parametrize("role", ROLES)
    def test_both_releases_carry_a_task_together(self, stack: Stack, role: str):
        """From here on this role is the present one's; those that come later are still the previous one's."""
        stack.stop(role)
        stack.start(role)
        stack.wait_ready(role)
        smoke(stack, print)

    def test_no_event_was_lost_on_the_way(self, stack: Stack):
        Books(stack).settle()
        found = json.loads(stack.manage("verify_events", "--age", "0", "--json").stdout)
        assert found["clean"], found
        assert found["tasks"] >= 1 + len(ROLES)
