"""``python -m bench.api``: the whole comparison in one run, some five minutes."""

from __future__ import annotations

import argparse
import json
import secrets
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import psycopg

from bench.api.data import CREATORS, READERS
from bench.api.load import Load
from bench.api.servers import ROOT, VARIANTS, Variant, ask, served
from bench.report import report
from bench.stack import stack
from deploy.local.proc import cpu_seconds
from deploy.local.stack import Stack

PORT = 18_431
LIST = "/api/tasks?status=pending&priority=high,urgent&page_size=20"
GOALS = {
    "ratio_list": (">=", 1.3),
    "ratio_create": (">=", 1.0),
    "cpu_ratio_list": ("<=", 2.5),
    "cpu_ratio_create": ("<=", 3.0),
    "errors": ("==", 0.0),
    "errors_1000_connections": ("==", 0.0),
}
Measured = dict[str, dict[str, list[float]]]


class Bench:
    """One database, two kinds of requests, and what every variant made of them."""

    def __init__(self, one: Stack, seconds: float) -> None:
        self.one, self.folder, self.seconds = one, one.folder / "api", seconds
        self.folder.mkdir()
        self.url = one.databases.url()
        # Nobody limits the twin's rate either. Everything else is as it is served.
        self.environment = {
            "DATABASE_URL": self.url,
            "ROLE": "web",
            "API_RATE_LIMIT": "0",
            "LOG_LEVEL": "WARNING",
        }
        self.environment |= {"SECRET_KEY": secrets.token_hex(32), "VAR_DIR": str(self.folder)}
        self.measured: Measured = defaultdict(lambda: defaultdict(list))
        self.errors = 0

    def prepare(self) -> None:
        """Migrate, fill, and write down the requests."""
        for command in (["manage.py", "migrate", "-v0"], ["-m", "bench.api.data", f"{self.folder}/tokens"]):
            environment = {**dict(self.environment), "PATH": "/usr/bin:/bin"}
            subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, check=True)
        tokens = json.loads((self.folder / "tokens").read_text())
        projects = self._projects()
        self.list = Load(self.folder, "list", [(token, "GET", LIST, "") for token in tokens[:READERS]])
        self.create = Load(
            self.folder,
            "create",
            [
                (token, "POST", "/api/tasks", body_of(project))
                for token, project in list(zip(tokens, projects, strict=True))[READERS : READERS + CREATORS]
            ],
        )

    def _projects(self) -> list[str]:
        with psycopg.connect(self.url) as connection:
            rows = connection.execute(
                "SELECT project.id FROM tasks_project AS project JOIN accounts_user AS person ON person.id = owner_id"
                " WHERE NOT is_inbox ORDER BY substring(email FROM '[0-9]+')::int"
            )
            return [str(row[0]) for row in rows]

    def round(self, variant: Variant) -> None:
        """Start it, warm it up, let it list and create, stop it, and remove what it created."""
        with served(variant, PORT, self.environment, self.folder / f"{variant.name}.log") as pid:
            for kind, load in (("list", self.list), ("create", self.create)):
                load.drive(PORT, 2)
                self._measure(variant, kind, load, pid)
        self._clear()

    def _measure(self, variant: Variant, kind: str, load: Load, pid: int) -> None:
        app, database = cpu_seconds(pid), self.one.cpu_seconds("postgres")
        result = load.drive(PORT, self.seconds)
        figures = self.measured[variant.name]
        figures[f"{kind}_per_s"].append(result["requests"] / result["seconds"])
        figures[f"{kind}_cpu_ms"].append((cpu_seconds(pid) - app) / result["requests"] * 1000)
        figures[f"{kind}_db_cpu_ms"].append(
            (self.one.cpu_seconds("postgres") - database) / result["requests"] * 1000
        )
        for name in ("p50_ms", "p99_ms"):
            figures[f"{kind}_{name}"].append(result[name])
        self.errors += result["errors"]

    def _clear(self) -> None:
        """The next variant finds what this one found: created tasks are those with a place after now."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("DELETE FROM tasks_task WHERE title = 'Write the minutes'")
            connection.execute("TRUNCATE events_outboxevent")
            connection.execute("VACUUM tasks_task")
            connection.execute("CHECKPOINT")

    def check(self, variants: Sequence[Variant]) -> None:
        """All answer the same documents, and a create leaves a task and its event. Raises AssertionError."""
        seen = {variant.name: self._answers(variant) for variant in variants}
        for name, answers in seen.items():
            assert answers == seen["ours"], f"{name} answers something else:\n{answers}\n{seen['ours']}"

    def _answers(self, variant: Variant) -> tuple[Any, ...]:
        with served(variant, PORT, self.environment, self.folder / f"{variant.name}.log"):
            page = json.loads(ask(PORT, *self.list.first))
            assert len(page["items"]) == 20 < page["total"], page["total"]
            made = json.loads(ask(PORT, *self.create.first))
        with psycopg.connect(self.url, autocommit=True) as connection:
            sql = "SELECT envelope FROM events_outboxevent WHERE key = %s"
            (envelope,) = connection.execute(sql, [made["id"]]).fetchone() or ("{}",)
        self._clear()
        return page, without_what_is_new(made), without_what_is_new(json.loads(envelope))

    def hold(self, variant: Variant, connections: int) -> dict[str, float]:
        """So many connections at once, each of which lists tasks for ten seconds."""
        with served(variant, PORT, self.environment, self.folder / f"{variant.name}.log"):
            result: dict[str, float] = self.list.drive(PORT, 10, connections)
        return result


NEW = {"id", "task_id", "position", "created_at", "updated_at", "time", "occurred_at", "subject"}
NEW |= {"partitionkey", "traceparent", "traceid"}


def without_what_is_new(document: Any) -> Any:
    """A document without what is made up anew each time; of those the names are kept."""
    if not isinstance(document, dict):
        return document
    return {name: "…" if name in NEW else without_what_is_new(value) for name, value in document.items()}


def body_of(project: str) -> str:
    return json.dumps(
        {
            "title": "Write the minutes",
            "description": "As short as they can be, and sent before the week ends.",
            "priority": "high",
            "tags": ["office", "monday"],
            "due_date": "2031-03-14T15:09:26Z",
            "project": project,
        }
    )


def ratios(measured: Measured, figure: str, one: str, other: str) -> list[float]:
    """What one variant has to what the other has, round by round."""
    return [a / b for a, b in zip(measured[one][figure], measured[other][figure], strict=True)]


def figures(bench: Bench, many: dict[str, float]) -> dict[str, float | list[float]]:
    found: dict[str, float | list[float]] = {
        "ratio_list": ratios(bench.measured, "list_per_s", "ours", "twin"),
        "ratio_create": ratios(bench.measured, "create_per_s", "ours", "twin"),
        "cpu_ratio_list": ratios(bench.measured, "list_cpu_ms", "ours", "floor"),
        "cpu_ratio_create": ratios(bench.measured, "create_cpu_ms", "ours", "floor"),
        "ratio_list_granian": ratios(bench.measured, "list_per_s", "granian", "twin"),
        "ratio_create_granian": ratios(bench.measured, "create_per_s", "granian", "twin"),
        "errors": bench.errors,
        "errors_1000_connections": many["errors"],
        "p99_ms_1000_connections": many["p99_ms"],
    }
    for name, measured in bench.measured.items():
        found |= {f"{name}_{figure}": values for figure, values in measured.items()}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.api", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5, help="of each measurement")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is missing: apt-get install wrk")
    with stack(["postgres"]) as one:
        bench = Bench(one, options.seconds)
        bench.prepare()
        bench.check(list(VARIANTS.values()))
        for number in range(options.rounds):
            for variant in VARIANTS.values():
                started = time.monotonic()
                bench.round(variant)
                print(f"round {number + 1}, {variant.name}: {time.monotonic() - started:.0f} s", flush=True)
        report("api", figures(bench, bench.hold(VARIANTS["ours"], 1000)), GOALS)


main()
