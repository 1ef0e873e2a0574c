"""``make bench-relay``: our relay against an ORM relay with SKIP LOCKED, and who loses events when commits are slow."""

from __future__ import annotations

import argparse
import threading
import time

import psycopg

from bench.report import report
from bench.stack import become, stack

REPEATS = 5
ROWS_NULL, ROWS_DAPR, ROWS_ONE_BY_ONE = 40_000, 10_000, 1_000
WRITING_SECONDS = 10
GOALS = {
    "ratio_null_sink": (">=", 8),
    "ratio_through_dapr": (">=", 2),
    "ours_lost": ("==", 0),
    "ours_out_of_order": ("==", 0),
    "naive_lost": (">", 0),
}
NEEDED = ("postgres", "redis", "kafka", "relay", "daprd-relay")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--repeats", type=int, default=REPEATS)
    options.add_argument("--writing-seconds", type=float, default=WRITING_SECONDS)
    given = options.parse_args()
    with stack(NEEDED) as one:
        one.kill("relay")  # daprd wanted to see it once; the relays here publish in its place
        become(one, "relay")
        figures = speeds(one, given.repeats) | losses(one, given.writing_seconds)
        report("relay", figures, GOALS)


def speeds(one, repeats: int) -> dict:
    """Rows a second of both, into nothing and through daprd into Kafka. Every other round goes backwards."""
    from django.conf import settings
    from django.db import connection

    from bench.relay import relays
    from bench.relay.models import UsualOutbox
    from events import dapr

    settings.RELAY_BATCH = relays.BATCH
    with connection.schema_editor() as editor:
        editor.create_model(UsualOutbox)
    usual, ours = relays.orm_skip_locked, relays.ours
    nothing, one_by_one = (lambda rows: set()), relays.one_by_one
    runs = {
        "ours_null_sink": (ours, nothing, ROWS_NULL),
        "orm_null_sink": (usual, nothing, ROWS_NULL),
        "ours_through_dapr": (ours, dapr.publish, ROWS_DAPR),
        "orm_through_dapr": (usual, relays.one_bulk, ROWS_DAPR),
        "orm_with_our_publisher": (usual, dapr.publish, ROWS_DAPR),
        "orm_one_by_one": (usual, one_by_one, ROWS_ONE_BY_ONE),
    }
    figures: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(repeats):
        for name in list(runs)[:: -1 if turn % 2 else 1]:
            relay, sink, rows = runs[name]
            fill(one, rows)
            figures[name].append(rate(relay, sink, rows))
            print(f"{name}: {figures[name][-1]:,.0f} events/s")
    return figures | {f"ratio_{sink}": ratios(figures, sink) for sink in ("null_sink", "through_dapr")}


def ratios(figures: dict[str, list[float]], sink: str) -> list[float]:
    """Ours against the usual one, round by round."""
    return [ours / usual for ours, usual in zip(figures[f"ours_{sink}"], figures[f"orm_{sink}"], strict=True)]


def fill(one, number: int) -> None:
    """The same events for both, on fresh tables. Ours has nothing left to publish but these."""
    from bench.events.load import Load

    with psycopg.connect(one.databases.url(), autocommit=True) as session:
        session.execute("TRUNCATE events_outboxevent, events_relaycursor, bench_usual_outbox")
        load = Load(session)
        for _ in range(0, number, 1000):
            load._record(1000)
        session.execute(
            "INSERT INTO bench_usual_outbox (event_id, type, key, envelope) "
            "SELECT event_id, type, key, envelope FROM events_outboxevent ORDER BY id"
        )
        session.execute("VACUUM ANALYZE events_outboxevent, bench_usual_outbox")


def rate(relay, sink, rows: int) -> float:
    begun = time.perf_counter()
    relay(sink, rows)
    return rows / (time.perf_counter() - begun)


def losses(one, seconds: float) -> dict:
    """Both readers beside the same eight writers."""
    from bench.relay import relays, writers
    from events.leadership import own_session

    url = one.databases.url()
    with (
        psycopg.connect(url, autocommit=True) as session,
        own_session() as mine,
        psycopg.connect(url, autocommit=True) as theirs,
    ):
        session.execute("TRUNCATE events_outboxevent, events_relaycursor")
        tasks = writers.prepare(session)
        stop = threading.Event()
        threads = [
            threading.Thread(target=writers.write, args=(url, tasks, stop)) for _ in range(writers.WRITERS)
        ]
        readers = {"ours": relays.Ours(mine), "naive": relays.Naive(theirs)}
        read: dict[str, list] = {name: [] for name in readers}
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline or any(thread.is_alive() for thread in threads):
            if time.monotonic() >= deadline:
                stop.set()
            for name, reader in readers.items():
                read[name] += reader.read()
            time.sleep(0.005)
        for name, reader in readers.items():
            while more := reader.read():
                read[name] += more
        judged = {name: writers.judge(session, tasks, read[name]) for name in readers}
    return {
        "events_written": judged["ours"][0],
        **{f"{name}_lost": lost for name, (_, lost, _) in judged.items()},
        **{f"{name}_out_of_order": wrong for name, (_, _, wrong) in judged.items()},
    }


if __name__ == "__main__":
    main()
