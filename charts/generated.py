"""The files of the chart that are made from others: one source for each fact."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from charts import reference

ROOT = Path(__file__).resolve().parent.parent
CHART = ROOT / "charts" / "todo-app"
FILES = CHART / "files"
# Where the chart's copies come from. A chart can read only what is in its own folder.
COPIED = {
    "dapr": ("deploy/dapr", "*.yaml"),
    "monitoring/rules": ("deploy/monitoring/rules", "*.yaml"),
    "monitoring/dashboards": ("deploy/monitoring/dashboards", "*.json"),
}
NOT_IN_A_CLUSTER = {"secrets.yaml"}  # the secret store of one machine
BEGIN, END = "<!-- values: begin -->", "<!-- values: end -->"
SETTING = re.compile(r'env\.\w+\(\s*"([A-Z_]+)"')
ONE_LINE = 118


def made() -> dict[Path, str]:
    """Each file with its content."""
    schema = CHART / "values.schema.json"
    readme = CHART / "README.md"
    return {**_copies(), schema: _schema(schema.read_text()), readme: _readme(readme.read_text())}


def write() -> list[Path]:
    """Write what is out of date, and remove copies whose source is gone. The paths that changed."""
    files = made()
    changed = [path for path, content in files.items() if not path.exists() or path.read_text() != content]
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path])
    left_over = [path for path in FILES.rglob("*.*") if path not in files]
    for path in left_over:
        path.unlink()
    return [*changed, *left_over]


def _copies() -> dict[Path, str]:
    return {
        FILES / folder / source.name: source.read_text()
        for folder, (origin, pattern) in COPIED.items()
        for source in sorted((ROOT / origin).glob(pattern))
        if source.name not in NOT_IN_A_CLUSTER
    }


def settings() -> list[str]:
    """The names of all settings of the application."""
    return sorted(set(SETTING.findall((ROOT / "todo_project" / "settings.py").read_text())))


def _schema(text: str) -> str:
    """The schema with the names of all settings: a wrong one is refused before anything is installed."""
    schema = json.loads(text)
    schema["$defs"]["settings"]["propertyNames"]["enum"] = settings()
    return _readable(schema) + "\n"


def _readable(value: Any, indent: str = "") -> str:
    """JSON in which what fits on a line is on one."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(flat) <= ONE_LINE or not isinstance(value, dict | list) or not value:
        return flat
    deeper = indent + "  "
    if isinstance(value, dict):
        inside = [f"{json.dumps(key)}: {_readable(part, deeper)}" for key, part in value.items()]
    else:
        inside = [_readable(part, deeper) for part in value]
    begin, end = ("{", "}") if isinstance(value, dict) else ("[", "]")
    return f"{begin}\n{deeper}" + f",\n{deeper}".join(inside) + f"\n{indent}{end}"


def _readme(text: str) -> str:
    """The README with the table of the values between its two marks."""
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    return f"{before}{BEGIN}\n{reference.table((CHART / 'values.yaml').read_text())}\n{END}{after}"
