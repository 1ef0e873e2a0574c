"""Stopped for a while under load, as a host that hangs: all goes on by itself, and nobody does another's work."""

from __future__ import annotations

import os
import time

import pytest

from tests.faults.arena import Arena
from tests.faults.processes import another
from tests.waiting import wait_until

SECONDS = float(os.environ.get("FREEZE_SECONDS") or 5)
FROZEN = ("relay", "worker", "events", "daprd-events", "redis")
# The relay's two leaderships; the second half of a key in two halves says which.
LEADERS = (
    "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = 28880 AND objsubid = 2 AND granted"
)

pytestmark = [
    pytest.mark.faults,
    pytest.mark.stack,
    pytest.mark.xdist_group("stack"),
    pytest.mark.timeout(900),
]


@pytest.mark.parametrize("name", FROZEN)
def test_frozen_under_load(arena: Arena, name: str) -> None:
    recovery = arena.freeze(name, SECONDS)
    assert arena.close_the_books(f"SIGSTOP {name} for {SECONDS:.0f} s", [recovery]) == {}


def test_a_relay_whose_leader_is_frozen_waits_and_one_whose_leader_lost_its_session_takes_over(
    arena: Arena,
) -> None:
    with another(arena.stack, "relay") as second:
        wait_until(lambda: second.has_said("The relay runs"), "the second relay runs")
        arena.stack.pause("relay")
        time.sleep(SECONDS)
        assert not second.has_said("Leads relay")
        arena.books.rows(f"SELECT count(pg_terminate_backend(pid)) FROM ({LEADERS}) AS leaders")
        wait_until(lambda: second.has_said("Leads relay"), "the second relay leads")
        took_over = arena.recovered(time.time())
        arena.stack.resume("relay")  # it may still publish what it had read: that comes twice
        came_back = arena.recovered(time.time())
    assert arena.close_the_books("the relay's leader frozen, replaced, back", [took_over, came_back]) == {}
    assert arena.books.out_of_order_in_kafka() == []
