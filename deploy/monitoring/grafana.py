"""Dashboards as Grafana's JSON, from what ``boards/`` says in a few words each (README.md describes the fields).

Source: https://grafana.com/docs/grafana/latest/visualizations/dashboards/build-dashboards/view-dashboard-json-model/
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

SCHEMA_VERSION = 41
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
SIZES = {"stat": (4, 4), "graph": (8, 8)}  # columns, of which there are 24, and lines
REFS = "ABCDEFGH"


def dashboard(board: Json) -> Json:
    """What Grafana takes in."""
    return {
        "uid": board["uid"],
        "title": board["title"],
        "description": board["about"],
        "tags": ["todo"],
        "schemaVersion": SCHEMA_VERSION,
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [_sources(), _namespaces(), *map(_input, board.get("inputs", []))]},
        "links": [_links()],
        "panels": _panels(board["rows"]),
    }


def _links() -> Json:
    """The other dashboards."""
    return {"type": "dashboards", "title": "Todo", "tags": ["todo"], "asDropdown": True, "keepTime": True}


def _sources() -> Json:
    return {"name": "datasource", "label": "Source", "type": "datasource", "query": "prometheus"}


def _namespaces() -> Json:
    """All of them at first, which also fits where there are no namespaces."""
    query = "label_values(todo_relay_leader, namespace)"
    return {
        "name": "namespace",
        "label": "Namespace",
        "type": "query",
        "datasource": SOURCE,
        "query": {"query": query, "refId": "namespaces"},
        "refresh": 2,
        "includeAll": True,
        "allValue": ".*",
        "current": {"text": "All", "value": "$__all"},
    }


def _input(field: Json) -> Json:
    """A figure that a person types in at the top."""
    return {"name": field["name"], "label": field["label"], "type": "textbox", "query": field["preset"]}


def _panels(rows: list[list[Json]]) -> list[Json]:
    found: list[Json] = []
    top = 0
    for row in rows:
        left = 0
        for panel in row:
            width, height = SIZES[_kind(panel)]
            place = {"x": left, "y": top, "w": width, "h": height}
            found.append(_panel(panel, {"id": len(found) + 1, "gridPos": place}))
            left += width
        top += max(SIZES[_kind(panel)][1] for panel in row)
    return found


def _kind(panel: Json) -> str:
    return "stat" if "stat" in panel else "graph"


def _panel(panel: Json, placed: Json) -> Json:
    kind = _kind(panel)
    return {
        **placed,
        "type": "timeseries" if kind == "graph" else kind,
        "title": panel[kind],
        "description": panel.get("about", ""),
        "datasource": SOURCE,
        "targets": _targets(panel),
        "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
        "options": _options(kind),
    }


def _targets(panel: Json) -> list[Json]:
    queries = panel.get("queries") or {"": panel["query"]}
    return [
        {"refId": ref, "datasource": SOURCE, "expr": expression, "legendFormat": legend}
        for ref, (legend, expression) in zip(REFS, queries.items(), strict=False)
    ]


def _defaults(panel: Json) -> Json:
    steps = [{"color": "green", "value": None}]
    if "red_above" in panel:
        steps.append({"color": "red", "value": panel["red_above"]})
    shown = {"unit": panel["unit"], "min": 0, "thresholds": {"mode": "absolute", "steps": steps}}
    return shown if _kind(panel) == "stat" else shown | _lines(stacked=panel.get("stacked", False))


def _lines(stacked: bool) -> Json:
    custom = {"fillOpacity": 20 if stacked else 0, "stacking": {"mode": "normal" if stacked else "none"}}
    return {"color": {"mode": "palette-classic"}, "custom": custom}


def _options(kind: str) -> Json:
    if kind == "stat":
        return {"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "value", "graphMode": "area"}
    return {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}}
