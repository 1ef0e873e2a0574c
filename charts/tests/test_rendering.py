"""What the chart makes fits the application: settings, paths, roles, topics."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import yaml
from django.core.management import get_commands
from django.urls import Resolver404, resolve

from charts import generated, helm
from charts.generated import CHART, ROOT
from deploy.local import kafka
from deploy.local.ports import ROLES

pytestmark = [pytest.mark.chart, pytest.mark.usefixtures("_helm")]
Object = dict[str, Any]
WITH_FILES = {**helm.REQUIRED, "attachments.bucket": "todo-files", "attachments.region": "fra1"}
INSTALLATIONS = [*helm.INSTALLATIONS.items(), (None, helm.REQUIRED), (None, WITH_FILES)]


def name_of(value: object) -> str:
    """How a test is called that runs for several installations."""
    return value if isinstance(value, str) else ""


EACH = pytest.mark.parametrize(("values", "given"), INSTALLATIONS, ids=name_of)
# Django rightly complains about a laptop, which has no TLS.
WITH_TLS = [one for one in INSTALLATIONS if one[0] != "values-local.yaml"]
PARTITIONS = yaml.safe_load((CHART / "values.yaml").read_text())["kafka"]["topics"]["partitions"]
SECRETS = {
    "SECRET_KEY": "x7-" + "aB3$" * 16,
    "DATABASE_URL": "postgres://todo:password@localhost:5432/todo",
    "REDIS_URL": "redis://localhost:6379/0",
    "APP_API_TOKEN": "a" * 48,
    "DAPR_API_TOKEN": "d" * 48,
    "ATTACHMENTS_ACCESS_KEY": "k" * 20,
    "ATTACHMENTS_SECRET_KEY": "s" * 40,
}


@cache
def objects(values: str | None, *given: tuple[str, str]) -> list[Object]:
    return helm.objects(values, dict(given))


def rendered(values: str | None, given: dict[str, str]) -> list[Object]:
    return objects(values, *given.items())


def containers(found: list[Object]) -> Iterator[tuple[Object, Object]]:
    """Each of the application's containers with the object that it is in."""
    for one in found:
        spec = one.get("spec", {})
        spec = spec.get("jobTemplate", {}).get("spec", spec)
        for container in spec.get("template", {}).get("spec", {}).get("containers", []):
            if container.get("args") and "command" not in container and one["kind"] != "StatefulSet":
                yield one, container


@EACH
def test_every_variable_of_the_environment_is_a_setting(values: str | None, given: dict[str, str]):
    found = {
        entry["name"] for _, container in containers(rendered(values, given)) for entry in container["env"]
    }
    assert len(found) > 10
    assert found <= set(generated.settings())


@EACH
def test_no_variable_is_given_twice(values: str | None, given: dict[str, str]):
    for one, container in containers(rendered(values, given)):
        names = [entry["name"] for entry in container["env"]]
        assert len(names) == len(set(names)), one["metadata"]["name"]


@EACH
def test_each_role_runs_and_everything_else_is_a_command(values: str | None, given: dict[str, str]):
    found = list(containers(rendered(values, given)))
    roles = [container["args"][0] for one, container in found if one["kind"] == "Deployment"]
    commands = {container["args"][0] for one, container in found if one["kind"] != "Deployment"}
    assert sorted(roles) == sorted(ROLES)
    assert commands == {"migrate", "verify_events", "clearsessions"}
    assert commands <= set(get_commands())


@EACH
def test_probes_ask_paths_that_are_there(values: str | None, given: dict[str, str]):
    for _, container in containers(rendered(values, given)):
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            if probe in container:
                assert resolve(container[probe]["httpGet"]["path"])


def test_daprd_asks_a_path_that_is_there():
    annotations = [one["spec"]["template"]["metadata"]["annotations"] for one in deployments()]
    paths = {path for one in annotations if (path := one.get("dapr.io/app-health-check-path"))}
    assert paths
    for path in paths:
        assert resolve(path)
    with pytest.raises(Resolver404):
        resolve("/healthz")  # Dapr's own default


def deployments() -> list[Object]:
    return helm.of_kind(rendered(None, dict(helm.REQUIRED)), "Deployment")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("values", "given"), WITH_TLS, ids=name_of)
def test_django_finds_nothing_to_complain_about(values: str | None, given: dict[str, str], role: str):
    (container,) = [found for _, found in containers(rendered(values, given)) if found["args"] == [role]]
    result = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "ROLE": role, **environment(container)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr


def environment(container: Object) -> dict[str, str]:
    """What a container gets, with a Secret that holds what it must and nothing that it may."""
    return {
        entry["name"]: entry["value"]
        if "value" in entry
        else SECRETS[entry["valueFrom"]["secretKeyRef"]["key"]]
        for entry in container["env"]
        if not entry.get("valueFrom", {}).get("secretKeyRef", {}).get("optional")
    }


