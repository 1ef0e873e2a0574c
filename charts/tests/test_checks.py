"""Helm's own check, kubeconform, helm-unittest and yamllint."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
import yaml

from charts import helm
from charts.generated import CHART, ROOT

pytestmark = [pytest.mark.chart, pytest.mark.usefixtures("_helm")]
CASES = 120
UNTIDY = ("line-length", "indentation", "trailing-spaces", "empty-lines")
RENDERED = f"{{extends: relaxed, rules: {{{', '.join(f'{rule}: disable' for rule in UNTIDY)}}}}}"
INSTALLATIONS = [*helm.INSTALLATIONS.items(), (None, helm.REQUIRED)]
EACH = pytest.mark.parametrize(
    ("values", "settings"), INSTALLATIONS, ids=lambda value: value if isinstance(value, str) else ""
)


@EACH
def test_helm_finds_nothing_wrong(values: str | None, settings: dict[str, str]):
    result = helm.run("lint", "--strict", str(CHART), *helm.arguments(values, settings))
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_behaviours_of_the_templates_hold():
    result = subprocess.run(
        [helm.tool("helm-unittest"), "--strict", "--color=false", CHART],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-8000:]
    passed = re.search(r"^Tests: +(\d+) passed, \1 total", result.stdout, re.MULTILINE)
    assert passed, result.stdout[-2000:]
    assert int(passed[1]) >= CASES


def test_yaml_is_tidy():
    files = [CHART / "Chart.yaml", *CHART.glob("values*.yaml"), *(CHART / "tests").glob("*.yaml")]
    rules = ROOT / "charts" / "yamllint.yaml"
    result = subprocess.run(
        [sys.executable, "-m", "yamllint", "--strict", "-c", rules, *files],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout


@EACH
def test_what_is_rendered_is_tidy(values: str | None, settings: dict[str, str]):
    """A key twice, or a tab, is a mistake of a template; lines may be long."""
    result = subprocess.run(
        [sys.executable, "-m", "yamllint", "--strict", "-d", RENDERED, "-"],
        input=helm.rendered(values, settings),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout


@EACH
def test_no_document_is_empty_by_mistake(values: str | None, settings: dict[str, str]):
    documents = list(yaml.safe_load_all(helm.rendered(values, settings)))
    names = [(one["kind"], one["metadata"]["name"]) for one in documents if one]
    assert len(names) == len(set(names))
