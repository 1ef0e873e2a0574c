"""What a stack is made of, as far as nothing has to run for it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
import yaml

from deploy.local import installed, kafka, sidecars, status
from deploy.local.failure import StackError
from deploy.local.ports import Ports
from deploy.local.stack import Stack


def test_a_missing_program_is_named_with_what_installs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TODO_CACHE", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    installed.daprd.cache_clear()
    for missing, what in (
        (installed.kafka_jars, "Kafka 4.2.0"),
        (installed.daprd, "daprd 1.18.2"),
        (installed.java, "Java"),
        (installed.redis_server, "Redis"),
    ):
        with pytest.raises(StackError, match=f"{what}.* is not installed. Run: make services"):
            missing()


def test_the_folder_keeps_what_the_stack_is(tmp_path: Path):
    first = Stack(tmp_path, Ports.free(), {"TRASH_DAYS": "3"})
    first.keep()
    again = Stack(tmp_path)
    assert (again.ports, again.settings, again.keys) == (first.ports, first.settings, first.keys)
    assert again.environment("worker")["TRASH_DAYS"] == "3"
    for name in ("stack.json", "secrets.json"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_two_stacks_have_different_keys(tmp_path: Path):
    assert not set(Stack(tmp_path / "a").keys.values()) & set(Stack(tmp_path / "b").keys.values())


def test_a_layout_has_its_topics_and_a_place_for_dead_letters_of_each():
    topics = kafka.topics("by-aggregate")
    assert {topics[f"{kind}-events"] for kind in ("task", "user", "notification")} == {kafka.PARTITIONS}
    assert topics["task-events-dlq"] == kafka.DEAD_LETTER_PARTITIONS
    assert len(topics) == 6
    assert {"task-created", "task-created-dlq", "recurring-task-due"} <= set(kafka.topics("by-type"))


def test_the_sidecars_find_each_other_in_a_file_of_their_stack(tmp_path: Path):
    sidecars.prepare(tmp_path)
    configuration = yaml.safe_load((tmp_path / "dapr" / "configuration.yaml").read_text())
    names = configuration["spec"]["nameResolution"]["configuration"]["connectionString"]
    assert Path(names).is_relative_to(tmp_path)


def test_the_sidecars_get_every_resource_and_no_declared_subscription(tmp_path: Path):
    sidecars.prepare(tmp_path)
    resources = [yaml.safe_load(path.read_text()) for path in (tmp_path / "dapr" / "resources").iterdir()]
    assert {resource["kind"] for resource in resources} == {"Component", "Resiliency"}
    names = [resource["metadata"]["name"] for resource in resources]
    assert len(names) == len(set(names))
    assert {"todo-pubsub", "todo-state", "todo-secrets"} <= set(names)


def test_every_name_that_a_resource_refers_to_is_in_the_sidecars_environment(tmp_path: Path):
    given = Stack(tmp_path).dapr_environment()
    paths = sidecars.SOURCE.glob("*.yaml")
    documents = [document for path in paths for document in yaml.safe_load_all(path.read_text())]
    components = [document for document in documents if document["kind"] == "Component"]
    wanted = {
        item["envRef"]
        for component in components
        for item in component["spec"].get("metadata", [])
        if "envRef" in item
    }
    assert wanted
    assert wanted - set(given) == set()


def test_the_table_shows_what_is_down():
    shown = status.table(
        [
            status.Standing("postgres", 17, 15432, True, 52 * 1024**2, 3725.0),
            status.Standing("daprd-web", None, 3500, False, 0, 0.0),
        ]
    )
    assert [line.split() for line in shown.splitlines()] == [
        ["name", "pid", "port", "answers", "memory", "uptime"],
        ["postgres", "17", "15432", "yes", "52", "MB", "1:02:05"],
        ["daprd-web", "–", "3500", "down"],
    ]
