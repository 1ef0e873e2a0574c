"""What rules and dashboards say, for the tests."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]
HERE = ROOT / "deploy" / "monitoring"
RULE_FILES = sorted((HERE / "rules").glob("*.yaml"))
CASE_FILES = sorted((HERE / "cases").glob("*.yaml"))
DASHBOARDS = sorted((HERE / "dashboards").glob("*.json"))

# Words of PromQL that stand where a metric could. Whatever is followed by a parenthesis is a function.
WORDS = {
    "and",
    "or",
    "unless",
    "by",
    "without",
    "on",
    "ignoring",
    "group_left",
    "group_right",
    "bool",
    "offset",
}


def rules() -> list[dict[str, Any]]:
    documents = [yaml.safe_load(file.read_text()) for file in RULE_FILES]
    return [rule for document in documents for group in document["groups"] for rule in group["rules"]]


def alerts() -> dict[str, dict[str, Any]]:
    return {rule["alert"]: rule for rule in rules() if "alert" in rule}


def records() -> set[str]:
    return {rule["record"] for rule in rules() if "record" in rule}


def panels(dashboard: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(dashboard.read_text())["panels"]
    return found


def queries() -> list[str]:
    """All PromQL of the dashboards."""
    return [t["expr"] for file in DASHBOARDS for panel in panels(file) for t in panel["targets"]]


def expressions() -> list[str]:
    """All PromQL that there is."""
    return [rule["expr"] for rule in rules()] + queries()


def selectors(expression: str) -> list[tuple[str, str]]:
    """Each metric in an expression, with what its braces hold."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', '""', expression)
    bare = re.sub(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", " ", bare)
    bare = re.sub(r"\[[^]]*\]|\$\w+", " ", bare)
    found = re.findall(
        r"(?<![\w.:])([a-zA-Z_:][\w:]*)\b(?!\s*\()\s*(\{[^}]*\})?", re.sub(r"\{[^}]*\}", _kept, bare)
    )
    return [(name, _labels(expression, name)) for name, _ in found if name not in WORDS]


def _kept(braces: re.Match[str]) -> str:
    return "{}"


def _labels(expression: str, name: str) -> str:
    """The braces after the first place where a metric stands."""
    found = re.search(rf"(?<![\w:]){re.escape(name)}\{{([^}}]*)\}}", expression)
    return found[1] if found else ""


def metrics(expression: str) -> set[str]:
    return {name for name, _ in selectors(expression)}
