"""``manage.py`` with one thing broken on purpose: what the proof must notice.

python -m tests.faults.sabotaged NAME COMMAND …
"""

from __future__ import annotations

import sys
from typing import Any

import django
from django.core.management import execute_from_command_line


def reader() -> None:
    """The outbox is read by ``id > last`` although many write to it."""
    from django.conf import settings

    settings.OUTBOX_READER = "sequence"


def uniqueness() -> None:
    """A receipt is written without asking whether there is one, so every event counts as new."""
    from events import arrays
    from events.models import outbox

    def record(consumer: str, ids: Any) -> set[Any]:
        arrays.execute(
            "INSERT INTO events_consumedevent (consumer, event_id, handled_at) SELECT %s, unnest(%b::uuid[]), now()",
            consumer,
            ids,
        )
        return set(ids)

    outbox._record_by_array = record


def acknowledgement() -> None:
    """The cursor moves before anything was published, and what is refused then is not sent again."""
    from django.conf import settings

    from events import relay
    from events.transport import transport

    def step(self: relay.Relay) -> int:
        rows = self._source.read(settings.RELAY_BATCH)
        if rows:
            self._source.acknowledge()
            transport()(rows)
        return len(rows)

    relay.Relay.step = step  # type: ignore[method-assign]


SABOTAGES = {one.__name__: one for one in (reader, uniqueness, acknowledgement)}


if __name__ == "__main__":
    django.setup()
    SABOTAGES[sys.argv[1]]()
    execute_from_command_line(["manage.py", *sys.argv[2:]])