@pytest.mark.parametrize("partitions", [PARTITIONS, 2 * PARTITIONS])
@pytest.mark.parametrize("layout", ["by-aggregate", "by-type"])
def test_the_topics_are_the_applications(layout: str, partitions: int):
    """With the partitions that the values say, and one for dead letters, of which there are few."""
    changed = {} if partitions == PARTITIONS else {"kafka.topics.partitions": str(partitions)}
    found = rendered(None, {**helm.REQUIRED, "events.topicLayout": layout, **changed})
    topics = {
        one["spec"]["topicName"]: one["spec"]["partitions"] for one in helm.of_kind(found, "KafkaTopic")
    }
    wanted = kafka.topics(layout)  # by name: one machine has other numbers of partitions
    assert topics == {name: 1 if name.endswith("-dlq") else partitions for name in wanted}


@pytest.mark.parametrize("layout", ["by-aggregate", "by-type"])
def test_the_subscriptions_are_the_applications(layout: str):
    found = helm.of_kind(rendered(None, {**helm.REQUIRED, "events.topicLayout": layout}), "Subscription")
    source = (ROOT / "deploy" / "dapr" / kafka.SUBSCRIPTIONS[layout]).read_text()
    wanted = {one["metadata"]["name"]: one["spec"] for one in yaml.safe_load_all(source)}
    assert {one["metadata"]["name"]: one["spec"] for one in found} == wanted


def test_every_sidecar_may_read_the_variables_of_its_components():
    found = rendered(None, dict(helm.REQUIRED))
    for one in helm.of_kind(found, "Deployment"):
        annotations = one["spec"]["template"]["metadata"]["annotations"]
        known = variables(annotations.get("dapr.io/env", "")) + variables(
            annotations["dapr.io/env-from-secret"]
        )
        wanted = references(found, annotations["dapr.io/app-id"])
        assert [name for name in wanted if not is_readable(name, " ".join(known))] == []


def is_readable(name: str, known: str) -> bool:
    """As daprd decides it: it looks at the first place only where a name occurs, were it within another name.

    Source: isEnvVarAllowed in dapr's pkg/runtime/processor/secret/secret.go
    """
    begin = known.find(name)
    end = begin + len(name)
    return begin >= 0 and (begin == 0 or known[begin - 1] == " ") and (end == len(known) or known[end] == " ")


def test_a_variable_that_begins_like_another_would_be_noticed():
    assert is_readable("REDIS_HOST", "A REDIS_HOST B")
    assert not is_readable("REDIS", "REDIS_HOST REDIS")


def variables(text: str) -> list[str]:
    """The names in an annotation of Dapr's, whose values may contain commas."""
    return [part.split("=")[0] for part in text.split(",") if "=" in part]


def references(found: list[Object], app: str) -> set[str]:
    components = [one for one in helm.of_kind(found, "Component") if app in one.get("scopes", [app])]
    return {entry["envRef"] for one in components for entry in one["spec"]["metadata"] if "envRef" in entry}


@EACH
def test_every_pod_fits_the_level_restricted(values: str | None, given: dict[str, str]):
    """What the level asks; a test on a real API server proves it."""
    for one in rendered(values, given):
        spec = one.get("spec", {})
        pod = spec.get("jobTemplate", {}).get("spec", spec).get("template", {}).get("spec", {})
        for container in pod.get("containers", []):
            assert pod["securityContext"]["runAsNonRoot"] is True
            assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
            assert container["securityContext"]["allowPrivilegeEscalation"] is False
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
            assert container["resources"].keys() == {"requests", "limits"}


@EACH
def test_no_image_is_called_latest(values: str | None, given: dict[str, str]):
    text = helm.rendered(values, given)
    images = [line.split("image:")[1].strip() for line in text.splitlines() if " image:" in line]
    assert images
    assert [
        image for image in images if ":" not in image.rpartition("/")[2] or image.endswith(":latest")
    ] == []


NEXT = {"web.rollout.next.enabled": "true", "web.rollout.next.replicas": "2"}
BEFORE = {**NEXT, "image.tag": "old", "web.rollout.next.tag": "new"}
AFTER = {**NEXT, "image.tag": "new", "web.rollout.next.tag": "old", "web.rollout.live": "green"}


@pytest.mark.parametrize("colour", ["todo-app-web", "todo-app-web-green"])
def test_switching_colours_restarts_no_pod_of_web(colour: str):
    before, after = (
        pod(rendered(None, {**helm.REQUIRED, **settings}), colour) for settings in (BEFORE, AFTER)
    )
    assert before == after


def test_a_new_image_starts_new_pods():
    before, after = (
        pod(rendered(None, {**helm.REQUIRED, "image.tag": tag}), "todo-app-relay") for tag in ("old", "new")
    )
    assert before != after


def pod(found: list[Object], name: str) -> Object:
    (deployment,) = [one for one in helm.of_kind(found, "Deployment") if one["metadata"]["name"] == name]
    return deployment["spec"]["template"]
