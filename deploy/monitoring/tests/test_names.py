"""No rule and no panel looks at a metric that nobody shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import get_args

import pytest
import yaml
from django_prometheus.middleware import Metrics
from prometheus_client import REGISTRY

from deploy.monitoring.tests.reading import HERE, ROOT, expressions, metrics, records, selectors

ADDED = {"namespace", "pod"}  # by whoever collects
SUFFIXES = {"counter": {""}, "histogram": {"_bucket", "_count", "_sum"}, "gauge": {""}}
BY_OTHERS = yaml.safe_load((HERE / "exporters.yaml").read_text())
LISTED = r"^\| `(todo_\w+)` \| (\w+) \| (.+?) \|"


def _ours() -> Iterator[tuple[str, str, set[str]]]:
    """Name, type and labels. ``todo_project/tests/test_metrics.py`` proves that the list is what is shown."""
    listed = re.findall(LISTED, (ROOT / "docs/monitoring.md").read_text(), re.MULTILINE)
    for name, kind, labels in listed:
        yield name, kind, set(re.findall(r"`(\w+)`", labels))
    Metrics.get_instance()
    for name, collector in REGISTRY._names_to_collectors.items():
        if name.startswith("django_"):
            yield name, "gauge", set(collector._labelnames)


@pytest.fixture(scope="module")
def ours() -> dict[str, set[str]]:
    """Each name that a process of ours shows, with its labels."""
    return {
        name + suffix: labels | ({"le"} if (name + suffix).endswith("_bucket") else set())
        for name, kind, labels in _ours()
        for suffix in SUFFIXES[kind]
    }


def others() -> set[str]:
    return {name for exporter in BY_OTHERS.values() for name in exporter["metrics"]}


def test_every_metric_is_shown_by_somebody(ours: dict[str, set[str]]) -> None:
    shown = set(ours) | others() | records()
    nobodys = {expression: metrics(expression) - shown for expression in expressions()}
    assert {expression: names for expression, names in nobodys.items() if names} == {}
    assert all(metrics(expression) for expression in expressions())


def test_our_metrics_have_the_labels_that_are_asked_for(ours: dict[str, set[str]]) -> None:
    asked = {one for expression in expressions() for one in selectors(expression) if one[0] in ours}
    assert {(name, label) for name, labels in asked for label in _names(labels) - ADDED - ours[name]} == set()


def _names(labels: str) -> set[str]:
    """Of what stands in braces, what is before the equals signs."""
    return set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", re.sub(r'"[^"]*"', "", labels)))


def test_the_list_of_others_metrics_holds_what_is_used_and_no_more(ours: dict[str, set[str]]) -> None:
    used = {name for expression in expressions() for name in metrics(expression)}
    assert others() == used - set(ours) - records()
    assert all(exporter["seen"] for exporter in BY_OTHERS.values())


def test_values_of_labels_are_those_of_the_code() -> None:
    """Outcomes, channels and statuses that no code gives would make an alert that never fires."""
    from events.types import EVENT_TYPES
    from notifications.kinds import Channel
    from tasks.changes import Kind

    text = "\n".join(expressions())
    assert set(re.findall(r'operation="([\w.]+)"', text)) <= set(get_args(Kind))
    assert set(re.findall(r'[{ ]type="([\w.]+)"', text)) <= set(EVENT_TYPES)
    assert set(re.findall(r'channel="(\w+)"', text)) <= {str(channel) for channel in Channel}


def test_metrics_are_found_in_promql() -> None:
    expression = (
        'max by (a) (x_total{namespace=~".*", b="c"}[5m]) / on (a) y:z{q!~"p|r"} > 0.5 and time() - up < 3'
    )
    assert metrics(expression) == {"x_total", "y:z", "up"}
    assert selectors(expression)[0] == ("x_total", 'namespace=~".*", b="c"')
