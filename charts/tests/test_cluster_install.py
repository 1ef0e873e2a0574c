"""Each values file installed on a real API server, in a namespace that enforces Pod Security's level restricted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from charts import helm
from charts.generated import ROOT
from charts.tests.on_cluster import Release, release_of
from deploy.cluster.cluster import Cluster
from deploy.cluster.machines import DAPR_DEFAULTS
from deploy.local import stack

pytestmark = pytest.mark.chart
ROLES = {"web", "events", "relay", "scheduler", "worker"}
# Made by the API server itself in every namespace.
OWN = {"default", "kube-root-ca.crt"}


@pytest.fixture(scope="module", params=[*helm.INSTALLATIONS, None], ids=lambda name: name or "defaults")
def release(cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[Release]:
    """Installed, and waited for."""
    with release_of(cluster, request.param) as made:
        made.install()
        yield made


def component(one: dict[str, Any]) -> str:
    return str(one["metadata"].get("labels", {}).get("app.kubernetes.io/component", ""))


def fits(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    """Whether a label selector chooses these. Source: LabelSelector of the API's reference."""
    wanted = selector.get("matchLabels", {})
    among = {each["key"]: each for each in selector.get("matchExpressions", [])}
    assert {each["operator"] for each in among.values()} <= {"In"}
    return all(labels.get(name) == value for name, value in wanted.items()) and all(
        labels.get(key) in each["values"] for key, each in among.items()
    )


def test_every_role_is_there_and_ready(release: Release) -> None:
    deployments = release.get("deployments")
    assert {component(one) for one in deployments} >= ROLES
    assert [
        one["metadata"]["name"] for one in deployments if not one["status"].get("availableReplicas")
    ] == []
    assert release.revisions() == [(1, "deployed")]


def test_the_migrations_have_ended_before_anything_else_was_made(release: Release) -> None:
    """With the built-in database they run beside it: there is none before."""
    builtin = release.values == "values-local.yaml"
    name = "-migrate-1" if builtin else "-migrate"
    if builtin:
        release.cluster.kubectl(
            "wait",
            f"job/{release.name}{name}",
            f"--namespace={release.namespace}",
            "--for=condition=complete",
        )
    job = release.named("jobs", name)
    assert job["status"]["succeeded"] == 1
    if builtin:
        return
    made = [
        one["metadata"]["creationTimestamp"] for one in release.get("deployments,services,networkpolicies")
    ]
    assert min(made) >= job["status"]["completionTime"]


def test_the_namespace_refuses_what_is_not_restricted_and_has_warned_of_nothing(release: Release) -> None:
    """The same objects again, checked strictly: no unknown field, nothing twice, no warning of the API server."""
    answer = _asked(release, release.manifest())
    assert answer.returncode == 0, answer.stderr
    assert "Warning" not in answer.stderr
    assert len(answer.stdout.splitlines()) == len(release.manifest())


def _asked(release: Release, objects: list[dict[str, Any]]) -> Any:
    how = ("--server-side", "--force-conflicts", "--dry-run=server", "--validate=strict", "--filename=-")
    where = f"--namespace={release.namespace}"
    return release.cluster.kubectl("apply", where, *how, given=yaml.safe_dump_all(objects), check=False)


def test_pods_of_a_role_are_on_different_machines(release: Release) -> None:
    for role in ROLES:
        machines = [pod["spec"]["nodeName"] for pod in release.pods(role)]
        assert len(set(machines)) == min(len(machines), 3), role


def test_each_role_has_its_sidecar_as_dapr_itself_adds_it_and_nothing_else_has(release: Release) -> None:
    for pod in release.get("pods"):
        sidecars = [one for one in pod["spec"].get("initContainers", []) if one["name"] == "daprd"]
        role = component(pod)
        assert len(sidecars) == (role in ROLES), role
        for sidecar in sidecars:
            told = sidecar["args"]
            assert told[told.index("--app-id") + 1] == role
            assert sidecar["restartPolicy"] == "Always"  # native: before the role, and until after it
            known = {entry["name"]: entry.get("value") for entry in sidecar["env"]}
            assert (known["GOGC"], known["GOMEMLIMIT"]) == (stack.DAPRD_GOGC, "209715KiB")  # of 256Mi


def test_monitors_read_ports_that_pods_have(release: Release) -> None:
    """The sidecar's port, too, whose name is Dapr's."""
    for monitor in release.get("podmonitors.monitoring.coreos.com"):
        selector = monitor["spec"]["selector"]
        if "strimzi.io" in json.dumps(selector):  # its operator makes those pods
            continue
        for pod in (one for one in release.get("pods") if fits(selector, one["metadata"]["labels"])):
            containers = [*pod["spec"]["containers"], *pod["spec"].get("initContainers", [])]
            ports = {port.get("name") for each in containers for port in each.get("ports", [])}
            assert {end["port"] for end in monitor["spec"]["podMetricsEndpoints"]} <= ports


def test_every_service_leads_somewhere(release: Release) -> None:
    names = [one["metadata"]["name"] for one in release.get("services")]
    assert names
    assert [name for name in names if not release.addresses(name)] == []


