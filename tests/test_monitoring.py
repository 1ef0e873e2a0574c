"""A real Prometheus with our rules looks at the real stack: everything that they look at is there."""

from __future__ import annotations

import json
import os
import urllib.parse
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.local.failure import StackError
from deploy.local.ports import LOOPBACK, ROLES, free_block
from deploy.local.service import Service, http_get, http_status
from deploy.local.smoke import smoke
from deploy.local.stack import Stack
from deploy.monitoring.installed import program
from deploy.monitoring.tests.reading import RULE_FILES, expressions, metrics
from tests.test_stack import ask_daprd
from tests.waiting import wait_until

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack"), pytest.mark.timeout(600)]
SECONDS = 60  # a limit: each of them comes within a few
# What only shows when something goes wrong, or in Dapr's control plane.
ONLY_IN_TROUBLE = {
    "dapr_resiliency_activations_total",
    "dapr_runtime_component_init_fail_total",
    "dapr_runtime_mtls_workload_cert_rotated_fail_total",
    "dapr_sentry_issuercert_expiry_timestamp",
}


@dataclass(frozen=True)
class Prometheus:
    service: Service

    def ask(self, path: str, **parameters: str) -> Any:
        """What its API answers. Source: https://prometheus.io/docs/prometheus/latest/querying/api/"""
        query = urllib.parse.urlencode(parameters)
        status, body = http_get(self.service.port, f"/api/v1/{path}?{query}", seconds=10)
        assert status == 200, body
        return json.loads(body)["data"]

    def value(self, expression: str) -> list[Any]:
        found: list[Any] = self.ask("query", query=expression)["result"]
        return found


@pytest.fixture(scope="module")
def prometheus(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """It reads all roles and sidecars every second."""
    try:
        executable = program("prometheus")
    except StackError as error:
        pytest.fail(str(error)) if os.environ.get("CI") == "true" else pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("prometheus")
    (folder / "prometheus.yml").write_text(yaml.safe_dump(configuration(stack)))
    port = free_block()[0]
    flags = [
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={LOOPBACK}:{port}",
    ]
    service = Service(
        "prometheus", folder, port, [executable, *flags], dict, lambda: http_status(port, "/-/ready") == 200
    )
    service.start()
    try:
        service.wait_ready()
        yield Prometheus(service)
    finally:
        service.kill()


def configuration(stack: Stack) -> dict[str, Any]:
    ports = stack.ports.roles
    targets = {role: [f"{LOOPBACK}:{ports[role].metrics}"] for role in ROLES}
    targets |= {f"daprd-{role}": [f"{LOOPBACK}:{ports[role].dapr_metrics}"] for role in ROLES}
    return {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(Path(file)) for file in RULE_FILES],
        "scrape_configs": [
            {"job_name": name, "static_configs": [{"targets": addresses}]}
            for name, addresses in targets.items()
        ],
    }


def test_everything_that_rules_and_dashboards_look_at_is_there(stack: Stack, prometheus: Prometheus):
    wait_until(lambda: len(prometheus.value("up == 1")) == 2 * len(ROLES), seconds=SECONDS)
    smoke(stack, lambda line: None)
    ask_daprd(stack, "web", "GET", "/v1.0/state/todo-state/nothing")
    wanted = {name for expression in expressions() for name in metrics(expression)}
    wanted = {name for name in wanted if name.startswith(("todo_", "django_", "dapr_"))} - ONLY_IN_TROUBLE

    def missing() -> set[str]:
        return wanted - set(prometheus.ask("label/__name__/values"))

    with suppress(AssertionError):  # the last word is below, with names
        wait_until(lambda: not missing(), seconds=SECONDS)
    assert missing() == set()


def test_every_rule_can_be_evaluated(prometheus: Prometheus):
    def rules() -> list[Any]:
        groups = prometheus.ask("rules")["groups"]
        return [rule for group in groups if group["name"] != "todo-slo-slow" for rule in group["rules"]]

    wait_until(lambda: all(rule["health"] != "unknown" for rule in rules()), seconds=SECONDS)
    assert [(rule["name"], rule["lastError"]) for rule in rules() if rule["health"] != "ok"] == []


def test_what_is_recorded_has_values(prometheus: Prometheus):
    names = (
        "namespace:todo_outbox_oldest_unpublished_seconds:max",
        "namespace_consumer:todo_consumer_lag_events:max",
    )
    for name in names:
        assert wait_until(lambda name=name: prometheus.value(name), name, SECONDS)


def test_a_relay_that_is_gone_is_noticed_and_forgotten_when_it_is_back(stack: Stack, prometheus: Prometheus):
    alert = 'ALERTS{alertname="TodoRelayWithoutLeader"}'
    wait_until(lambda: not prometheus.value(alert), seconds=SECONDS)
    stack.stop("relay")
    try:
        wait_until(lambda: bool(prometheus.value(alert)), seconds=SECONDS)
    finally:
        stack.start("relay")
        stack.wait_ready("relay")
    wait_until(lambda: not prometheus.value(alert), seconds=SECONDS)
