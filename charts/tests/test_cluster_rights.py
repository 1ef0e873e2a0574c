"""What the chart's service accounts may do: what everybody may, and read one Secret where that is asked for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from charts import helm
from charts.generated import ROOT
from charts.tests.on_cluster import Release, release_of
from deploy.cluster.cluster import Cluster

pytestmark = pytest.mark.chart
# What an attacker in a pod would try first, as `kubectl auth can-i` takes it; to it `pods/exec` is a pod called exec.
WANTED = [
    "get secrets",
    "list secrets",
    "create pods",
    "create pods --subresource=exec",
    "patch deployments.apps",
    "get configmaps",
    "delete kafkas.kafka.strimzi.io",
    "create rolebindings.rbac.authorization.k8s.io",
    "impersonate users",
    "create serviceaccounts --subresource=token",
]


@pytest.fixture(scope="module", params=["", "true"], ids=["plain", "secret through Dapr"])
def release(cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[Release]:
    changed = {"secret__throughDapr": request.param} if request.param else {}
    with release_of(cluster, "values-doks.yaml", **changed) as made:
        made.install()
        yield made


def accounts(release: Release) -> list[str]:
    """Those that pods of the release run as."""
    pods = release.get("pods")
    return sorted({pod["spec"]["serviceAccountName"] for pod in pods})


def may(release: Release, account: str, verb: str, *what: str, namespace: str = "") -> bool:
    """Whether the API server lets an account do something, by default in the release's namespace."""
    who = f"--as=system:serviceaccount:{release.namespace}:{account}"
    groups = ["--as-group=system:serviceaccounts", "--as-group=system:authenticated"]
    where = f"--namespace={namespace or release.namespace}"
    answer = release.cluster.kubectl("auth", "can-i", verb, *what, who, *groups, where, check=False)
    assert answer.stdout.strip() in {"yes", "no"}, answer.stderr
    return answer.stdout.strip() == "yes"


def test_there_are_the_default_account_and_one_of_its_own(release: Release) -> None:
    assert accounts(release) == ["default", "todo-app"]


@pytest.mark.parametrize("wanted", WANTED)
def test_an_account_may_not(release: Release, wanted: str) -> None:
    verb, *what = wanted.split()
    assert [name for name in accounts(release) if may(release, name, verb, *what)] == []


def test_only_the_one_secret_may_be_read_and_only_where_that_is_asked_for(release: Release) -> None:
    through_dapr = "secret.throughDapr" in release.settings
    assert may(release, "todo-app", "get", "secret/todo") is through_dapr
    assert not may(release, "todo-app", "get", "secret/another")
    assert not may(release, "todo-app", "update", "secret/todo")
    assert not may(release, "default", "get", "secret/todo")


def test_an_account_has_no_rights_beyond_those_of_everybody(release: Release) -> None:
    of_everybody = _listed(release, "nobody-in-particular")
    more = ["secrets [] [todo] [get]"] if "secret.throughDapr" in release.settings else []
    for name in accounts(release):
        assert sorted(_listed(release, name) - of_everybody) == (more if name == "todo-app" else [])


def _listed(release: Release, account: str) -> set[str]:
    who = f"--as=system:serviceaccount:{release.namespace}:{account}"
    groups = ["--as-group=system:serviceaccounts", "--as-group=system:authenticated"]
    where = f"--namespace={release.namespace}"
    told = release.cluster.kubectl("auth", "can-i", "--list", "--no-headers", who, *groups, where).stdout
    return {" ".join(line.split()) for line in told.splitlines()}


def test_nothing_of_the_release_is_of_the_whole_cluster(release: Release) -> None:
    """No ClusterRole, no binding, nothing outside of its namespace."""
    scoped = release.cluster.kubectl("api-resources", "--namespaced=false", "--no-headers").stdout
    kinds = {line.split()[-1] for line in scoped.splitlines()}
    assert [one["kind"] for one in release.manifest() if one["kind"] in kinds] == []


def test_tokens_are_mounted_only_where_the_api_is_asked(release: Release) -> None:
    """Those for the Kubernetes API. Each sidecar has one besides, by which Dapr alone knows it."""
    through_dapr = "secret.throughDapr" in release.settings
    mounting = {
        pod["metadata"]["labels"]["app.kubernetes.io/component"]
        for pod in release.get("pods")
        if any(volume["name"].startswith("kube-api-access-") for volume in pod["spec"].get("volumes", []))
    }
    roles = {"web", "events", "relay", "scheduler", "worker"}
    assert mounting == (roles if through_dapr else set())


# --- Who deploys from the pipeline -------------------------------------------------------------------

DEPLOYER = ROOT / "deploy" / "platform" / "deployer.yaml"


def as_deployer(release: Release) -> tuple[str, ...]:
    group = f"system:serviceaccounts:{release.namespace}"
    who = f"system:serviceaccount:{release.namespace}:deployer"
    return f"--kube-as-user={who}", f"--kube-as-group={group}", "--kube-as-group=system:authenticated"


@pytest.mark.parametrize("values", helm.INSTALLATIONS)
def test_the_pipeline_can_do_all_that_the_chart_needs(cluster: Cluster, values: str) -> None:
    with release_of(cluster, values, secret__throughDapr="true") as release:
        cluster.kubectl("apply", f"--namespace={release.namespace}", f"--filename={DEPLOYER}")
        who = as_deployer(release)
        release.install(*who)
        release.upgrade(*who, image__tag="b2b2b2b")
        release.helm("rollback", "--wait", *who)
        release.helm("uninstall", "--wait", *who)


@pytest.fixture(scope="module")
def pipeline(cluster: Cluster) -> Iterator[Release]:
    """A namespace with the pipeline's account and nothing else."""
    with release_of(cluster, "values-doks.yaml") as release:
        cluster.kubectl("apply", f"--namespace={release.namespace}", f"--filename={DEPLOYER}")
        yield release


@pytest.mark.parametrize(
    "wanted",
    [
        "create pods",
        "create pods --subresource=exec",
        "create serviceaccounts --subresource=token",
        "create clusterrolebindings.rbac.authorization.k8s.io",
        "bind roles.rbac.authorization.k8s.io",
        "escalate roles.rbac.authorization.k8s.io",
        "delete namespaces",
        "delete persistentvolumes",
        "get nodes",
    ],
)
def test_the_pipeline_may_not(pipeline: Release, wanted: str) -> None:
    verb, *what = wanted.split()
    assert not may(pipeline, "deployer", verb, *what)


def test_the_pipeline_may_do_in_its_own_namespace_what_it_may_not_elsewhere(pipeline: Release) -> None:
    for wanted in ("get secrets", "create deployments.apps", "delete services"):
        verb, *what = wanted.split()
        assert may(pipeline, "deployer", verb, *what)
        assert not may(pipeline, "deployer", verb, *what, namespace="kube-system")
