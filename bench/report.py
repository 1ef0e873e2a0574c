"""How every benchmark tells its result: a table on the screen and ``var/bench/NAME.json``."""

from __future__ import annotations

import json
import operator
import os
import platform
import statistics
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

FOLDER = Path(os.environ.get("VAR_DIR") or Path(__file__).resolve().parent.parent / "var") / "bench"
COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
}

Figure = float | int | Sequence[float]
Goals = Mapping[str, tuple[str, float]]


def report(name: str, figures: Mapping[str, Figure], goals: Goals) -> None:
    """Print what was measured and write it down.

    A figure is a number, or the list of what its repetitions gave: then its median counts, and the least and
    the most are its spread. A goal is a comparison with a number: ``{"ratio_list": (">=", 1.3)}``.
    Raises KeyError for a goal without a figure.
    """
    medians = {key: median(figure) for key, figure in figures.items()}
    spreads = {key: [min(f), max(f)] for key, f in figures.items() if isinstance(f, Sequence) and f}
    reached = {key: COMPARISONS[sign](medians[key], limit) for key, (sign, limit) in goals.items()}
    print(f"\n{name} on {machine()}, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC")
    print(table(medians, spreads, goals, reached))
    result = {
        "name": name,
        "figures": medians,
        "spread": spreads,
        "goals": {key: f"{sign} {limit}" for key, (sign, limit) in goals.items()},
        "met": all(reached.values()),
        "missed": [key for key, is_reached in reached.items() if not is_reached],
        "machine": machine(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{name}.json"
    path.write_text(json.dumps(result, indent=2) + "\n")
    print(
        f"Written to {path}. " + ("All goals are met." if result["met"] else f"Missed: {result['missed']}.")
    )


def median(figure: Figure) -> float:
    return statistics.median(figure) if isinstance(figure, Sequence) else figure


def table(
    medians: Mapping[str, float],
    spreads: Mapping[str, Sequence[float]],
    goals: Goals,
    reached: Mapping[str, bool],
) -> str:
    """One line a figure: its median, the least and the most, its goal and whether that is met."""
    lines = [f"{'figure':<28}{'median':>12}{'least … most':>24}{'goal':>12}"]
    for key, value in medians.items():
        spread = " … ".join(shown(bound) for bound in spreads[key]) if key in spreads else ""
        goal = f"{goals[key][0]} {goals[key][1]:g}" if key in goals else ""
        mark = {True: "  met", False: "  MISSED", None: ""}[reached.get(key)]
        lines.append(f"{key:<28}{shown(value):>12}{spread:>24}{goal:>12}{mark}")
    return "\n".join(lines)


def shown(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:,.2f}"


def machine() -> str:
    """Cores, processor, memory and Python: what an absolute figure depends on."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores of {model}, {memory:.0f} GiB, Python {platform.python_version()}"
