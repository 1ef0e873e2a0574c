"""The alerts: right by promtool, each shown firing and quiet, each with a page that says what to do."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands

from deploy.local.failure import StackError
from deploy.monitoring.__main__ import made
from deploy.monitoring.installed import program
from deploy.monitoring.tests.reading import (
    CASE_FILES,
    ROOT,
    RULE_FILES,
    alerts,
    expressions,
    metrics,
    records,
    rules,
    selectors,
)

RUNBOOKS = ROOT / "docs" / "runbooks"
PAGES = sorted(page for page in RUNBOOKS.glob("*.md") if page.name != "README.md")
HEADINGS = ["What it means", "How to see it", "What to do"]
# Of the whole cluster, so of no namespace.
CLUSTER_WIDE = ("node:", "node_", "kube_node_", "dapr_sentry_")


def promtool(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    try:
        found = program("promtool")
    except StackError as error:
        pytest.fail(str(error)) if os.environ.get("CI") == "true" else pytest.skip(str(error))
    return subprocess.run([found, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("file", RULE_FILES, ids=lambda file: file.name)
def test_promtool_accepts_the_rules(file: Path) -> None:
    result = promtool("check", "rules", file)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("file", CASE_FILES, ids=lambda file: file.name)
def test_the_alerts_fire_when_they_should_and_not_otherwise(file: Path) -> None:
    result = promtool("test", "rules", file)
    assert result.returncode == 0, result.stdout + result.stderr


def _cases() -> list[tuple[str, bool]]:
    """Each alert that a case asks for, and whether it is expected to fire."""
    documents = [yaml.safe_load(file.read_text()) for file in CASE_FILES]
    asked = [one for document in documents for test in document["tests"] for one in test["promql_expr_test"]]
    return [(re.findall(r'alertname="(\w+)"', one["expr"])[0], bool(one["exp_samples"])) for one in asked]


def test_every_alert_has_a_firing_and_a_quiet_case() -> None:
    cases = _cases()
    assert {name for name, fires in cases if fires} == set(alerts())
    assert {name for name, fires in cases if not fires} == set(alerts())


@pytest.mark.parametrize(
    "rule", [rule for rule in rules() if "alert" in rule], ids=lambda rule: rule["alert"]
)
def test_an_alert_says_how_bad_it_is_and_where_the_help_is(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}
    assert rule["annotations"]["runbook_url"] == f"docs/runbooks/{rule['alert']}.md"
    assert (ROOT / rule["annotations"]["runbook_url"]).exists()


def test_every_page_belongs_to_an_alert() -> None:
    assert {page.stem for page in PAGES} == set(alerts())


def test_the_list_of_pages_is_complete_and_has_the_right_severities() -> None:
    rows = re.findall(
        r"^\| \[(\w+)\]\(\1\.md\) \| ([\w, ]+) \|", (RUNBOOKS / "README.md").read_text(), re.MULTILINE
    )
    severities: dict[str, set[str]] = {}
    for rule in rules():
        if "alert" in rule:
            severities.setdefault(rule["alert"], set()).add(rule["labels"]["severity"])
    assert {name: set(listed.split(", ")) for name, listed in rows} == severities


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_says_what_it_means_how_to_see_it_and_what_to_do(page: Path) -> None:
    text = page.read_text()
    assert text.startswith(f"# {page.stem}\n\n`{'critical' if _is_critical(page.stem) else 'warning'}`:")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == HEADINGS


def _is_critical(alert: str) -> bool:
    return any(rule.get("alert") == alert and rule["labels"]["severity"] == "critical" for rule in rules())


@pytest.mark.parametrize("page", [*PAGES, RUNBOOKS / "README.md"], ids=lambda page: page.stem)
def test_what_a_page_names_exists(page: Path) -> None:
    text = page.read_text()
    commands = set(re.findall(r"`(?:manage|manage\.py) (\w+)", text))
    assert commands <= set(get_commands())
    files = set(re.findall(r"`((?:deploy|docs|charts)/[\w./-]+)`", text))
    assert {file for file in files if not (ROOT / file).exists()} == set()
    settings = set(re.findall(r"`([A-Z]+_[A-Z_]+)[`=]", text))
    known = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs/configuration.md").read_text(), re.MULTILINE))
    assert settings - known <= {"NOT_ENOUGH_REPLICAS"}
    boards = "".join(file.read_text() for file in (ROOT / "deploy/monitoring/boards").glob("*.yaml"))
    assert {board for board in re.findall(r"\*(Todo: \w+)\*", text) if board not in boards} == set()


def test_values_of_the_chart_that_pages_name_exist() -> None:
    values = yaml.safe_load((ROOT / "charts/todo-app/values.yaml").read_text())
    roles = "|".join(("web", "events", "relay", "scheduler", "worker", "kafka", "redis", "monitoring"))
    named = {
        path
        for page in PAGES
        for path in re.findall(rf"`((?:ROLE|{roles})(?:\.[a-zA-Z]+)+)[`=]", page.read_text())
    }
    assert {path for path in named if not _has(values, path.replace("ROLE", "web").split("."))} == set()


def _has(values: Any, path: list[str]) -> bool:
    return not path or (isinstance(values, dict) and path[0] in values and _has(values[path[0]], path[1:]))


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.get("alert") or rule["record"])
def test_a_rule_looks_at_one_namespace_where_there_are_several(rule: dict[str, Any]) -> None:
    """The chart replaces exactly this text."""
    found = selectors(rule["expr"])
    without = {name for name, labels in found if 'namespace=~".*"' not in labels}
    assert {name for name in without if not name.startswith(CLUSTER_WIDE)} == set()
    assert len(re.findall(r"namespace=~", rule["expr"])) == rule["expr"].count('namespace=~".*"')


def test_recorded_metrics_are_used() -> None:
    used = {name for expression in expressions() for name in metrics(expression)}
    # Those between are for whoever looks at a burn rate by hand.
    assert {name for name in records() - used if ":ratio_rate" not in name} == set()


@pytest.mark.parametrize("file", made(), ids=lambda file: file.name)
def test_what_is_made_is_up_to_date(file: Path) -> None:
    assert file.read_text() == made()[file], "run: make monitoring-files"
