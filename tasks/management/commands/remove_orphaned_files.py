"""``manage.py remove_orphaned_files``: removes stored files that are on no task."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tasks.attaching import storage
from tasks.models import Attachment


class Command(BaseCommand):
    help = (
        "Remove stored files that are older than a day and on no task: what a process left behind that died "
        "while it stored one, or before it removed one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only name them")

    def handle(self, *, dry_run: bool, **_: Any) -> None:
        number = sum(self._remove(name, dry_run) for name in Attachment.objects.orphans())
        self.stdout.write(f"{number} {'would be removed' if dry_run else 'removed'}.")

    def _remove(self, name: str, dry_run: bool) -> int:
        self.stdout.write(name)
        if not dry_run:
            storage.forget(name)
        return 1
