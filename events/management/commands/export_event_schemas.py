"""``manage.py export_event_schemas``: the JSON Schemas of the events, as files."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from events import json_schema


class Command(BaseCommand):
    help = (
        "Write the JSON Schema of every event into events/schemas/, one file per type and version. "
        "Run it after a change of an event class."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; exit with 1 when a file is out of date"
        )

    def handle(self, *, check: bool, **_: Any) -> None:
        if not check:
            changed = json_schema.export()
            self.stdout.write(f"Wrote {len(changed)} schemas." if changed else "Every schema is up to date.")
        elif outdated := json_schema.outdated():
            names = ", ".join(path.name for path in outdated)
            raise CommandError(f"Out of date: {names}. Run `manage.py export_event_schemas`.")
        else:
            self.stdout.write("Every schema is up to date.")
