"""The JSON Schema of each event's ``data``, made from its class and kept in ``events/schemas/``.

Source: https://json-schema.org/draft/2020-12/schema
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from events.envelope import schema_name
from events.types import EVENT_CLASSES, EventData

FOLDER = Path(__file__).parent / "schemas"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(event: type[EventData]) -> dict[str, Any]:
    """The schema of an event's ``data``. Its ``$id`` is what events name as their ``dataschema``."""
    # One component is the event, the others are its parts, which it refers to.
    (root,), parts = msgspec.json.schema_components([event], ref_template="#/$defs/{name}")
    own = parts.pop(root["$ref"].rpartition("/")[2])
    return {"$schema": DIALECT, "$id": schema_name(event), **own, "$defs": parts}


def path_of(event: type[EventData]) -> Path:
    return FOLDER / f"{event.TYPE}.v{event.VERSION}.json"


def export() -> list[Path]:
    """Write the schema of every event class. Returns the files that changed."""
    changed = outdated()
    FOLDER.mkdir(exist_ok=True)
    for event in EVENT_CLASSES:
        path_of(event).write_text(_text(event))
    return changed


def outdated() -> list[Path]:
    """The files that are missing or differ from their class. Those of earlier versions stay as they are."""
    return [path for path, text in _wanted().items() if not path.exists() or path.read_text() != text]


def _wanted() -> dict[Path, str]:
    return {path_of(event): _text(event) for event in EVENT_CLASSES}


def _text(event: type[EventData]) -> str:
    return json.dumps(schema_of(event), indent=2, ensure_ascii=False).replace("``", "`") + "\n"
