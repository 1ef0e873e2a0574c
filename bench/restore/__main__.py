"""``python -m bench.restore``: what is lost with PostgreSQL's disk, and how long it takes until people work again."""

from __future__ import annotations

import argparse
import os
import platform
from datetime import UTC, datetime

from bench.report import FOLDER, report
from bench.restore.drill import Drill
from bench.stack import stack

GOALS = {"rto_seconds": ("<=", 600.0)}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.restore", description=__doc__)
    parser.add_argument("--tasks", type=int, default=100_000, help="in the database (default: %(default)s)")
    tasks = parser.parse_args().tasks
    with stack() as one:
        drill = Drill(one, tasks)
        drill.run()
    report("restore", {"tasks": tasks, **drill.figures}, GOALS)
    text = as_markdown(drill)
    (FOLDER / "restore.md").write_text(text)
    print(text)
    return 0 if drill.figures["rto_seconds"] <= GOALS["rto_seconds"][1] else 1


def as_markdown(drill: Drill) -> str:
    """The report of the drill, as docs/disaster-recovery.md has it."""
    steps = "".join(f"| {step} | {seconds} s |\n" for step, seconds in drill.seconds.items())
    figures = drill.figures
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores ({platform.machine()}): {drill.tasks} tasks, "
        f"{figures['events']} events, {figures['bytes'] / 1e6:.0f} MB of backup, encrypted.\n\n"
        f"| Step | Time |\n| --- | --- |\n{steps}\n"
        f"- Recovery time, from the start of the way back until every role is ready: {figures['rto_seconds']} s.\n"
        f"- Lost: {figures['lost_tasks']} of {figures['acknowledged_tasks']} tasks that were acknowledged meanwhile, "
        f"all of the last {figures['rpo_seconds']} s before the loss. Nothing from before the backup began.\n"
        f"- The slowest answer while the backup was written: {figures['slowest_answer_seconds']} s.\n"
    )


if __name__ == "__main__":
    raise SystemExit(main())
