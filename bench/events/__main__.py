"""``make bench-events``: commit → line in the history, through real Dapr and Kafka, everything on this machine."""

from __future__ import annotations

import argparse
import time

import psycopg

from bench.report import report
from bench.stack import PARTITIONS, become, stack, with_commit_times

OURS = ("relay", "events", "worker", "scheduler")
REPEATS, SECONDS, RATE = 5, 15, 1000
HELD_SECONDS = 60
HELD = 3.0  # seconds: a rate is held when nothing was later than this, up to the last event
RATES = (3000, 4000, 5000, 6000)
GOALS = {"p50_ms": ("<=", 20), "p99_ms": ("<=", 50), "rate": (">=", 3000), "cpu_ms_per_event": ("<=", 0.5)}
LATENCIES = """
    SELECT extract(epoch FROM pg_xact_commit_timestamp(l.xmin) - pg_xact_commit_timestamp(o.xmin)) * 1000
    FROM events_outboxevent o LEFT JOIN events_taskeventlog l USING (event_id) WHERE o.id BETWEEN %s AND %s"""
WRONG_ORDER = """
    SELECT count(*) FROM (SELECT version - lag(version) OVER (PARTITION BY task_id ORDER BY id) AS step
    FROM events_taskeventlog) steps WHERE step <> 1"""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=SECONDS, help="of each repetition")
    options.add_argument("--held-seconds", type=float, default=HELD_SECONDS)
    options.add_argument(
        "--rates", type=int, nargs="*", default=RATES, help="tried in turn until one is not held"
    )
    options.add_argument("--partitions", type=int, default=PARTITIONS, help="of the topic of task events")
    given = options.parse_args()
    with stack(partitions=given.partitions) as one:
        with_commit_times(one)
        become(one)
        from bench.events.load import Load

        with (
            psycopg.connect(one.databases.url()) as session,
            psycopg.connect(one.databases.url(), autocommit=True) as look,
        ):
            load = Load(session)
            Run(one, load, look, 300, 5).latencies()  # everything has started, connected and compiled
            runs = [Run(one, load, look, RATE, given.seconds) for _ in range(REPEATS)]
            figures = {
                "p50_ms": [run.quantile(0.5) for run in runs],
                "p99_ms": [run.quantile(0.99) for run in runs],
                "max_ms": [run.quantile(1.0) for run in runs],
                "cpu_ms_per_event": [run.cpu_ms for run in runs],
                "all_cpu_ms_per_event": [run.all_cpu_ms for run in runs],
            }
            held, at_rate = highest(one, load, look, given)
            figures["rate"] = held
            if at_rate is not None:
                figures |= {
                    "p50_ms_at_rate": at_rate.quantile(0.5),
                    "p99_ms_at_rate": at_rate.quantile(0.99),
                    "cpu_ms_per_event_at_rate": at_rate.cpu_ms,
                    "all_cpu_ms_per_event_at_rate": at_rate.all_cpu_ms,
                }
            figures["out_of_order"] = look.execute(WRONG_ORDER).fetchone()[0]
        report("events", figures, {**GOALS, "out_of_order": ("==", 0)})


def highest(one, load, look, given):
    """The highest of the rates that is held, and its run."""
    held, best = 0, None
    for rate in given.rates:
        run = Run(one, load, look, rate, given.held_seconds)
        p50, p99, latest = (round(run.quantile(share)) for share in (0.5, 0.99, 1.0))
        print(f"{run.rate:.0f}/s for {given.held_seconds:.0f} s: p50 {p50}, p99 {p99}, latest {latest} ms")
        if run.quantile(1.0) > HELD * 1000 or run.rate < 0.98 * rate:
            break
        held, best = rate, run
    return held, best


class Run:
    """Events at a rate for some seconds, waited for to the last."""

    def __init__(self, one, load, look, rate: int, seconds: float) -> None:
        services = one.services
        before = {name: one.cpu_seconds(name) for name in services}
        begun = time.monotonic()
        first, last = load.run(rate, seconds)
        self.rate = (last - first + 1) / (time.monotonic() - begun)
        self._look, self._ids = look, (first, last)
        self._latencies = self._wait()
        used = {name: one.cpu_seconds(name) - before[name] for name in services}
        number = last - first + 1
        self.cpu_ms = sum(used[name] for name in OURS) / number * 1000
        self.all_cpu_ms = sum(used.values()) / number * 1000
        print("  " + ", ".join(f"{name} {used[name] / number * 1000:.3f}" for name in used if used[name] > 0.2)
              + f" CPU ms/event at {rate}/s")  # fmt: skip

    def _wait(self) -> list[float]:
        deadline = time.monotonic() + 120
        while True:
            found = [row[0] for row in self._look.execute(LATENCIES, self._ids).fetchall()]
            if None not in found:
                return sorted(float(value) for value in found)
            if time.monotonic() > deadline:
                raise SystemExit(f"{found.count(None)} of {len(found)} events have not arrived.")
            time.sleep(0.5)

    def latencies(self) -> list[float]:
        return self._latencies

    def quantile(self, share: float) -> float:
        return self._latencies[min(len(self._latencies) - 1, int(share * len(self._latencies)))]


if __name__ == "__main__":
    main()
