"""``manage.py verify_events``: proves that no event was lost, doubled or left without its effect."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from events.findings import Report
from events.repair import repair
from events.verify import verify

LINES = 100  # of findings printed; --json prints all
PROGRESS_SECONDS = 2.0


class Command(BaseCommand):
    help = (
        "Prove that every version of every task is in the event log exactly once, that every published event "
        "has the receipt of each consumer or a letter that speaks for it, that every fired reminder has one "
        "event and every completed occurrence its successor. Names what is missing. "
        "Exit status: 0 nothing is missing, 1 something is."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--repair",
            action="store_true",
            help="let the consumers handle again what is missing, in this process, then verify again; "
            "safe while the application runs",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument(
            "--age",
            type=float,
            metavar="SECONDS",
            help="what is younger counts as on its way (default: twice RECONCILE_AFTER_SECONDS)",
        )

    def handle(self, *, json: bool, age: float | None, **options: Any) -> None:
        limit = None if age is None else timedelta(seconds=age)
        self._shown_at = time.monotonic()
        report = verify(limit, self._progress)
        repaired = repair(report) if options["repair"] and not report.is_clean else 0
        after = verify(limit, self._progress) if repaired else report
        if json:
            self._print_json(report, after, repaired)
        else:
            self._print_text(report, after, repaired)
        if not after.is_clean:
            raise CommandError(f"{len(after.findings)} things are wrong.{_advice(after, options['repair'])}")

    def _progress(self, what: str, done: int, total: int) -> None:
        if time.monotonic() - self._shown_at > PROGRESS_SECONDS:
            self._shown_at = time.monotonic()
            self.stderr.write(f"{what}: {done} of {total}")

    def _print_json(self, before: Report, after: Report, repaired: int) -> None:
        result = after.as_json() | {"repaired": repaired}
        if repaired:
            result["found_first"] = before.as_json()["findings"]
        self.stdout.write(json.dumps(result, indent=2))

    def _print_text(self, before: Report, after: Report, repaired: int) -> None:
        self._print_findings(before)
        if repaired:
            self.stdout.write(f"Handed over again: {repaired}. Verified again:")
            self._print_findings(after)
        self.stdout.write(
            f"Checked {after.tasks} tasks, {after.events} events, {after.entries} log entries. "
            f"{after.on_their_way} events are on their way, {after.in_letters} are dead letters."
        )
        if after.is_clean:
            self.stdout.write(self.style.SUCCESS("Nothing is missing."))

    def _print_findings(self, report: Report) -> None:
        lines = report.lines()
        for line in lines[:LINES]:
            self.stdout.write(line)
        if len(lines) > LINES:
            self.stdout.write(f"… and {len(lines) - LINES} more (--json prints all)")


def _advice(report: Report, repaired: bool) -> str:
    return "" if repaired else " With --repair, what the outbox or the log still has is handed over again."
