"""What the faults came to: a table for people, and the same as JSON."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

HEADINGS = (
    "Fault",
    "Times",
    "Lost",
    "Doubled",
    "Out of order",
    "Recovery p50",
    "Recovery max",
    "Slowest event",
)
GOAL_SECONDS = 15.0


@dataclass(frozen=True)
class Outcome:
    """What came of one fault, made ``times`` times. ``recovery`` has the seconds of each, ``slowest`` those of the
    slowest event from its commit to the log, ``settled`` those from the end of the load until nothing was on its way.
    """

    fault: str
    times: int
    lost: int
    doubled: int
    out_of_order: int
    recovery: list[float]
    slowest: float
    settled: float

    @property
    def cells(self) -> tuple[str, ...]:
        counts = (str(self.times), str(self.lost), str(self.doubled), str(self.out_of_order))
        return (
            self.fault,
            *counts,
            *(f"{s:.1f} s" for s in (median(self.recovery), max(self.recovery), self.slowest)),
        )


@dataclass
class Report:
    """``events`` is the total, ``rate`` what that was a second, ``statuses`` how often the API answered with each."""

    outcomes: list[Outcome] = field(default_factory=list)
    rate: float = 0.0
    events: int = 0
    statuses: dict[int, int] = field(default_factory=dict)

    def add(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)

    @property
    def markdown(self) -> str:
        rows = [HEADINGS, ("---",) * len(HEADINGS), *(outcome.cells for outcome in self.outcomes)]
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        return "\n".join([*lines, "", self._about()])

    def _about(self) -> str:
        return (
            f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores ({platform.machine()}), everything on one machine: "
            f"{self.events} events, {self.rate:.0f} a second. Statuses of the API (0: no answer): {self.statuses}."
        )

    def write(self, folder: Path) -> None:
        """As ``faults.json`` and ``faults.md``."""
        folder.mkdir(parents=True, exist_ok=True)
        figures = {
            "lost": sum(outcome.lost for outcome in self.outcomes),
            "doubled": sum(outcome.doubled for outcome in self.outcomes),
            "out_of_order": sum(outcome.out_of_order for outcome in self.outcomes),
            "recovery_max_seconds": max((max(one.recovery) for one in self.outcomes), default=0.0),
        }
        goals = {"lost": 0, "doubled": 0, "out_of_order": 0, "recovery_max_seconds": GOAL_SECONDS}
        met = all(figures[name] <= goal for name, goal in goals.items())
        content = {"name": "faults", "figures": figures, "goals": goals, "met": met}
        content["outcomes"] = [asdict(outcome) for outcome in self.outcomes]
        (folder / "faults.json").write_text(json.dumps(content, indent=1) + "\n")
        (folder / "faults.md").write_text(self.markdown + "\n")
