"""Writes rules/slo.yaml from slo.py, and dashboards/*.json from boards/*.yaml.

A test says when they are out of date.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from deploy.monitoring import slo
from deploy.monitoring.grafana import dashboard

HERE = Path(__file__).resolve().parent
SLO_HEADER = "# Made by `python -m deploy.monitoring` from slo.py, which explains it. Do not edit.\n"


class _Readable(yaml.SafeDumper):
    """Writes texts of several lines as such."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Readable.add_representer(str, _text)


def made() -> dict[Path, str]:
    """Each file with its content."""
    rules = yaml.dump(slo.rules(), Dumper=_Readable, sort_keys=False, width=400)
    files = {HERE / "rules" / "slo.yaml": SLO_HEADER + rules}
    for source in sorted((HERE / "boards").glob("*.yaml")):
        board = dashboard(yaml.safe_load(source.read_text()))
        files[HERE / "dashboards" / f"{board['uid']}.json"] = _a_line_for_each_panel(board)
    return files


def _a_line_for_each_panel(board: dict[str, Any]) -> str:
    others = {name: value for name, value in board.items() if name != "panels"}
    lines = [f'"{name}": {json.dumps(value, ensure_ascii=False)},' for name, value in others.items()]
    panels = ",\n".join(json.dumps(panel, ensure_ascii=False) for panel in board["panels"])
    return "\n".join(["{", *lines, '"panels": [', panels, "]", "}"]) + "\n"


def main() -> None:
    for file, text in made().items():
        file.write_text(text)


if __name__ == "__main__":
    main()
