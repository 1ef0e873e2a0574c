"""What the documents say about shipping is so: commands, options, files, values of the chart, sizes."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands

from deploy.local.service import ROOT
from deploy.tests.standins import SCRIPTS

pytestmark = pytest.mark.delivery
DOCS = ROOT / "docs"
PAGES = [*sorted(DOCS.rglob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
OURS = [DOCS / f"{name}.md" for name in ("deployment", "disaster-recovery", "upgrade", "security", "costs")]
VALUES: dict[str, Any] = yaml.safe_load((ROOT / "charts/todo-app/values.yaml").read_text())


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


def blocks_of_commands(page: Path) -> str:
    return "\n".join(re.findall(r"^[ ]*```sh\n(.*?)^[ ]*```", page.read_text(), re.DOTALL | re.MULTILINE))


@cache
def help_of(script: str) -> str:
    return subprocess.run([SCRIPTS / script, "--help"], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_scripts_exist_and_know_the_options_that_are_shown(page: Path):
    lines = page.read_text().replace("\\\n", " ").splitlines()
    for line in lines:
        for script, arguments in re.findall(
            r"(?<![\w/-])(?:\./|deploy/scripts/)?([a-z-]+\.sh)\b([^`|;]*)", line
        ):
            assert (SCRIPTS / script).exists(), f"{short(page)}: {script}"
            if not line.lstrip().startswith(("|", "-")) and "`" not in line:
                shown = set(re.findall(r"(?<= )--[a-z-]+", arguments.split("#")[0]))
                assert shown <= set(re.findall(r"--[a-z-]+", help_of(script))), f"{short(page)}: {line}"


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_commands_of_the_application_exist(page: Path):
    known = set(get_commands())
    named = set(re.findall(r"(?:manage\.py|/app/deploy/role) ([a-z][a-z_]+)", page.read_text()))
    roles = {"web", "events"}
    assert named <= known | roles


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_make_targets_in_blocks_of_commands_exist(page: Path):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"^ *make ([a-z-]+)", blocks_of_commands(page), re.MULTILINE))
    assert named <= targets


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_files_that_are_named_exist(page: Path):
    named = re.findall(r"`((?:deploy|charts|\.github|bench|tests)/[\w./-]+)`", page.read_text())
    made = {"deploy/compose.env"}  # by a command that the page names, too
    assert [name for name in named if not (ROOT / name).exists() and name not in made] == []


def anchor(heading: str) -> str:
    """As GitHub makes it of a heading."""
    plain = re.sub(r"`|\*|\[([^]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_links_to_headings_lead_to_one(page: Path):
    for target, heading in re.findall(r"\]\(([^)#\s]*)#([^)]+)\)", page.read_text()):
        if "://" in target:
            continue
        other = (page.parent / target).resolve() if target else page
        headings = re.findall(r"^#+ (.+)$", other.read_text(), re.MULTILINE)
        assert heading in {anchor(one) for one in headings}, f"{short(page)}: {target}#{heading}"


@pytest.mark.parametrize("page", OURS, ids=short)
def test_values_of_the_chart_exist(page: Path):
    for name in re.findall(r"`([a-z]\w+(?:\.[a-zA-Z]\w*)+)(?:: [^`]*)?`", page.read_text()):
        first, *rest = name.split(".")
        if first not in VALUES or rest in (["yml"], ["yaml"], ["sh"], ["py"]):
            continue
        place: Any = VALUES[first]
        for part in rest:
            assert isinstance(place, dict), f"{short(page)}: {name}"
            assert part in place, f"{short(page)}: {name}"
            place = place[part]


# --- Costs ----------------------------------------------------------------------------------------------


def sizes(environment: str) -> dict[str, str]:
    text = (ROOT / "deploy/terraform/environments" / environment / "main.tf").read_text()
    return dict(re.findall(r'^  (\w+)\s+= "?([^"\n]+)"?$', text, re.MULTILINE))


def row(title: str) -> list[str]:
    text = (DOCS / "costs.md").read_text()
    found = re.search(rf"^\| {re.escape(title)} \| (.*) \|$", text, re.MULTILINE)
    assert found is not None, title
    return [cell.strip() for cell in found.group(1).split("|")]


def test_the_sizes_are_terraforms():
    given = [sizes(name) for name in ("dev", "staging", "prod")]
    nodes = [f"{one['min_nodes']}–{one['max_nodes']} × `{one['node_size']}`" for one in given]
    assert row("Nodes for everything") == nodes
    databases = [f"{one['database_nodes']} × `{one['database_size']}`" for one in given]
    assert row("PostgreSQL") == databases
    caches = [f"{one['cache_nodes']} × `{one['cache_size']}`" for one in given[1:]]
    assert row("Valkey")[1:] == caches
    available = {"true": "highly available", "false": "one"}
    assert row("Control plane") == [available[one["highly_available"]] for one in given]


def cpu(text: str) -> int:
    return int(text.removesuffix("m")) if text.endswith("m") else int(text) * 1000


def memory(text: str) -> int:
    return int(text.removesuffix("Mi"))


def requests(of: dict[str, Any]) -> tuple[int, int]:
    return cpu(of["resources"]["requests"]["cpu"]), memory(of["resources"]["requests"]["memory"])


def test_what_a_node_holds_is_what_the_chart_asks_for():
    sidecar = requests(VALUES["dapr"])
    pods = {role: requests(VALUES[role]) for role in ("web", "events", "relay", "worker", "scheduler")}
    with_sidecar = {role: (own[0] + sidecar[0], own[1] + sidecar[1]) for role, own in pods.items()}
    [pool] = VALUES["kafka"]["strimzi"]["pools"]
    broker, redis = requests(pool), requests(VALUES["redis"]["builtin"])
    shown = {
        "a pod of `web` with its sidecar": with_sidecar["web"],
        "a pod of `events`, `relay` or `worker` with its sidecar": with_sidecar["events"],
        "a pod of `scheduler` with its sidecar": with_sidecar["scheduler"],
        "a broker of Kafka": broker,
        "the built-in Redis": redis,
    }
    assert with_sidecar["events"] == with_sidecar["relay"] == with_sidecar["worker"]
    for title, (processor, space) in shown.items():
        assert row(title) == [f"{processor}m", f"{space} MiB"]
    every = [*(2 * one[0] for one in with_sidecar.values()), pool["replicas"] * broker[0], redis[0]]
    space = [*(2 * one[1] for one in with_sidecar.values()), pool["replicas"] * broker[1], redis[1]]
    told = f"ask for {sum(every) / 1000:.1f} CPU and {sum(space) / 1024:.1f} GiB"
    assert told in (DOCS / "costs.md").read_text()


def test_no_price_stands_without_its_source_and_day():
    text = (DOCS / "costs.md").read_text()
    for part, price, looked_up, where in re.findall(
        r"^\| (.+?) \|(.*?)\|(.*?)\| (.+?) \|$", text, re.MULTILINE
    ):
        if re.search(r"\d+ (?:USD|EUR)", price):
            assert re.search(r"\d{4}-\d{2}-\d{2}", looked_up), part
            assert "https://" in where, part


# --- Versions -------------------------------------------------------------------------------------------


def test_what_could_not_be_checked_is_named():
    text = (DOCS / "deployment.md").read_text()
    section = text.partition("## Not checked here")[2]
    for word in ("terraform validate", "Spaces", "Digests", "Prices", "pipeline"):
        assert word in section
