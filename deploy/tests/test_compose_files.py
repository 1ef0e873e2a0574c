"""The compose files without Docker: held against the settings, the image, the stack on one machine and the chart."""

from __future__ import annotations

import os
import re
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.local import installed, kafka, sidecars
from deploy.local.ports import ROLES, Ports
from deploy.local.service import ROOT

DEPLOY = ROOT / "deploy"
SETTINGS = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "todo_project/settings.py").read_text()))
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
OBSERVABILITY: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.observability.yaml").read_text())
TRACED = {f"daprd-{role}" for role in ROLES}
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OBSERVERS = {name: one for name, one in OBSERVABILITY["services"].items() if name not in TRACED}
ALL = SERVICES | OBSERVERS
JOBS = {"topics", "migrate"}
PODS = {f"pod-{role}" for role in ROLES}
# Its image has nothing that could ask: the healthcheck of the role beside it does.
ASKED_BY_THE_ROLE = TRACED


def dockerfile(name: str) -> str:
    """What the image sets a variable to."""
    found = re.search(rf"\b{name}=(\S+)", (DEPLOY / "Dockerfile").read_text())
    assert found is not None, name
    return found[1]


def flags(words: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for word in words:
        name, _, value = word.removeprefix("--").partition("=")
        found.setdefault(name, []).append(value)
    return found


# --- Roles ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_each_role_runs_as_what_it_is_beside_its_sidecar(role: str):
    application, sidecar = SERVICES[role], SERVICES[f"daprd-{role}"]
    assert application["command"] == [role]
    assert sidecar["command"] == [f"--app-id={role}"]
    assert application["network_mode"] == sidecar["network_mode"] == f"service:pod-{role}"
    assert SERVICES[f"pod-{role}"]["networks"]["inside"]["aliases"] == [role]


@pytest.mark.parametrize("name", [*ROLES, "migrate"])
def test_every_variable_of_the_application_is_a_setting(name: str):
    assert set(SERVICES[name]["environment"]) - SETTINGS == set()


def test_the_ports_are_those_of_the_image():
    environment = SERVICES["web"]["environment"]
    for name in ("ROLE_HOST", "ROLE_PORT", "METRICS_PORT"):
        assert environment[name] == dockerfile(name)
    assert SERVICES["pod-web"]["ports"] == [
        f"${{BIND:-127.0.0.1}}:${{WEB_PORT:-8000}}:{dockerfile('ROLE_PORT')}"
    ]


@pytest.mark.parametrize("name", [*ROLES, *sorted(PODS), "migrate"])
def test_all_of_the_application_is_one_image(name: str):
    assert SERVICES[name]["image"] == "${TODO_IMAGE:-todo-app:local}"


@pytest.mark.parametrize("role", ROLES)
def test_a_role_ends_after_what_is_under_way(role: str):
    """What gunicorn and the commands take at most, and a margin."""
    assert int(SERVICES[role]["stop_grace_period"].removesuffix("s")) >= 30


# --- Sidecars ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_a_sidecar_runs_as_on_one_machine(tmp_path: Path, role: str):
    here = flags(SERVICES[f"daprd-{role}"]["entrypoint"][1:] + SERVICES[f"daprd-{role}"]["command"])
    command = sidecars.service(tmp_path, role, Ports.fixed().roles[role], dict).command
    there = flags(command[1:])
    # On one machine they may listen to that machine only.
    assert set(here) == set(there) - {"dapr-internal-grpc-listen-address", "metrics-listen-address"}
    for name in ("app-id", "app-protocol", "dapr-graceful-shutdown-seconds", "max-body-size"):
        assert here[name] == there[name]
    assert here["app-port"] == [dockerfile("ROLE_PORT")]
    assert here["dapr-listen-addresses"] == ["127.0.0.1"]


@pytest.mark.parametrize("name", sorted(TRACED))
def test_a_sidecar_has_the_resources_of_every_installation(name: str):
    mounted = dict(volume.split(":")[:2] for volume in SERVICES[name]["volumes"])
    resources = {source for source, target in mounted.items() if target.startswith("/dapr/resources/")}
    assert resources == {
        f"./dapr/{name}.yaml" for name in ("pubsub", "state", "configuration-store", "resiliency")
    }
    assert all((DEPLOY / source).is_file() for source in mounted)
    configurations = flags(SERVICES[name]["entrypoint"])["config"]
    assert configurations == [mounted["./dapr/configuration.yaml"], mounted["./compose/daprd.yaml"]]


def test_a_sidecar_has_every_variable_that_its_files_ask_for():
    environment = set(SERVICES["daprd-web"]["environment"])
    for name in ("pubsub", "state"):
        asked = re.findall(r"envRef: (\w+)", (DEPLOY / "dapr" / f"{name}.yaml").read_text())
        assert asked
        assert set(asked) <= environment
    own = (DEPLOY / "compose" / "daprd.yaml").read_text()
    assert set(re.findall(r"\$\{(\w+)\}", own)) == {"TRACE_SHARE", "TRACE_COLLECTOR"} <= environment


def test_the_sidecars_find_one_another_by_the_name_of_their_network():
    own = yaml.safe_load((DEPLOY / "compose" / "daprd.yaml").read_text())
    port = flags(SERVICES["daprd-web"]["entrypoint"])["dapr-internal-grpc-port"][0]
    assert own["spec"]["nameResolution"]["configuration"]["format"] == f"{{appid}}:{port}"


# --- Topics --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", kafka.SUBSCRIPTIONS)
def test_the_topics_are_those_of_the_application(tmp_path: Path, layout: str):
    """As many partitions as in the cluster; for dead letters, of which there are few, one."""
    values = yaml.safe_load((ROOT / "charts" / "todo-app" / "values.yaml").read_text())
    partitions = values["kafka"]["topics"]["partitions"]
    expected = {name: 1 if name.endswith("-dlq") else partitions for name in kafka.topics(layout)}
    assert topics_made(tmp_path, layout) == expected


def topics_made(tmp_path: Path, layout: str) -> dict[str, int]:
    """What the script asks Kafka for."""
    calls = tmp_path / "calls"
    stand_in = tmp_path / "kafka-topics.sh"
    stand_in.write_text(f'#!/bin/sh\necho "$@" >> {calls}\n')
    stand_in.chmod(0o755)
    own = {
        "KAFKA_TOPICS": str(stand_in),
        "SUBSCRIPTIONS": str(DEPLOY / "dapr"),
        "KAFKA_BROKERS": "kafka:9092",
    }
    environment = {"PATH": os.environ["PATH"], "EVENT_TOPIC_LAYOUT": layout, **own}
    subprocess.run(["sh", DEPLOY / "compose" / "topics.sh"], env=environment, check=True)
    found = re.findall(
        r"--bootstrap-server kafka:9092 --create --if-not-exists --topic (\S+) --partitions (\d+)",
        calls.read_text(),
    )
    return {topic: int(partitions) for topic, partitions in found}


def test_a_topic_that_cannot_be_made_ends_the_job(tmp_path: Path):
    environment = {
        "PATH": os.environ["PATH"],
        "KAFKA_TOPICS": "false",
        "SUBSCRIPTIONS": str(DEPLOY / "dapr"),
        "KAFKA_BROKERS": "kafka:9092",
    }
    script = ["sh", DEPLOY / "compose" / "topics.sh"]
    assert subprocess.run(script, env=environment, check=False).returncode != 0
    unknown = {**environment, "KAFKA_TOPICS": "true", "EVENT_TOPIC_LAYOUT": "by-colour"}
    assert subprocess.run(script, env=unknown, check=False, stderr=subprocess.DEVNULL).returncode != 0


# --- Keys ----------------------------------------------------------------------------------------------


def make_keys(file: Path) -> dict[str, str]:
    subprocess.run([DEPLOY / "compose" / "keys", file], check=True, stdout=subprocess.DEVNULL)
    return dict(line.split("=", 1) for line in file.read_text().splitlines())


def test_keys_are_made_once_and_are_nobody_elses(tmp_path: Path):
    first = make_keys(tmp_path / "one.env")
    assert min(len(value) for value in first.values()) >= 48
    assert len(set(first.values())) == len(first)
    assert stat.S_IMODE((tmp_path / "one.env").stat().st_mode) == 0o600
    assert make_keys(tmp_path / "one.env") == first
    assert not set(first.values()) & set(make_keys(tmp_path / "two.env").values())


def test_a_key_that_is_there_stays_and_one_that_is_missing_is_added(tmp_path: Path):
    file = tmp_path / "compose.env"
    file.write_text("SECRET_KEY=mine\nWEB_PORT=9000\n")
    found = make_keys(file)
    assert (found["SECRET_KEY"], found["WEB_PORT"]) == ("mine", "9000")
    assert found["POSTGRES_PASSWORD"]


def test_every_key_that_is_asked_for_is_made(tmp_path: Path):
    texts = [(DEPLOY / name).read_text() for name in ("compose.yaml", "compose.observability.yaml")]
    asked = set(re.findall(r"\$\{(\w+):\?", "".join(texts)))
    assert asked == set(make_keys(tmp_path / "compose.env"))


def test_the_keys_are_never_committed():
    assert (
        subprocess.run(["git", "check-ignore", "-q", "deploy/compose.env"], cwd=ROOT, check=False).returncode
        == 0
    )


# --- What holds for every service ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
def test_its_image_has_a_version(name: str):
    image = ALL[name]["image"]
    assert re.fullmatch(r"[\w./-]+:v?\d+\.\d+[\w.-]*|\$\{TODO_IMAGE:-todo-app:local\}", image), image


@pytest.mark.parametrize("name", ALL)
def test_it_starts_again_unless_it_is_a_job(name: str):
    assert ALL[name]["restart"] == ("no" if name in JOBS else "unless-stopped")


@pytest.mark.parametrize("name", sorted(set(ALL) - JOBS - PODS - ASKED_BY_THE_ROLE))
def test_it_has_a_healthcheck(name: str):
    check = ALL[name]["healthcheck"]
    assert check["test"][0] in {"CMD", "CMD-SHELL"}
    assert {"interval", "timeout", "retries", "start_period"} <= set(check)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_healthy_only_together_with_its_sidecar(role: str):
    assert SERVICES[role]["healthcheck"]["test"] == ["CMD", "python", "deploy/health.py", "ready", "daprd"]


@pytest.mark.parametrize("name", ALL)
def test_its_logs_do_not_fill_the_disk(name: str):
    assert ALL[name]["logging"]["options"]["max-size"]


@pytest.mark.parametrize("name", [*ROLES, *sorted(PODS), *sorted(TRACED), "migrate", "mailpit"])
def test_it_has_no_rights_and_writes_nothing_into_its_container(name: str):
    assert ALL[name]["read_only"]
    assert ALL[name]["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in ALL[name]["security_opt"]


@pytest.mark.parametrize("name", ALL)
def test_who_it_waits_for_is_asked_for_the_right_thing(name: str):
    for other, how in ALL[name].get("depends_on", {}).items():
        expected = "service_completed_successfully" if other in JOBS else "service_healthy"
        assert how["condition"] == expected


def test_nothing_starts_before_what_it_needs():
    assert set(SERVICES["migrate"]["depends_on"]) == {"postgres"}
    assert set(SERVICES["topics"]["depends_on"]) == {"kafka"}
    for role in ROLES:
        assert {"migrate", "valkey"} == set(SERVICES[role]["depends_on"])
        assert {"topics", "valkey"} == set(SERVICES[f"daprd-{role}"]["depends_on"])


@pytest.mark.parametrize("name", ["postgres", "valkey", "kafka"])
def test_data_is_in_a_named_volume_and_out_of_reach_of_the_world(name: str):
    assert SERVICES[name]["volumes"][0].partition(":")[0] in COMPOSE["volumes"]
    assert SERVICES[name]["networks"] == ["inside"]
    assert "ports" not in SERVICES[name]
    assert COMPOSE["networks"]["inside"]["internal"]


@pytest.mark.parametrize("name", ALL)
def test_only_this_machine_reaches_it_unless_somebody_says_otherwise(name: str):
    assert [
        port for port in ALL[name].get("ports", []) if not re.match(r"127\.0\.0\.1:|\$\{BIND:-127", port)
    ] == []


@pytest.mark.parametrize("name", ALL)
def test_what_it_mounts_from_here_is_here(name: str):
    sources = [volume.partition(":")[0] for volume in ALL[name].get("volumes", [])]
    assert [one for one in sources if one.startswith("./") and not (DEPLOY / one).exists()] == []
    declared = set(COMPOSE["volumes"]) | set(OBSERVABILITY["volumes"])
    assert {one for one in sources if not one.startswith(("./", "/"))} <= declared


# --- The same as elsewhere -----------------------------------------------------------------------------


def test_versions_are_those_of_the_other_installations():
    assert SERVICES["daprd-web"]["image"] == f"daprio/daprd:{installed.DAPRD_VERSION}"
    assert (
        SERVICES["kafka"]["image"] == SERVICES["topics"]["image"] == f"apache/kafka:{installed.KAFKA_VERSION}"
    )
    values = yaml.safe_load((ROOT / "charts" / "todo-app" / "values.yaml").read_text())
    image = values["redis"]["builtin"]["image"]
    assert SERVICES["valkey"]["image"] == f"{image['repository']}:{image['tag']}"


def test_every_sidecar_sends_its_traces_where_jaeger_listens():
    for name in TRACED:
        environment = OBSERVABILITY["services"][name]["environment"]
        assert environment["TRACE_COLLECTOR"].partition(":")[0] in OBSERVERS
        assert set(environment) <= set(SERVICES[name]["environment"])


def test_prometheus_asks_every_role_and_every_sidecar():
    configuration = yaml.safe_load((DEPLOY / "compose" / "prometheus.yaml").read_text())
    targets = {
        job["job_name"]: job["static_configs"][0]["targets"] for job in configuration["scrape_configs"]
    }
    assert targets["todo"] == [f"{role}:{dockerfile('METRICS_PORT')}" for role in ROLES]
    port = flags(SERVICES["daprd-web"]["entrypoint"])["metrics-port"][0]
    assert targets["dapr"] == [f"{role}:{port}" for role in ROLES]
    rules = [DEPLOY / "monitoring" / file for file in configuration["rule_files"]]
    assert [file for file in rules if not file.is_file()] == []
