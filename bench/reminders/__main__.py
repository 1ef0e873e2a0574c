"""``python -m bench.reminders``: a thousand reminders due at one instant among 100,000, on the real stack."""

from __future__ import annotations

import argparse
from statistics import median

from bench.report import report
from bench.stack import PARTITIONS, become, stack, with_commit_times

GOALS = {
    "p99_ms": ("<=", 1000.0),
    "lost": ("==", 0.0),
    "doubled": ("==", 0.0),
}


def markdown(measured: dict[str, list[float]]) -> str:
    """The table of docs/performance.md."""
    lines = ["| After the instant | p50 | p99 | last |", "|---|---|---|---|"]
    for hop, words in (("fired_", "its event is in the outbox"), ("", "the notification is stored")):
        cells = [f"{median(measured[f'{hop}{name}']):.0f} ms" for name in ("p50_ms", "p99_ms", "max_ms")]
        lines.append(f"| {words} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.reminders", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pending", type=int, default=100_000)
    parser.add_argument("--due", type=int, default=1000, help="at the same instant")
    options = parser.parse_args()
    with stack(["postgres"], PARTITIONS) as one:
        with_commit_times(one)
        one.up()
        become(one)
        from bench.reminders.rounds import measure

        measured = measure(one, options.rounds, options.pending, options.due)
    # Over all rounds the worst counts: one that is lost is lost.
    figures = {
        name: sum(values) if name in {"lost", "doubled"} else values for name, values in measured.items()
    }
    report("reminders", figures, GOALS)
    print(markdown(measured))


main()
