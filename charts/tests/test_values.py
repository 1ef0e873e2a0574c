"""values.yaml, what is made from it, and what the chart copies. Needs no Helm."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from charts import generated, reference
from charts.generated import CHART, FILES, ROOT

VALUES = (CHART / "values.yaml").read_text()
SCHEMA = json.loads((CHART / "values.schema.json").read_text())


def test_what_is_made_from_other_files_is_up_to_date():
    outdated = [
        path for path, content in generated.made().items() if not path.exists() or path.read_text() != content
    ]
    assert outdated == [], "run `make chart-files`"


def test_no_copy_outlives_its_source():
    assert {path for path in FILES.rglob("*.*") if path.is_file()} <= set(generated.made())


def test_the_copies_of_dapr_are_what_every_installation_has():
    copied = {path.name: path.read_text() for path in (FILES / "dapr").glob("*.yaml")}
    assert copied
    assert copied == {name: (ROOT / "deploy" / "dapr" / name).read_text() for name in copied}


def test_every_value_is_documented_where_it_stands():
    assert [value.path for value in reference.values(VALUES) if not value.meaning] == []


def test_a_value_without_a_remark_is_noticed():
    text = "# All.\na:\n  # The first.\n  b: 1\n  c: 2\n"
    assert [(value.path, value.meaning) for value in reference.values(text)] == [
        ("a.b", "The first."),
        ("a.c", ""),
    ]


def test_every_value_is_found():
    found = {value.path for value in reference.values(VALUES)}
    assert found == set(_leaves(yaml.safe_load(VALUES)))


def _leaves(tree: dict[str, Any], above: str = "") -> list[str]:
    leaves: list[str] = []
    for key, value in tree.items():
        whole = not isinstance(value, dict) or not value or key in reference.WHOLE
        leaves += [above + key] if whole else _leaves(value, f"{above}{key}.")
    return leaves


def test_the_schema_knows_every_value_and_no_other():
    assert _schema_leaves(SCHEMA) - {"global"} == {value.path for value in reference.values(VALUES)}


def _schema_leaves(schema: dict[str, Any], above: str = "") -> set[str]:
    """The values that the schema names. What it says about all resources, labels or settings is one value each."""
    leaves: set[str] = set()
    for key, part in schema["properties"].items():
        known = _resolved(part)
        whole = "properties" not in known or key in reference.WHOLE
        leaves |= {above + key} if whole else _schema_leaves(known, f"{above}{key}.")
    return leaves


def _resolved(part: dict[str, Any]) -> dict[str, Any]:
    reference_ = part.get("$ref")
    return SCHEMA["$defs"][reference_.removeprefix("#/$defs/")] if reference_ else part


def test_the_schema_refuses_what_it_does_not_know_everywhere():
    assert [
        place
        for place in _open_objects(SCHEMA, "")
        if place not in {".global", "$defs.texts", "$defs.settings"}
    ] == []


def _open_objects(schema: Any, place: str) -> list[str]:
    if not isinstance(schema, dict):
        return []
    here = [place] if schema.get("properties") and schema.get("additionalProperties") is not False else []
    inside = [found for key, part in schema.items() for found in _open_objects(part, f"{place}.{key}")]
    return here + inside


def test_each_values_file_says_only_what_differs():
    defaults = yaml.safe_load(VALUES)
    for path in sorted(CHART.glob("values-*.yaml")):
        assert _repeated(yaml.safe_load(path.read_text()), defaults) == [], path.name


def _repeated(given: dict[str, Any], defaults: dict[str, Any], above: str = "") -> list[str]:
    """What a values file says although the default says the same; what a reader should see is exempt."""
    exempt = {"kafka.provider", "redis.builtin.enabled", "gateway.className"}
    found: list[str] = []
    for key, value in given.items():
        default = defaults.get(key)
        if isinstance(value, dict) and isinstance(default, dict) and default:
            found += _repeated(value, default, f"{above}{key}.")
        elif value == default and above + key not in exempt:
            found.append(above + key)
    return found


def test_no_file_of_the_chart_names_a_password_or_a_digest_that_nobody_looked_up():
    for path in [*CHART.glob("values*.yaml"), *(CHART / "templates").glob("*")]:
        assert "sha256:" not in _without_remarks(path), path.name


def _without_remarks(path: Path) -> str:
    return "\n".join(line for line in path.read_text().splitlines() if not line.lstrip().startswith("#"))
