"""Killed in turn under load and started again a second later: nothing lost, nothing doubled, all in order."""

from __future__ import annotations

import pytest

from tests.faults.arena import Arena

KILLED = (
    *("web", "events", "relay", "scheduler", "worker"),
    *("daprd-web", "daprd-events", "daprd-relay"),
    *("kafka", "redis", "postgres"),
)

pytestmark = [
    pytest.mark.faults,
    pytest.mark.stack,
    pytest.mark.xdist_group("stack"),
    pytest.mark.timeout(1200),
]


@pytest.mark.parametrize("name", KILLED)
def test_killed_under_load(arena: Arena, name: str) -> None:
    recoveries = arena.kill_again_and_again(name)
    assert arena.close_the_books(f"kill -9 {name}", recoveries) == {}


def test_the_proof_of_the_product_agrees(arena: Arena) -> None:
    arena.load.rest()
    proof = arena.verify()
    assert proof["clean"], proof["findings"][:10]
    assert proof["tasks"] == arena.books.value("SELECT count(*) FROM tasks_task")
    assert arena.books.out_of_order_in_kafka() == []
    arena.load.go()
