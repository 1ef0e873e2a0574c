"""What Docker Compose itself makes of the compose files. No daemon is asked."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from deploy.image import compose_tool
from deploy.local.failure import StackError
from deploy.local.ports import ROLES
from deploy.local.service import ROOT

pytestmark = [pytest.mark.image, pytest.mark.xdist_group("image")]
DEPLOY = ROOT / "deploy"
BOTH = ("compose.yaml", "compose.observability.yaml")


@pytest.fixture(scope="module")
def program() -> str:
    """Skips, loudly, where Docker Compose was not built; in CI that is a failure."""
    try:
        return compose_tool.program()
    except StackError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    file = tmp_path / "compose.env"
    subprocess.run([DEPLOY / "compose" / "keys", file], check=True, stdout=subprocess.DEVNULL)
    return file


def config(program: str, env_file: Path, *names: str) -> subprocess.CompletedProcess[str]:
    files = [part for name in names for part in ("--file", str(DEPLOY / name))]
    return subprocess.run(
        [program, "--env-file", str(env_file), *files, "config", "--format", "json"],
        env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"]},
        capture_output=True,
        text=True,
        check=False,
    )


def accepted(program: str, env_file: Path, *names: str) -> dict[str, Any]:
    result = config(program, env_file, *names)
    assert (result.returncode, result.stderr) == (0, "")
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_it_accepts_both_files_without_a_warning(program: str, keys: Path):
    alone = accepted(program, keys, "compose.yaml")
    together = accepted(program, keys, *BOTH)
    assert set(alone["services"]) < set(together["services"])


def test_without_keys_it_says_what_to_do(program: str, tmp_path: Path):
    empty = tmp_path / "empty.env"
    empty.touch()
    result = config(program, empty, "compose.yaml")
    assert result.returncode != 0
    assert "run make compose-env" in result.stderr


def test_the_same_keys_reach_both_sides(program: str, keys: Path):
    made = dict(line.split("=", 1) for line in keys.read_text().splitlines())
    services = accepted(program, keys, *BOTH)["services"]
    postgres, valkey = services["postgres"], services["valkey"]
    assert postgres["environment"]["POSTGRES_PASSWORD"] == made["POSTGRES_PASSWORD"]
    assert valkey["command"][1:3] == ["--requirepass", made["REDIS_PASSWORD"]]
    for role in ROLES:
        application, sidecar = services[role]["environment"], services[f"daprd-{role}"]["environment"]
        assert (
            application["DATABASE_URL"] == f"postgres://todo:{made['POSTGRES_PASSWORD']}@postgres:5432/todo"
        )
        assert application["REDIS_URL"] == f"redis://:{made['REDIS_PASSWORD']}@valkey:6379/0"
        assert sidecar["REDIS_PASSWORD"] == made["REDIS_PASSWORD"]
        for name in ("DAPR_API_TOKEN", "APP_API_TOKEN"):
            assert application[name] == sidecar[name] == made[name]


def test_tracing_is_off_until_there_is_somebody_to_send_it_to(program: str, keys: Path):
    alone, together = accepted(program, keys, "compose.yaml"), accepted(program, keys, *BOTH)
    for role in ROLES:
        assert alone["services"][f"daprd-{role}"]["environment"]["TRACE_SHARE"] == "0"
        sidecar = together["services"][f"daprd-{role}"]
        assert sidecar["environment"]["TRACE_COLLECTOR"] == "jaeger:4317"
        # What the second file adds takes nothing away.
        assert sidecar["entrypoint"] == alone["services"][f"daprd-{role}"]["entrypoint"]
        assert sidecar["environment"]["KAFKA_BROKERS"] == "kafka:9092"


def test_another_image_and_another_port_are_a_line_each(program: str, keys: Path):
    with keys.open("a") as file:
        file.write("TODO_IMAGE=registry.example.com/todo-app:abc123\nWEB_PORT=9000\n")
    services = accepted(program, keys, "compose.yaml")["services"]
    assert {services[name]["image"] for name in (*ROLES, "migrate")} == {
        "registry.example.com/todo-app:abc123"
    }
    assert services["pod-web"]["ports"][0]["published"] == "9000"
