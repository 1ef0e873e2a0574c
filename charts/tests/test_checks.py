"""Helm's own check, kubeconform, helm-unittest and yamllint."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from charts import helm, schemas
from charts.generated import CHART, ROOT
from deploy.cluster import installed
from deploy.local.failure import StackError

pytestmark = [pytest.mark.chart, pytest.mark.usefixtures("_helm")]
CASES = 120
UNTIDY = ("line-length", "indentation", "trailing-spaces", "empty-lines", "commas")
RENDERED = f"{{extends: relaxed, rules: {{{', '.join(f'{rule}: disable' for rule in UNTIDY)}}}}}"
INSTALLATIONS = [*helm.INSTALLATIONS.items(), (None, helm.REQUIRED)]
EACH = pytest.mark.parametrize(
    ("values", "given"), INSTALLATIONS, ids=lambda value: value if isinstance(value, str) else ""
)


@EACH
def test_helm_finds_nothing_wrong(values: str | None, given: dict[str, str]):
    result = helm.run("lint", "--strict", str(CHART), *helm.arguments(values, given))
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
def test_what_is_rendered_is_tidy(values: str | None, given: dict[str, str]):
    """A key twice, or a tab, is a mistake of a template; how Helm sets what it writes is nobody's."""
    result = subprocess.run(
        [sys.executable, "-m", "yamllint", "--strict", "-d", RENDERED, "-"],
        input=helm.rendered(values, given),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout


@EACH
def test_no_document_is_empty_by_mistake(values: str | None, given: dict[str, str]):
    documents = list(yaml.safe_load_all(helm.rendered(values, given)))
    names = [(one["kind"], one["metadata"]["name"]) for one in documents if one]
    assert len(names) == len(set(names))


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The schemas of Kubernetes 1.36 and of every custom resource that the chart may make."""
    try:
        definitions = installed.definitions()
    except StackError as error:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(str(error))
    folder = tmp_path_factory.mktemp("schemas")
    custom = [one for path in definitions.rglob("*.yaml") for one in schemas.read(path.read_text())]
    assert schemas.write(folder, json.loads(helm.openapi().read_text()), custom) > 150
    return folder


def conform(known: Path, text: str) -> subprocess.CompletedProcess[str]:
    where = f"{known}/{schemas.LOCATION}"
    return subprocess.run(
        [helm.tool("kubeconform"), "-strict", "-summary", "-schema-location", where, "-"],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )


@EACH
def test_every_object_has_the_fields_of_its_kind(known: Path, values: str | None, given: dict[str, str]):
    text = helm.rendered(values, given)
    result = conform(known, text)
    assert result.returncode == 0, result.stdout
    assert (
        f"Valid: {len([one for one in yaml.safe_load_all(text) if one])}, Invalid: 0, Errors: 0, Skipped: 0"
        in result.stdout
    )


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("maxUnavailable: 0", "maxUnavailabel: 0"),
        ("containerPort: 8000", "containerPort: eight"),
        ("deadLetterTopic:", "deadLetter:"),
        ("kraftMetadata: shared", "kraftMetadata: alone"),
    ],
)
def test_a_misspelt_field_would_be_noticed(known: Path, right: str, wrong: str):
    text = helm.rendered(None, helm.REQUIRED)
    assert right in text
    assert conform(known, text.replace(right, wrong)).returncode != 0
