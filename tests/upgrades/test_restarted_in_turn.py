"""Each role is replaced in turn under load: no request fails, and no event is lost, doubled or out of order.

ROUNDS=5 does it five times. The table is printed at the end and kept in ``VAR_DIR``.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from django.conf import settings

from deploy.local.ports import ROLES
from deploy.local.stack import Stack
from tests.faults.books import Books
from tests.faults.load import Load
from tests.real_stack import new_stack
from tests.upgrades.rollout import Rollout, Rollouts

ROUNDS = int(os.environ.get("ROUNDS") or 1)
STEADY_SECONDS = 3.0  # of load before and after
ANSWERED = {200, 201}
HEADINGS = (
    *("Role", "Times", "Requests", "Failed", "Lost", "Doubled", "Out of order"),
    *("Slowest request", "Slowest event", "New one ready", "Old one ended"),
)

pytestmark = [
    pytest.mark.stack,
    pytest.mark.xdist_group("stack"),
    pytest.mark.timeout(300 + 300 * ROUNDS),
]


@dataclass
class Outcome:
    """What came of replacing one role some times. Seconds are the longest of all."""

    role: str
    rollouts: list[Rollout] = field(default_factory=list)
    requests: int = 0
    failed: int = 0
    lost: int = 0
    doubled: int = 0
    out_of_order: int = 0
    slowest_request: float = 0.0
    slowest_event: float = 0.0

    @property
    def cells(self) -> tuple[str, ...]:
        counts = (self.requests, self.failed, self.lost, self.doubled, self.out_of_order)
        seconds = (
            self.slowest_request,
            self.slowest_event,
            max(one.ready_seconds for one in self.rollouts),
            max(one.end_seconds for one in self.rollouts),
        )
        return (self.role, str(len(self.rollouts)), *map(str, counts), *(f"{one:.1f} s" for one in seconds))


class Place:
    """A running stack under load. ``outcomes`` collects what was measured."""

    def __init__(self, stack: Stack) -> None:
        self.books, self.rollouts = Books(stack), Rollouts(stack)
        self.load = Load(stack, route=self.rollouts.endpoints.pick)
        self.outcomes: list[Outcome] = []

    def replace(self, role: str) -> Outcome:
        """Replace a role under load, as often as wanted, and close the books."""
        outcome = Outcome(role)
        began, statuses, took = time.time(), self.load.statuses, len(self.load.took)
        self.load.go()
        time.sleep(STEADY_SECONDS)
        for _ in range(ROUNDS):
            outcome.rollouts.append(self.rollouts.replace(role))
            time.sleep(STEADY_SECONDS)
        self.load.rest()
        answers = self.load.statuses - statuses
        outcome.requests = answers.total()
        outcome.failed = sum(count for status, count in answers.items() if status not in ANSWERED)
        outcome.slowest_request = max(self.load.took[took:])
        self._close_the_books(outcome, began)
        self.outcomes.append(outcome)
        return outcome

    def _close_the_books(self, outcome: Outcome, began: float) -> None:
        _, lost = self.books.settled()
        outcome.lost = sum(lost.values()) + len(self.books.not_kept(self.load.acknowledged))
        outcome.doubled = sum(self.books.doubled().values())
        outcome.out_of_order = self.books.out_of_order()
        outcome.slowest_event = max(event.seconds for event in self.books.events(began, time.time()))

    @property
    def table(self) -> str:
        rows = [HEADINGS, ("---",) * len(HEADINGS), *(outcome.cells for outcome in self.outcomes)]
        return "\n".join("| " + " | ".join(row) + " |" for row in rows)


@pytest.fixture(scope="module")
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    with new_stack() as stack:
        stack.up()
        made = Place(stack)
        try:
            yield made
        finally:
            made.load.end()
    (settings.VAR_DIR / "restarts.md").write_text(made.table + "\n")
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print(f"\n{made.table}\nStatuses of the API (0: no answer): {dict(made.load.statuses)}")


@pytest.mark.parametrize("role", ROLES)
def test_nobody_notices_that_a_role_is_replaced(place: Place, role: str):
    outcome = place.replace(role)
    assert {one.exit_status for one in outcome.rollouts} == {0}
    assert outcome.requests > 50
    assert outcome.failed == 0, (place.load.statuses, place.load.refused)
    assert Counter(lost=outcome.lost, doubled=outcome.doubled, out_of_order=outcome.out_of_order).total() == 0


def test_kafka_has_the_events_in_their_order(place: Place):
    assert place.books.out_of_order_in_kafka() == []
