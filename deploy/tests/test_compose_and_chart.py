"""The compose file and the chart describe the same installation."""

from __future__ import annotations

import os
from typing import Any

import pytest
import yaml

from charts import helm
from deploy.local.ports import ROLES
from deploy.local.service import ROOT
from deploy.local.stack import DAPRD_GOGC

pytestmark = pytest.mark.chart
VALUES = "values-local.yaml"
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())[
    "services"
]
# What the chart leaves to its value `settings`, and the compose file to a line in compose.env.
CHOICES = {"DEFAULT_FROM_EMAIL", "FIRST_ACCOUNT_IS_STAFF", "LOG_LEVEL", "SIGNUP_OPEN", "TIME_ZONE"}
# Files are in a volume here, and there in a bucket or nowhere.
OF_ONE_MACHINE = {"ATTACHMENTS_FOLDER"}
# What only pods of Kubernetes have.
OF_THE_CLUSTER = {"SECRET_STORE", "SECRET_NAME"}


@pytest.fixture(scope="module")
def pods() -> dict[str, dict[str, Any]]:
    """Each role's pod, as the chart makes it for one machine."""
    if not helm.tool("helm").exists():
        if os.environ.get("CI") == "true":
            pytest.fail("helm is not built: run `make helm`")
        pytest.skip("helm is not built: run `make helm`")
    found = helm.of_kind(helm.objects(VALUES, helm.INSTALLATIONS[VALUES]), "Deployment")
    templates = [one["spec"]["template"] for one in found]
    by_role = {(template["spec"]["containers"][0].get("args") or [""])[0]: template for template in templates}
    assert set(ROLES) <= set(by_role)
    return by_role


def container(pod: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = pod["spec"]["containers"][0]
    return found


@pytest.mark.parametrize("role", ROLES)
def test_a_role_has_the_same_settings(pods: dict[str, dict[str, Any]], role: str):
    there = {one["name"]: one.get("value") for one in container(pods[role])["env"]}
    here = SERVICES[role]["environment"]
    assert set(there) - set(here) <= OF_THE_CLUSTER
    assert set(here) - set(there) <= CHOICES | OF_ONE_MACHINE
    for name in ("EVENT_TRANSPORT", "ROLE_HOST", "ROLE_PORT", "METRICS_PORT", "LOG_FORMAT"):
        assert here[name] == there[name]


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_the_same_command_on_the_same_ports(pods: dict[str, dict[str, Any]], role: str):
    assert container(pods[role])["args"] == SERVICES[role]["command"]
    ports = {str(port["containerPort"]) for port in container(pods[role])["ports"]}
    environment = SERVICES[role]["environment"]
    assert ports == {environment["ROLE_PORT"], environment["METRICS_PORT"]}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_do_as_little(pods: dict[str, dict[str, Any]], role: str):
    security = container(pods[role])["securityContext"]
    assert security["readOnlyRootFilesystem"] == SERVICES[role]["read_only"]
    assert security["capabilities"]["drop"] == SERVICES[role]["cap_drop"]
    assert [mount["mountPath"] for mount in container(pods[role])["volumeMounts"]] == SERVICES[role]["tmpfs"]


@pytest.mark.parametrize("role", ROLES)
def test_a_sidecar_is_told_the_same(pods: dict[str, dict[str, Any]], role: str):
    there = pods[role]["metadata"]["annotations"]
    sidecar = SERVICES[f"daprd-{role}"]
    words = [
        word.removeprefix("--").split("=", 1) for word in (*sidecar["entrypoint"][1:], *sidecar["command"])
    ]
    here = dict(words)
    for name in ("app-id", "app-port", "app-protocol", "max-body-size"):
        assert there[f"dapr.io/{name}"] == here[name]


@pytest.mark.parametrize("role", ROLES)
def test_a_sidecar_collects_garbage_as_on_one_machine_and_stays_below_its_limit(
    pods: dict[str, dict[str, Any]], role: str
):
    there = pods[role]["metadata"]["annotations"]
    of_the_chart = dict(part.split("=") for part in there["dapr.io/env"].split(",")[:2])
    here = SERVICES[f"daprd-{role}"]
    assert of_the_chart["GOGC"] == here["environment"]["GOGC"] == DAPRD_GOGC
    assert _bytes(of_the_chart["GOMEMLIMIT"]) < _bytes(there["dapr.io/sidecar-memory-limit"] + "B")
    assert _bytes(here["environment"]["GOMEMLIMIT"]) < _bytes(here["mem_limit"].replace("m", "MiB"))


def _bytes(size: str) -> int:
    """How much ``"200MiB"`` is."""
    return int(size[:-3]) * {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}[size[-3:]]
