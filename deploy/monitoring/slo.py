"""The service level objectives: what is promised over thirty days, and alerts on how fast that is used up.

Each objective allows a share of failures, its budget. A burn rate of 1 uses the budget up in thirty days. An alert
needs a long window, which says that it matters, and a short one, which says that it goes on.

Source: https://sre.google/workbook/alerting-on-slos/
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# What people and programs ask for: not what Dapr delivers and not what roles ask each other.
REQUESTS = 'namespace=~".*", view!~"events[.]views[.].+|state"'
ANSWERED = "django_http_responses_total_by_status_view_method_total"
TOOK = "django_http_requests_latency_seconds_by_view_method"
EVENTS = 'namespace=~".*", consumer!="email"'  # the time of a mail is that of somebody else's server
HANDLED = "todo_event_latency_seconds"
LATENCY_SECONDS = "1.0"
EVENT_SECONDS = "5.0"
ENOUGH_FAILURES = 10  # within an hour; fewer wake nobody

QUICK_WINDOWS = ("5m", "30m", "1h", "2h", "6h")
SLOW_WINDOWS = ("1d", "3d")  # read every five minutes: there is much to read, and little changes
# Burn rate, long window, short window, severity.
PAIRS = (
    (14.4, "1h", "5m", "critical"),
    (6, "6h", "30m", "critical"),
    (3, "1d", "2h", "warning"),
    (1, "3d", "6h", "warning"),
)


@dataclass(frozen=True)
class Objective:
    """``promised`` is a share. ``of_window`` is PromQL for the share of failures within ``{window}``."""

    alert: str
    metric: str
    promised: float
    of_window: str
    promise: str
    needs_failures: bool = False

    @property
    def budget(self) -> float:
        return round(1 - self.promised, 6)

    def ratio(self, window: str) -> str:
        return f"namespace:{self.metric}:ratio_rate{window}"


OBJECTIVES = (
    Objective(
        alert="TodoAvailabilityBudget",
        metric="todo_request_errors",
        promised=0.999,
        of_window=(
            f'(sum by (namespace) (rate({ANSWERED}{{{REQUESTS}, status=~"5.."}}[{{window}}])) '
            f"or 0 * sum by (namespace) (rate({ANSWERED}{{{REQUESTS}}}[{{window}}])))\n"
            f"/ sum by (namespace) (rate({ANSWERED}{{{REQUESTS}}}[{{window}}]))"
        ),
        promise="99.9 % of the requests are answered without a 5xx status",
        needs_failures=True,
    ),
    Objective(
        alert="TodoLatencyBudget",
        metric="todo_slow_requests",
        promised=0.99,
        of_window=(
            f'1 - sum by (namespace) (rate({TOOK}_bucket{{{REQUESTS}, le="{LATENCY_SECONDS}"}}[{{window}}]))\n'
            f"/ sum by (namespace) (rate({TOOK}_count{{{REQUESTS}}}[{{window}}]))"
        ),
        promise="99 % of the requests take at most one second",
    ),
    Objective(
        alert="TodoEventsBudget",
        metric="todo_slow_events",
        promised=0.999,
        of_window=(
            f'1 - sum by (namespace) (rate({HANDLED}_bucket{{{EVENTS}, le="{EVENT_SECONDS}"}}[{{window}}]))\n'
            f"/ sum by (namespace) (rate({HANDLED}_count{{{EVENTS}}}[{{window}}]))"
        ),
        promise="99.9 % of the events have their effect within five seconds",
    ),
)


def rules() -> dict[str, Any]:
    """The content of ``rules/slo.yaml``."""
    return {
        "groups": [
            {"name": "todo-slo-quick", "rules": [*_failures(), *_ratios(QUICK_WINDOWS)]},
            {"name": "todo-slo-slow", "interval": "5m", "rules": [*_ratios(SLOW_WINDOWS)]},
            {"name": "todo-slo", "rules": [*_alerts()]},
        ]
    }


def _failures() -> Iterator[dict[str, Any]]:
    yield {
        "record": "namespace:todo_request_errors:increase1h",
        "expr": f'sum by (namespace) (increase({ANSWERED}{{{REQUESTS}, status=~"5.."}}[1h]))\n',
    }


def _ratios(windows: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for objective in OBJECTIVES:
        for window in windows:
            expression = objective.of_window.replace("{window}", window) + "\n"
            yield {"record": objective.ratio(window), "expr": expression}


def _alerts() -> Iterator[dict[str, Any]]:
    for objective in OBJECTIVES:
        for severity, pace in (("critical", "within days"), ("warning", "before the thirty days end")):
            yield {
                "alert": objective.alert,
                "expr": _burns(objective, severity),
                "for": "2m" if severity == "critical" else "1h",
                "labels": {"severity": severity},
                "annotations": {
                    "summary": f"What may fail of 30 days is used up {pace}",
                    "description": f"Promised: {objective.promise}. Now {{{{ $value | humanizePercentage }}}} do not.",
                    "runbook_url": f"docs/runbooks/{objective.alert}.md",
                },
            }


def _burns(objective: Objective, severity: str) -> str:
    selector = '{namespace=~".*"}'
    pairs = [
        f"({objective.ratio(long)}{selector} > {rate} * {objective.budget}"
        f" and {objective.ratio(short)}{selector} > {rate} * {objective.budget})"
        for rate, long, short, of in PAIRS
        if of == severity
    ]
    either = "\nor ".join(pairs)
    if not (objective.needs_failures and severity == "critical"):
        return either + "\n"
    failures = f"namespace:todo_request_errors:increase1h{selector} >= {ENOUGH_FAILURES}"
    return f"({either})\nand on (namespace) {failures}\n"
