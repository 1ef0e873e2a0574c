"""The dashboards: few panels, units everywhere, no two in one place."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from deploy.monitoring.tests.reading import DASHBOARDS, panels

TOPICS = {"application", "business", "kafka", "dapr", "infrastructure", "cost"}
UNITS = {"reqps", "ops", "s", "ms", "percentunit", "none", "bytes", "gbytes", "Bps", "currencyUSD"}
MOST_PANELS = 16
COLUMNS = 24

every = pytest.mark.parametrize("file", DASHBOARDS, ids=lambda file: file.stem)


def test_there_is_one_for_each_thing_that_is_asked_about() -> None:
    assert {file.stem for file in DASHBOARDS} == {f"todo-{topic}" for topic in TOPICS}


@every
def test_it_has_few_panels_each_with_a_title_a_unit_and_a_query(file: Path) -> None:
    shown = panels(file)
    assert 8 <= len(shown) <= MOST_PANELS
    for panel in shown:
        assert panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"] in UNITS, panel["title"]
        assert all(target["expr"].strip() for target in panel["targets"])


@every
def test_series_of_a_graph_have_names(file: Path) -> None:
    graphs = [panel for panel in panels(file) if panel["type"] == "timeseries"]
    assert [panel["title"] for panel in graphs if not all(t["legendFormat"] for t in panel["targets"])] == []


@every
def test_no_panel_hides_another_or_leaves_the_page(file: Path) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in panels(file):
        at = panel["gridPos"]
        cells = {(at["x"] + dx, at["y"] + dy) for dx in range(at["w"]) for dy in range(at["h"])}
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < COLUMNS
        taken |= cells


@every
def test_it_looks_at_the_chosen_source(file: Path) -> None:
    text = file.read_text()
    sources = [panel["datasource"]["uid"] for panel in panels(file)]
    assert set(sources) == {"${datasource}"}
    names = [variable["name"] for variable in json.loads(text)["templating"]["list"]]
    assert names[:2] == ["datasource", "namespace"]


@every
def test_every_variable_in_a_query_can_be_chosen(file: Path) -> None:
    names = {variable["name"] for variable in json.loads(file.read_text())["templating"]["list"]}
    used = {
        name for panel in panels(file) for t in panel["targets"] for name in re.findall(r"\$(\w+)", t["expr"])
    }
    assert used <= names
    assert names - used <= {"datasource"}
