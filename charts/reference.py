"""What values.yaml says about each value, as a table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

KEY = re.compile(r"^( *)([A-Za-z]\w*):")
COMMENT = re.compile(r"^ *# ?(.*)$")
WHOLE = {"resources", "labels"}  # documented as one


@dataclass(frozen=True)
class Value:
    """``path`` is what ``--set`` takes. ``meaning`` is empty where there is no comment right above it."""

    path: str
    default: Any
    meaning: str

    @property
    def is_leaf(self) -> bool:
        whole = self.path.rpartition(".")[2] in WHOLE
        return not isinstance(self.default, dict) or not self.default or whole


def values(text: str) -> list[Value]:
    """Every value of a values.yaml, in its order. What contains other values is none itself."""
    return [value for value in _entries(text) if value.is_leaf]


def _entries(text: str) -> list[Value]:
    """Every value, and whatever contains values."""
    defaults = yaml.safe_load(text)
    return [Value(".".join(path), _at(defaults, path), meaning) for path, meaning in _keys(text)]


def _keys(text: str) -> Iterator[tuple[list[str], str]]:
    """Each key with its comment, but for those inside of lists and of what is documented as one."""
    path: list[str] = []
    comment: list[str] = []
    inside = -1  # the depth of a value whose inside is its own affair
    for line in text.splitlines():
        key, remark = KEY.match(line), COMMENT.match(line)
        if remark:
            comment.append(remark[1])
            continue
        depth = len(line) - len(line.lstrip(" "))
        if key and (inside < 0 or depth <= inside):
            path = [*path[: depth // 2], key[2]]
            inside = depth if line.rstrip().endswith(":") and key[2] in {*WHOLE, "pools"} else -1
            yield path, " ".join(comment)
        comment = []


def _at(tree: Any, path: list[str]) -> Any:
    for key in path:
        tree = tree[key]
    return tree


def table(text: str) -> str:
    """All values as a Markdown table, with a line above each group that says what it is."""
    rows = [_row(entry) for entry in _entries(text) if entry.is_leaf or entry.meaning]
    return "\n".join(["| Value | Default | Meaning |", "|---|---|---|", *rows])


def _row(entry: Value) -> str:
    if not entry.is_leaf:
        return f"| **{entry.path}** | | {_escaped(entry.meaning)} |"
    return f"| `{entry.path}` | `{_escaped(json.dumps(entry.default))}` | {_escaped(entry.meaning)} |"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")
