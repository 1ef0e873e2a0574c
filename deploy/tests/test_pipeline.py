"""The pipeline: sound by the judgement of actionlint and zizmor, with few rights, pinned, and in the right order."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.local.service import ROOT
from deploy.tests import check_tools

pytestmark = pytest.mark.delivery
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
ACTIONS = sorted((GITHUB / "actions").glob("*/action.yml"))
EVERYTHING = "\n".join(path.read_text() for path in (*WORKFLOWS, *ACTIONS))


def read(path: Path) -> dict[str, Any]:
    # YAML takes the key "on" for a truth value.
    content: dict[str, Any] = yaml.safe_load(path.read_text().replace("\non:", '\n"on":'))
    return content


def workflow(name: str) -> dict[str, Any]:
    return read(GITHUB / "workflows" / name)


def test_actionlint_finds_nothing():
    shellcheck = check_tools.program("shellcheck")
    command = [
        check_tools.program("actionlint"),
        "-shellcheck",
        shellcheck,
        "-pyflakes",
        "",
        *map(str, WORKFLOWS),
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def test_zizmor_finds_nothing():
    command = [
        check_tools.program("zizmor"),
        "--offline",
        "--persona",
        "pedantic",
        "--no-progress",
        str(GITHUB),
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def test_no_secret_is_in_what_is_here():
    """The history as well: the pipeline looks at each commit."""
    command = [
        check_tools.program("gitleaks"),
        "git",
        "--no-banner",
        "--redact",
        "--config",
        ".gitleaks.toml",
        ".",
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_secret_would_be_found(tmp_path: Path):
    # Made up, and put together here so that it is found there and not in this file.
    (tmp_path / "settings.py").write_text("TOKEN = '" + "dop_v1_" + "3f1a9c0b7d2e4856" * 4 + "'\n")
    command = [
        check_tools.program("gitleaks"),
        "dir",
        "--no-banner",
        "--config",
        str(ROOT / ".gitleaks.toml"),
    ]
    result = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True, check=False)
    assert result.returncode == 1, result.stdout + result.stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_each_workflow_begins_without_rights_and_each_job_has_its_limit(path: Path):
    content = read(path)
    assert content["permissions"] == {}
    assert "concurrency" in content
    for name, job in content["jobs"].items():
        assert "permissions" in job, name
        assert "uses" in job or job["timeout-minutes"] <= 90, name
        assert "write-all" not in str(job["permissions"])


def test_only_the_job_that_signs_has_an_identity():
    with_identity = [
        f"{path.name} {name}"
        for path in WORKFLOWS
        for name, job in read(path)["jobs"].items()
        if job["permissions"].get("id-token")
    ]
    assert with_identity == ["deliver.yml sign"]


def test_actions_are_githubs_own_and_pinned_by_digest():
    used = re.findall(r"uses: (\S+)(?: # (\S+))?", EVERYTHING)
    foreign = {(what, version) for what, version in used if not what.startswith("./")}
    assert {what.partition("@")[0] for what, _ in foreign} == {"actions/checkout", "actions/upload-artifact"}
    for what, version in foreign:
        assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", what)
        assert re.fullmatch(r"v\d+\.\d+\.\d+", version)
    assert len(foreign) == 2, "one action in two versions"


def test_programs_come_in_one_version_each():
    lines = [line for line in (GITHUB / "tools.txt").read_text().splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"\S+/\S+ v\d+\.\d+\.\d+", line) for line in lines)
    known = {re.sub(r"/v\d+$", "", line.split()[0]).rpartition("/")[2] for line in lines}
    wanted = {name for names in re.findall(r"names: (.+)", EVERYTHING) for name in names.split()}
    assert wanted == known


def test_programs_of_the_pipeline_are_those_that_check_it_here():
    pinned = (ROOT / "deploy/checks/requirements.txt").read_text()
    for name, version in re.findall(r"install --quiet (\w[\w-]*)==([\d.]+)", EVERYTHING):
        if name in pinned:
            assert f"{name}=={version}" in pinned
    [gitleaks] = re.findall(r"gitleaks/v8 (v\S+)", (GITHUB / "tools.txt").read_text())
    assert f"gitleaks/v8 {gitleaks}" in (ROOT / "deploy/checks/go/go.mod").read_text()


def test_nothing_is_pushed_before_it_was_tested_and_scanned():
    jobs = workflow("deliver.yml")["jobs"]
    assert set(jobs["build"]["needs"]) == {"test", "scan"}
    steps = [step["name"] for step in jobs["build"]["steps"]]
    assert steps.index("Build") < steps.index("Scan") < steps.index("Push")
    assert jobs["sign"]["needs"] == "build"
    assert jobs["staging"]["needs"] == "sign"
    assert set(jobs["production"]["needs"]) == {"sign", "staging"}
    assert jobs["production"]["environment"] == "production"


def test_both_kinds_of_machines_are_built_on_their_own():
    matrix = workflow("deliver.yml")["jobs"]["build"]["strategy"]["matrix"]["include"]
    assert {(one["arch"], one["runner"]) for one in matrix} == {
        ("amd64", "ubuntu-24.04"),
        ("arm64", "ubuntu-24.04-arm"),
    }


def test_a_deployment_refuses_what_was_not_signed_before_it_touches_anything():
    steps = [step["name"] for step in read(GITHUB / "actions/deploy/action.yml")["runs"]["steps"]]
    assert steps.index("Refuse what the pipeline did not sign") < steps.index("Deploy")
    assert "deliver.yml@refs/heads/main" in (GITHUB / "actions/deploy/action.yml").read_text()


def test_somebody_hears_of_it_whatever_happens():
    jobs = workflow("deliver.yml")["jobs"]
    assert jobs["notify"]["if"] == "always()"
    assert set(jobs["notify"]["needs"]) == set(jobs) - {"notify"}


def test_no_two_deployments_run_at_once():
    for name in ("deliver.yml", "deploy.yml"):
        assert workflow(name)["concurrency"]["cancel-in-progress"] is False


def test_secrets_are_given_to_steps_only():
    """Not to whole jobs, in which every program would find them."""
    for path in WORKFLOWS:
        content = read(path)
        for job in content["jobs"].values():
            assert "secrets." not in str(content.get("env", "")) + str(job.get("env", ""))


def test_the_deployer_may_make_what_the_chart_makes():
    rules = next(
        one["rules"]
        for one in yaml.safe_load_all((ROOT / "deploy/platform/deployer.yaml").read_text())
        if one["kind"] == "Role"
    )
    allowed = {resource for rule in rules if "create" in rule["verbs"] for resource in rule["resources"]}
    templates = "\n".join(path.read_text() for path in (ROOT / "charts/todo-app/templates").glob("*"))
    kinds = set(re.findall(r"^kind: ([A-Z]\w+)$", templates, re.MULTILINE))
    assert len(kinds) > 10
    assert {kind for kind in kinds if _plural(kind) not in allowed} == set()


def _plural(kind: str) -> str:
    name = kind.lower()
    if name.endswith("policy"):
        return name.replace("policy", "policies")
    return f"{name}es" if name.endswith("s") else f"{name}s"


def test_renovates_own_patterns_find_what_they_are_for():
    managers = json.loads((GITHUB / "renovate.json").read_text())["customManagers"]
    found = {
        match["depName"]
        for manager in managers
        for file in manager["managerFilePatterns"]
        for pattern in manager["matchStrings"]
        for match in re.finditer(
            pattern.replace("(?<", "(?P<").replace("(?P<!", "(?<!"),
            (ROOT / file.strip("/^$").replace("\\", "")).read_text(),
        )
    }
    charts = set(json.loads((ROOT / "deploy/platform/charts.json").read_text()))
    tools = [line.split()[0] for line in (GITHUB / "tools.txt").read_text().splitlines() if line[0] != "#"]
    assert found == charts | {tool.partition("/cmd/")[0] for tool in tools}
