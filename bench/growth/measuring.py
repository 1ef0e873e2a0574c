"""``python -m bench.growth.measuring``: one process for one database, told by lines of JSON what to do.

Requests are made through Django's test client: the whole of middleware, view and template, without a server or a
network. ``ms`` is the time of one, ``db_ms`` what of it was spent waiting for the database.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import django

Act = Callable[[], Any]


class Measuring:
    def __init__(self, token: str) -> None:
        from django.test import Client

        from accounts.models import User
        from bench.growth.data import READER

        self.api = Client(headers={"authorization": f"Bearer {token}", "host": "localhost"})
        self.browser = Client(headers={"host": "localhost"})
        self.browser.force_login(User.objects.get(email=READER))

    def acts(self) -> dict[str, Act]:
        """What is measured. All answer the same in every database."""
        return {
            "list": partial(self.get, self.api, "/api/tasks?status=pending&sort_by=due_date&page_size=20"),
            "list_page": partial(self.get, self.browser, "/tasks"),
            "search": partial(self.get, self.api, "/api/tasks?search=minutes&page_size=20"),
            "search_page": partial(self.get, self.browser, "/tasks?q=minutes"),
            "tick": self.tick,
            "tick_firing": partial(self.tick, expected=20),
        }

    def get(self, client: Any, path: str) -> int:
        answer = client.get(path)
        assert answer.status_code == 200, f"{path} answered {answer.status_code}"
        assert b" about " in answer.content, "there are no tasks in it"
        return len(answer.content)

    def tick(self, expected: int = 0) -> None:
        from tasks import scheduler

        fired = scheduler.tick()
        assert (fired.reminders, fired.total) == (expected, expected), fired

    def measure(self, name: str, times: int) -> dict[str, list[float]]:
        from bench.growth.data import arm

        found: dict[str, list[float]] = {"ms": [], "db_ms": []}
        act = self.acts()[name]
        for _ in range(times):
            if name == "tick_firing":
                arm()
            with timed_database() as waits:
                began = time.perf_counter()
                act()
                found["ms"].append((time.perf_counter() - began) * 1000)
            found["db_ms"].append(sum(waits) * 1000)
        return found

    def plans(self, name: str) -> list[str]:
        """For each query: its statement's beginning and the types of its plan's nodes, outermost first."""
        from django.db import connection, transaction
        from django.test.utils import CaptureQueriesContext

        from bench.growth.data import arm

        arm() if name == "tick_firing" else None
        with CaptureQueriesContext(connection) as captured:
            self.acts()[name]()
        found = []
        for query in captured.captured_queries:
            sql = query["sql"]
            if sql.startswith(("SELECT", "UPDATE", "WITH")):
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}".replace("%", "%%"), [])
                    (plan,) = cursor.fetchone()
                nodes = " > ".join(nodes_of((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]))
                found.append(f"{float(query['time']) * 1000:.0f} ms  {nodes}  [{sql[:60]} … {sql[-160:]}]")
        return found


def nodes_of(plan: dict[str, Any]) -> Iterator[str]:
    yield plan["Node Type"] + (f" {plan['Index Name']}" if "Index Name" in plan else "")
    for below in plan.get("Plans", ()):
        yield from nodes_of(below)


@contextmanager
def timed_database() -> Iterator[list[float]]:
    from django.db import connection

    waits: list[float] = []

    def note(execute: Callable[..., Any], *arguments: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            waits.append(time.perf_counter() - began)

    with connection.execute_wrapper(note):
        yield waits


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_project.settings")
    django.setup()
    from bench.growth.data import fill

    measuring: Measuring | None = None
    for line in sys.stdin:
        order = json.loads(line)
        if order["do"] == "fill":
            measuring = Measuring(fill(order["tasks"]))
            answer: Any = "filled"
        else:
            assert measuring is not None
            answer = getattr(measuring, order.pop("do"))(**order)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
