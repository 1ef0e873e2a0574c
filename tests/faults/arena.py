"""A whole stack under a steady load, with a supervisor: where faults are made and what comes of them is measured."""

from __future__ import annotations

import json
import math
import os
import random
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from deploy.local.failure import StackError
from deploy.local.stack import NAMES, Stack
from tests.faults.books import LOOKS, Books
from tests.faults.load import Load
from tests.faults.recovery import Recovery, recovery
from tests.faults.report import Outcome, Report
from tests.faults.supervisor import Supervisor
from tests.real_stack import new_stack

STEADY_SECONDS = 2.0  # that all must have been well again before the next fault
TOO_YOUNG_SECONDS = 2.2  # what is younger may still come in time
GIVE_UP_SECONDS = 180.0
TIMES = int(os.environ.get("KILLS") or 1)  # that each fault is made
LIMIT_SECONDS = 240.0  # after which no fault is made once more


class Arena:
    """``report`` collects what was measured."""

    def __init__(self, stack: Stack, load: Load, supervisor: Supervisor, report: Report) -> None:
        self.stack, self.load, self.supervisor, self.report = stack, load, supervisor, report
        self.books = Books(stack)
        self._random = random.Random(4)

    def warm_up(self) -> None:
        self.load.go()
        self.recovered(time.time())

    def kill(self, name: str) -> Recovery:
        """Kill a service; the supervisor starts it again. Returns when all was well again."""
        time.sleep(self._random.uniform(0.0, 0.5))
        self.stack.kill(name)
        return self.recovered(time.time())

    def kill_again_and_again(self, name: str) -> list[Recovery]:
        recoveries: list[Recovery] = []
        deadline = time.monotonic() + LIMIT_SECONDS
        while len(recoveries) < TIMES and time.monotonic() < deadline:
            recoveries.append(self.kill(name))
        return recoveries

    def freeze(self, name: str, seconds: float) -> Recovery:
        """Stop a service for a while. Recovery counts from when it goes on."""
        self.stack.pause(name)
        time.sleep(seconds)
        self.stack.resume(name)
        return self.recovered(time.time())

    def recovered(self, fault_at: float) -> Recovery:
        """Wait until all is well again after a fault."""
        while True:
            until = time.time() - TOO_YOUNG_SECONDS
            found = self._recovery(fault_at, until)
            if fault_at + found.seconds + STEADY_SECONDS < until:
                return found
            assert until - fault_at < GIVE_UP_SECONDS, f"not back at full speed: {found}, {self.unwell()}"
            time.sleep(0.5)

    def _recovery(self, fault_at: float, until: float) -> Recovery:
        if until <= fault_at:
            return Recovery(math.inf, math.inf)
        events, reminders = self.books.events(fault_at, until), self.books.reminders(fault_at, until)
        return recovery(fault_at, until, events, reminders, self.load.answers)

    def unwell(self) -> dict[str, Any]:
        down = [name for name in NAMES if self.stack.pid(name) is None]
        return {"down": down, "on its way": self.books.unsettled(), "unanswered": self.load.unanswered}

    def close_the_books(self, fault: str, recoveries: list[Recovery]) -> dict[str, Any]:
        """End the load, wait until nothing is on its way, note what came of a fault, and let the load go on.

        Returns what is wrong, by its kind: what is lost, doubled or out of order, tasks that have not come to a version
        that was acknowledged, and answers that nobody may get.
        """
        self.load.rest()
        settled, lost = self.books.settled()
        doubled = self.books.doubled()
        not_kept, out_of_order = self.books.not_kept(self.load.acknowledged), self.books.out_of_order()
        self.report.add(
            Outcome(
                fault=fault,
                times=len(recoveries),
                lost=sum(lost.values()) + len(not_kept),
                doubled=sum(doubled.values()),
                out_of_order=out_of_order,
                recovery=[found.seconds for found in recoveries],
                slowest=max(found.slowest for found in recoveries),
                settled=settled,
            )
        )
        self.load.go()  # the next fault has its load, whatever came of this one
        findings = {
            "lost": lost,
            "lost by name": self.books.named() if lost else [],
            "doubled": doubled,
            "out of order": out_of_order,
            "not kept": not_kept[:10],
            "refused": self.load.refused,
        }
        return {kind: found for kind, found in findings.items() if found}

    def verify(self) -> dict[str, Any]:
        """What the product's own proof says once nothing is on its way. Raises StackError when it names anything.

        The scheduler does not rest with the load, so what is missing is looked for again: what is lost stays lost.
        """
        for look in range(LOOKS):
            self.books.settle()
            try:
                said = self.stack.manage("verify_events", "--age", "0", "--json").stdout
            except StackError:
                if look == LOOKS - 1:
                    raise
                continue
            found: dict[str, Any] = json.loads(said)
            return found
        raise AssertionError  # every way out of the loop was taken above


@contextmanager
def running_arena(report: Report) -> Iterator[Arena]:
    """Nothing of it runs any more afterwards. With KEEP_LOGS=folder its logs are kept."""
    with new_stack() as stack, ExitStack() as cleanup:
        if keep := os.environ.get("KEEP_LOGS"):
            cleanup.callback(shutil.copytree, stack.folder / "logs", keep, dirs_exist_ok=True)
        stack.up()
        load, supervisor = Load(stack), Supervisor(stack, NAMES)
        cleanup.callback(load.end)
        cleanup.callback(supervisor.end)
        supervisor.start()
        arena = Arena(stack, load, supervisor, report)
        arena.warm_up()
        yield arena