def test_claims_have_their_volumes(release: Release) -> None:
    claims = release.get("persistentvolumeclaims")
    assert [one["metadata"]["name"] for one in claims if one["status"]["phase"] != "Bound"] == []


def test_a_machine_can_be_emptied(release: Release) -> None:
    budgets = release.get("poddisruptionbudgets")
    assert {component(one) for one in budgets} >= ROLES
    assert [one["metadata"]["name"] for one in budgets if one["status"]["disruptionsAllowed"] != 1] == []


def test_autoscalers_find_what_they_scale(release: Release) -> None:
    if release.values == "values-local.yaml":
        assert release.get("horizontalpodautoscalers") == []
        return
    kind = "scaledobjects" if release.values == "values-doks-managed.yaml" else "horizontalpodautoscalers"
    targets = [one["spec"]["scaleTargetRef"]["name"] for one in release.get(kind)]
    assert {name.rpartition("-")[2] for name in targets} == {"web", "events", "worker"}
    assert set(targets) <= {one["metadata"]["name"] for one in release.get("deployments")}


def test_network_policies_and_monitors_choose_pods_that_exist(release: Release) -> None:
    pods = [pod["metadata"]["labels"] for pod in release.get("pods")]
    # A CronJob's pods come at night.
    nightly = [one["spec"]["jobTemplate"]["spec"]["template"] for one in release.get("cronjobs")]
    pods += [template["metadata"]["labels"] for template in nightly]
    policies = release.get("networkpolicies")
    chosen = [(one["metadata"]["name"], one["spec"]["podSelector"]) for one in policies]
    monitors = [
        one
        for one in release.get("podmonitors.monitoring.coreos.com")
        if "kafka" not in one["metadata"]["name"]
    ]
    chosen += [(one["metadata"]["name"], one["spec"]["selector"]) for one in monitors]
    strimzi = [
        name for name, selector in chosen if "strimzi.io" in json.dumps(selector)
    ]  # its operator makes those
    assert [
        name
        for name, selector in chosen
        if name not in strimzi and not any(fits(selector, one) for one in pods)
    ] == []


def test_no_pod_is_left_open_by_the_network_policies(release: Release) -> None:
    selectors = [one["spec"]["podSelector"] for one in release.get("networkpolicies")]
    pods = release.get("pods")
    assert [
        p["metadata"]["name"] for p in pods if not any(fits(s, p["metadata"]["labels"]) for s in selectors)
    ] == []


def test_an_unknown_field_would_be_noticed(release: Release) -> None:
    job = next(one for one in release.manifest() if one["kind"] == "Job")
    job["spec"]["backofLimit"] = 1
    answer = _asked(release, [job])
    assert answer.returncode != 0
    assert "backofLimit" in answer.stderr


def test_the_sidecars_of_a_dapr_with_its_defaults_would_be_refused(cluster: Cluster) -> None:
    """So the platform must be installed with sidecarDropALLCapabilities, and here it counts."""
    with release_of(cluster, "values-doks.yaml") as release:
        release.install()
        template = release.named("deployments", "-relay")["spec"]["template"]
        assert _tried(release, template).returncode == 0
        [(label, value)] = DAPR_DEFAULTS.items()
        release.cluster.kubectl("label", "namespace", release.namespace, f"{label}={value}")
        answer = _tried(release, template)
    assert answer.returncode != 0
    assert 'container "daprd" must set securityContext.capabilities.drop=["ALL"]' in answer.stderr


def test_the_nightly_backup_is_accepted_as_well(release: Release) -> None:
    objects = list(yaml.safe_load_all((ROOT / "deploy" / "backup" / "cronjob.yaml").read_text()))
    answer = _asked(release, objects)
    assert answer.returncode == 0, answer.stderr
    assert "Warning" not in answer.stderr


@pytest.mark.parametrize(
    ("where", "change"),
    [
        ("pod", {"hostNetwork": True}),
        ("pod", {"securityContext": {"runAsNonRoot": False}}),
        ("container", {"allowPrivilegeEscalation": True}),
        ("container", {"capabilities": {"drop": ["ALL"], "add": ["NET_ADMIN"]}}),
        ("container", {"seccompProfile": {"type": "Unconfined"}}),
    ],
    ids=["host network", "root", "privileges", "capability", "seccomp"],
)
def test_a_pod_that_asks_for_more_is_refused(release: Release, where: str, change: dict[str, Any]) -> None:
    """So it means something that the chart's pods are not."""
    template = release.named("deployments", "-relay")["spec"]["template"]
    spec = template["spec"]
    if where == "pod":
        spec.update(change)
    else:
        spec["containers"][0]["securityContext"].update(change)
    answer = _tried(release, template)
    assert answer.returncode != 0
    assert 'violates PodSecurity "restricted:latest"' in answer.stderr


def _tried(release: Release, template: dict[str, Any]) -> Any:
    """What the API server says to a pod of a template."""
    about = {**template["metadata"], "name": "tried"}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": about, "spec": template["spec"]}
    where = f"--namespace={release.namespace}"
    return release.cluster.kubectl(
        "create", where, "--dry-run=server", "--filename=-", given=json.dumps(pod), check=False
    )
