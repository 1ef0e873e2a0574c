"""``manage.py events_status``: how far the events are."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from events.status import ConsumerStatus, Status, status
from events.verify import patience

COLUMNS = "{:<14}{:>10}{:>8}{:>9}{:>10}{:>7}  {}"


class Command(BaseCommand):
    help = (
        "Show how far the events are published, and how far each consumer is; counts end at 100,000. "
        "Exit status: 0 healthy; 1 when something waits longer than --max-age or there are dead letters."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
        parser.add_argument(
            "--max-age",
            type=float,
            metavar="SECONDS",
            help="how long an event may wait (default: twice RECONCILE_AFTER_SECONDS)",
        )

    def handle(self, *, json: bool, max_age: float | None, **_: Any) -> None:
        now = status()
        problems = now.problems(patience() if max_age is None else timedelta(seconds=max_age))
        self.stdout.write(_as_json(now, problems) if json else "\n".join(_table(now)))
        if problems:
            raise CommandError(" ".join(problems))
        if not json:
            self.stdout.write(self.style.SUCCESS("Healthy."))


def _as_json(now: Status, problems: list[str]) -> str:
    return json.dumps(
        {"healthy": not problems, "problems": problems, **asdict(now)}, cls=DjangoJSONEncoder, indent=2
    )


def _table(now: Status) -> list[str]:
    return [
        f"Published  up to {now.position}, last {_when(now.published_at)}",
        f"Pending    {now.pending} events, the oldest for {now.oldest_pending_seconds:.0f} s",
        f"Recorded   {now.recorded_last_minute} events in the last minute",
        f"Unreadable {now.unreadable} deliveries",
        "",
        COLUMNS.format("Consumer", "Settled", "Lag", "Oldest", "Retrying", "Dead", "Last handled"),
        *[_row(consumer) for consumer in now.consumers],
        "",
    ]


def _row(one: ConsumerStatus) -> str:
    oldest = f"{one.oldest_seconds:.0f} s"
    waiting = one.retrying + one.requeued
    return COLUMNS.format(
        one.name, one.position, one.lag, oldest, waiting, one.dead, _when(one.last_handled_at)
    )


def _when(instant: datetime | None) -> str:
    return "never" if instant is None else f"{instant:%Y-%m-%d %H:%M:%S} UTC"
