"""``manage.py rebuild_statistics``: the statistics anew, from every event that there is."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from events.statistics import rebuild


class Command(BaseCommand):
    help = (
        "Build everybody's statistics anew from the outbox and the event log, and show them in place of the old ones. "
        "To be run while everything serves: what happens meanwhile is counted once. A build that was interrupted "
        "goes on where it was."
    )

    def handle(self, **_: Any) -> None:
        projection = rebuild.begin()
        self.stdout.write(f"About {projection.total} events to read.")
        shown = 0
        while rebuild.step():
            projection.refresh_from_db()
            if projection.percent >= shown + 10:
                shown = projection.percent
                self.stdout.write(f"{shown} %")
        self.stdout.write("Done: the new statistics are shown.")
