"""Upgrades, failed upgrades, rollbacks, two versions of web, and what stays when the chart is taken away."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from charts import helm
from charts.generated import CHART, ROOT
from charts.tests.on_cluster import Release, release_of
from deploy.cluster.cluster import Cluster
from tests.upgrades import previous

pytestmark = pytest.mark.chart
OLD, NEW, BROKEN = "a1a1a1a", "b2b2b2b", "broken"  # kwok never makes a pod of `broken` ready
SHORT = ("--timeout", "15s")
SCALED_SECONDS = 90


@pytest.fixture
def release(cluster: Cluster) -> Iterator[Release]:
    with release_of(cluster, "values-doks.yaml", image__tag=OLD) as made:
        yield made


def previous_chart(folder: Path) -> Path:
    """The chart of the release before; the present one where there is no release yet."""
    if (revision := previous.named()) == previous.NONE:
        return CHART
    command = ["git", "archive", revision, "charts/todo-app"]
    packed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    subprocess.run(["tar", "-x", "-C", folder], input=packed.stdout, check=True)
    return folder / "charts" / "todo-app"


@pytest.mark.parametrize("values", helm.INSTALLATIONS)
def test_an_upgrade_from_the_release_before_and_back(cluster: Cluster, values: str, tmp_path: Path) -> None:
    with release_of(cluster, values, image__tag=OLD) as release:
        release.install(chart=previous_chart(tmp_path))
        before = release.images()
        release.upgrade(image__tag=NEW)
        assert {image.rpartition(":")[2] for image in release.images().values()} == {NEW}
        release.rollback()
        assert release.images() == before
        assert release.revisions() == [(1, "superseded"), (2, "superseded"), (3, "deployed")]


def test_nothing_is_started_anew_by_an_upgrade_that_changes_nothing(release: Release) -> None:
    release.install()
    pods, templates = _names(release, "pods"), _names(release, "replicasets")
    release.upgrade()
    assert pods - _names(release, "pods") == set()  # the autoscaler may have added some
    assert _names(release, "replicasets") == templates


def _names(release: Release, kind: str) -> set[str]:
    """Those of what stays: not of the migrations."""
    found = release.get(kind, "--selector=app.kubernetes.io/component!=migrate")
    return {one["metadata"]["name"] for one in found}


class Watch:
    """The fewest pods that a Service led to while it was watched."""

    def __init__(self, release: Release, service: str) -> None:
        self.fewest = len(release.addresses(service))
        self._release, self._service = release, service
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        while not self._stop.is_set():
            self.fewest = min(self.fewest, len(self._release.addresses(self._service)))
            time.sleep(0.05)

    @contextmanager
    def on(self) -> Iterator[None]:
        self._thread.start()
        try:
            yield
        finally:
            self._stop.set()
            self._thread.join()


def wait_for_pods_of_web(release: Release, count: int) -> None:
    """At an installation there is one. The autoscaler adds the others when it looks, every fifteen seconds."""
    deadline = time.monotonic() + SCALED_SECONDS
    while len(release.addresses("todo-app-web")) < count:
        assert time.monotonic() < deadline, "the autoscaler has added no pod"
        time.sleep(0.5)


def test_people_reach_as_many_pods_as_ever_during_an_upgrade(release: Release) -> None:
    release.install()
    wait_for_pods_of_web(release, 2)
    watch = Watch(release, "todo-app-web")
    with watch.on():
        release.upgrade(image__tag=NEW)
    assert watch.fewest == 2
    assert {image.rpartition(":")[2] for image in release.images().values()} == {NEW}


def test_when_the_migrations_fail_nothing_else_is_touched(release: Release) -> None:
    release.install()
    before = release.get("deployments")
    result = release.upgrade(
        "--rollback-on-failure", *SHORT, image__tag=BROKEN, migrations__retries="0", check=False
    )
    assert result.returncode != 0
    assert [one["metadata"]["generation"] for one in release.get("deployments")] == [
        one["metadata"]["generation"] for one in before
    ]
    assert {image.rpartition(":")[2] for image in release.images().values()} == {OLD}


def test_a_version_that_never_becomes_ready_is_taken_back_and_nobody_notices(release: Release) -> None:
    release.install()
    wait_for_pods_of_web(release, 2)
    watch = Watch(release, "todo-app-web")
    with watch.on():
        result = release.upgrade(
            "--rollback-on-failure", *SHORT, image__tag=BROKEN, migrations__enabled="false", check=False
        )
    assert result.returncode != 0
    assert watch.fewest == 2
    assert {image.rpartition(":")[2] for image in release.images().values()} == {OLD}
    assert release.revisions()[-1] == (3, "deployed")


def test_some_of_the_requests_go_to_a_second_version(release: Release) -> None:
    release.install()
    release.upgrade(
        web__rollout__next__enabled="true", web__rollout__next__tag=NEW, web__rollout__next__weight="20"
    )
    assert _tags(release, "todo-app-web") == {OLD}
    assert _tags(release, "todo-app-web-next") == {NEW}
    rules = release.named("httproutes.gateway.networking.k8s.io")["spec"]["rules"]
    shares = {each["name"]: each["weight"] for rule in rules for each in rule["backendRefs"]}
    assert shares == {"todo-app-web": 80, "todo-app-web-next": 20}


def test_the_second_version_takes_over_without_a_moment_in_between(release: Release) -> None:
    release.install()
    release.upgrade(
        web__rollout__next__enabled="true", web__rollout__next__tag=NEW, web__rollout__next__replicas="2"
    )
    watch = Watch(release, "todo-app-web")
    with watch.on():
        release.upgrade(
            image__tag=NEW,
            web__rollout__live="green",
            web__rollout__next__enabled="false",
            web__rollout__next__tag="",
        )
    assert watch.fewest >= 1
    assert _tags(release, "todo-app-web") == {NEW}


def _tags(release: Release, service: str) -> set[str]:
    """The image tags of the pods that a Service leads to."""
    reached = release.addresses(service)
    pods = [pod for pod in release.pods("web") if pod["metadata"]["name"] in reached]
    return {pod["spec"]["containers"][0]["image"].rpartition(":")[2] for pod in pods}


KAFKA = "kafkas.kafka.strimzi.io,kafkanodepools.kafka.strimzi.io,kafkatopics.kafka.strimzi.io"


def test_kafka_and_what_is_on_disks_stays_when_the_release_is_taken_away(release: Release) -> None:
    release.install()
    kept = {one["metadata"]["uid"] for one in release.get(f"{KAFKA},persistentvolumeclaims")}
    assert len(kept) > 6
    release.uninstall()
    assert {one["metadata"]["uid"] for one in release.get(f"{KAFKA},persistentvolumeclaims")} == kept
    assert release.get("deployments,statefulsets,services,networkpolicies,cronjobs") == []
    release.install()
    assert {one["metadata"]["uid"] for one in release.get(f"{KAFKA},persistentvolumeclaims")} == kept


def test_a_second_release_in_the_namespace_is_refused_and_the_first_stays_as_it_is(release: Release) -> None:
    """Dapr's app ids and components have fixed names, by which the application calls them: one release a namespace."""
    release.install()
    before = {one["metadata"]["uid"] for one in release.get("deployments,services,components.dapr.io")}
    other = Release(release.cluster, release.namespace, release.values, release.settings, name="second")
    answer = other.install(check=False)
    assert answer.returncode != 0
    assert "cannot be imported into the current release" in answer.stderr
    after = {one["metadata"]["uid"] for one in release.get("deployments,services,components.dapr.io")}
    assert after == before
