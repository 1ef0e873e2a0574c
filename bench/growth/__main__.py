"""``python -m bench.growth``: one person's lists and searches, and the scheduler's tick, among few and many tasks."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from bench.report import report
from bench.stack import stack

ROOT = Path(__file__).resolve().parent.parent.parent
FEW, MANY = 10_000, 1_000_000
NAMES = ("list", "list_page", "search", "search_page", "tick", "tick_firing")
LIMITS = {"list": 1.2, "list_page": 1.2, "search": 1.5, "search_page": 1.5, "tick": 1.2, "tick_firing": 1.2}
GOALS = {f"ratio_{name}": ("<=", limit) for name, limit in LIMITS.items()}
TURNS = (
    8  # of each database within a round, one after the other, so that both see the same moods of the machine
)
TIMES = 3  # that a thing is done within a turn


class Database:
    """One database, and the process that measures in it."""

    def __init__(self, url: str, folder: Path) -> None:
        self.environment = {
            **os.environ,
            "DATABASE_URL": url,
            "VAR_DIR": str(folder),
            "SECRET_KEY": secrets.token_hex(32),
            "API_RATE_LIMIT": "0",
            "LOG_LEVEL": "WARNING",
        }
        self.manage("migrate", "-v0")
        command = [sys.executable, "-m", "bench.growth.measuring"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def manage(self, *command: str) -> None:
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=self.environment, check=True)

    def ask(self, do: str, **order: Any) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"do": do, **order}) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(f"bench.growth.measuring ended with status {self.process.wait()}.")
        return json.loads(answer)

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


@contextmanager
def databases(few: int, many: int) -> Iterator[tuple[Database, Database]]:
    """Two of them in one PostgreSQL, filled."""
    with stack(["postgres"]) as one, tempfile.TemporaryDirectory(prefix="bench-growth-") as folder:
        made: list[Database] = []
        try:
            for number in (few, many):
                began = time.monotonic()
                made.append(Database(one.databases.create(f"growth{number}"), Path(folder)))
                made[-1].ask("fill", tasks=number)
                print(f"{number:,} tasks: filled in {time.monotonic() - began:.0f} s", flush=True)
            made[0].manage("collectstatic", "--noinput", "-v0")
            yield made[0], made[1]
        finally:
            for database in made:
                database.close()


def one_round(name: str, few: Database, many: Database) -> dict[str, float]:
    """The medians of one thing in both, and how they compare."""
    found: dict[str, dict[str, list[float]]] = {
        "few": {"ms": [], "db_ms": []},
        "many": {"ms": [], "db_ms": []},
    }
    for _ in range(TURNS):
        for which, database in (("few", few), ("many", many)):
            for unit, values in database.ask("measure", name=name, times=TIMES).items():
                found[which][unit] += values
    figures = {
        f"{name}_{which}_{unit}": median(v) for which, units in found.items() for unit, v in units.items()
    }
    return {
        **figures,
        f"ratio_{name}": figures[f"{name}_many_ms"] / figures[f"{name}_few_ms"],
        f"db_ratio_{name}": figures[f"{name}_many_db_ms"] / figures[f"{name}_few_db_ms"],
    }


def show_plans(name: str, few: Database, many: Database) -> None:
    """Where a figure falls short, the plans say why."""
    for title, database in (("few", few), ("many", many)):
        print(f"\n{name}, {title} tasks:")
        for plan in database.ask("plans", name=name):
            print(f"  {plan}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--many", type=int, default=MANY, help="tasks in the larger database")
    parser.add_argument(
        "--plans", action="store_true", help="show the plans of every query, not of misses only"
    )
    options = parser.parse_args()
    measured: dict[str, list[float]] = {}
    with databases(FEW, options.many) as (few, many):
        for name in NAMES:
            one_round(name, few, many)  # warms up
        for _ in range(options.rounds):
            for name in NAMES:
                for figure, value in one_round(name, few, many).items():
                    measured.setdefault(figure, []).append(value)
        for name, limit in LIMITS.items():
            if options.plans or median(measured[f"ratio_{name}"]) > limit:
                show_plans(name, few, many)
    report("growth", dict(sorted(measured.items(), key=lambda item: not item[0].startswith("ratio"))), GOALS)
    print(markdown(measured))


def markdown(measured: dict[str, list[float]]) -> str:
    """The table of docs/performance.md."""
    lines = ["| | 10,000 tasks | 1,000,000 tasks | ratio | goal |", "|---|---|---|---|---|"]
    for name, limit in LIMITS.items():
        few, many = (median(measured[f"{name}_{which}_ms"]) for which in ("few", "many"))
        ratio = measured[f"ratio_{name}"]
        spread = f"{median(ratio):.2f} ({min(ratio):.2f}–{max(ratio):.2f})"
        lines.append(f"| {name} | {few:.1f} ms | {many:.1f} ms | {spread} | ≤ {limit} |")
    return "\n".join(lines)


main()
