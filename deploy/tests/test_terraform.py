"""Terraform: written as it should be, with arguments that the provider has, and nothing unused or secret in it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from deploy.local import kafka
from deploy.local.service import ROOT
from deploy.tests import check_tools
from deploy.tests.terraform_files import (
    META,
    TERRAFORM,
    Arguments,
    argument_for,
    block_class,
    blocks,
    files,
    folders,
    module_of,
    of_block,
    of_data,
    of_type,
)

pytestmark = pytest.mark.delivery
OURS = "digitalocean_"
MODULES = sorted(path for path in (TERRAFORM / "modules").iterdir() if path.is_dir())
ENVIRONMENTS = sorted((TERRAFORM / "environments").iterdir())
# Pulumi makes names up where none is given; Terraform does not.
NAMED = {"name"}


def text_of(folder: Path) -> str:
    return "\n".join(path.read_text() for path in sorted(folder.glob("*.tf")))


def short(path: Path) -> str:
    return str(path.relative_to(TERRAFORM))


def test_the_modules_and_environments_are_there():
    assert {path.name for path in MODULES} == {
        *(
            "network",
            "cluster",
            "registry",
            "database",
            "cache",
            "kafka",
            "storage",
            "files",
            "dns",
            "monitoring",
        ),
        "environment",
    }
    assert [path.name for path in ENVIRONMENTS] == ["dev", "prod", "staging"]


def test_the_files_are_formatted():
    if terraform := shutil.which("terraform"):
        command = [terraform, "fmt", "-check", "-recursive", "-diff", str(TERRAFORM)]
    else:
        command = [check_tools.program("hclfmt"), "-check", *map(str, files())]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


# --- Arguments ------------------------------------------------------------------------------------------


def faults(where: str, body: dict[str, Any], arguments: Arguments) -> list[str]:
    """What of a block the provider does not know, and what it misses."""
    found = [name for name in arguments.required if argument_of_body(name, body) is None]
    wrong = [f"{where} lacks {name}" for name in found]
    for name, value in body.items():
        if name in META:
            continue
        argument = argument_for(name, arguments)
        if argument is None:
            wrong.append(f"{where} has no argument {name}")
        elif (inner := block_class(arguments.allowed[argument])) is not None:
            for one in value if isinstance(value, list) else [value]:
                wrong += faults(f"{where}.{name}", one, of_block(inner))
    for block in body.get("dynamic", []):
        for name, value in block.items():
            argument = argument_for(name.strip('"'), arguments)
            inner = block_class(arguments.allowed[argument]) if argument else None
            contents = value["content"]
            wrong += (
                faults(f"{where}.{name}", contents[0], of_block(inner))
                if inner
                else [f"{where} has no block {name}"]
            )
    return wrong


def argument_of_body(name: str, body: dict[str, Any]) -> Any:
    dynamic = {label.strip('"') for block in body.get("dynamic", []) for label in block}
    arguments = Arguments({name: ""}, frozenset())
    given = [given for given in {*body, *dynamic} if argument_for(given, arguments)]
    return given[0] if given else None


@pytest.mark.parametrize("folder", folders(), ids=short)
def test_every_resource_has_the_arguments_that_the_provider_knows_and_needs(folder: Path):
    wrong: list[str] = []
    for label, body in blocks(folder, "resource").items():
        kind, _, name = label.partition(".")
        if not kind.startswith(OURS):
            continue
        arguments = of_type(kind)
        needed = frozenset(arguments.required | (NAMED & set(arguments.allowed)))
        wrong += faults(f"{kind}.{name}", body, Arguments(arguments.allowed, needed))
    for label, body in blocks(folder, "data").items():
        kind = label.partition(".")[0]
        if kind.startswith(OURS):
            wrong += faults(f"data.{label}", body, of_data(kind))
    assert wrong == []


def test_a_wrong_argument_would_be_found():
    arguments = of_type("digitalocean_vpc")
    body = {"name": "x", "region": "fra1", "ip_ranges": "10.0.0.0/16"}
    assert faults("vpc", body, arguments) == ["vpc has no argument ip_ranges"]
    assert faults("vpc", {"name": "x"}, arguments) == ["vpc lacks region"]
    firewall = {"cluster_id": "1", "rule": [{"type": "k8s", "values": "2"}]}
    assert len(faults("firewall", firewall, of_type("digitalocean_database_firewall"))) == 2


def test_every_attribute_that_is_read_exists():
    """``digitalocean_x.y.attribute``: an argument, or one of the properties that the provider fills in."""
    wrong = []
    for folder in folders():
        for kind, attribute in re.findall(
            r"(?<![\w.])(digitalocean_\w+)\.\w+(?:\[[^\]]*\])?\.(\w+)", re.sub(r"#.*", "", text_of(folder))
        ):
            source = (check_tools.schema() / module_of(kind)).read_text()
            # Pulumi calls it cluster_urn or bucket_urn: `urn` is a word of its own there.
            known = r"\w+_urn" if attribute == "urn" else attribute
            if not re.search(rf"def {known}\(self\)", source) and attribute != "id":
                wrong.append(f"{short(folder)}: {kind} has no {attribute}")
    assert wrong == []


# --- Variables and outputs ------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", folders(), ids=short)
def test_every_variable_says_what_it_is_and_is_used(folder: Path):
    text = re.sub(r'variable "\w+" \{.*?\n\}', "", text_of(folder), flags=re.DOTALL)
    for name, body in blocks(folder, "variable").items():
        assert body["description"], name
        assert body["type"], name
        assert re.search(rf"\bvar\.{name}\b", text), f"{short(folder)}: {name} is not used"


@pytest.mark.parametrize("folder", folders(), ids=short)
def test_every_output_says_what_it_is(folder: Path):
    assert [name for name, body in blocks(folder, "output").items() if not body.get("description")] == []


@pytest.mark.parametrize("folder", folders(), ids=short)
def test_every_module_is_given_what_it_asks_for_and_asked_for_what_it_gives(folder: Path):
    text = text_of(folder)
    for name, body in blocks(folder, "module").items():
        source = (folder / body["source"].strip('"')).resolve()
        variables, outputs = blocks(source, "variable"), blocks(source, "output")
        given = set(body) - META - {"source"}
        needed = {variable for variable, its in variables.items() if "default" not in its}
        assert given <= set(variables), f"{name} has no {given - set(variables)}"
        assert needed <= given, f"{name} lacks {needed - given}"
        read = set(re.findall(rf"module\.{name}(?:\[[^\]]*\])?\.(\w+)", text))
        assert read <= set(outputs), f"{name} does not give {read - set(outputs)}"


def test_every_output_of_a_module_is_used():
    everything = "\n".join(text_of(folder) for folder in folders())
    unused = [
        f"{module.name}.{name}"
        for module in MODULES
        for name in blocks(module, "output")
        if not re.search(rf"module\.{module.name}(\[[^\]]*\])?\.{name}\b", everything)
    ]
    assert unused == []


def test_no_default_is_a_secret_and_what_holds_one_is_marked():
    secret = re.compile(r"password|token|secret|credential|_url$", re.IGNORECASE)
    for folder in folders():
        for name, body in blocks(folder, "variable").items():
            assert not (secret.search(name) and body.get("default")), f"{short(folder)}: {name}"
        for name, body in blocks(folder, "output").items():
            assert not secret.search(name) or body.get("sensitive"), f"{short(folder)}: {name}"


def test_the_environments_differ_only_in_what_they_pass():
    for file in ("variables.tf", "outputs.tf"):
        assert len({(folder / file).read_text() for folder in ENVIRONMENTS}) == 1
    passed = {folder.name: blocks(folder, "module")["environment"] for folder in ENVIRONMENTS}
    ranges = [
        body[key] for body in passed.values() for key in ("network_range", "pod_range", "service_range")
    ]
    assert len(set(ranges)) == len(ranges), "two environments share addresses"
    keys = re.findall(
        r'key\s+= "(.*)"', "\n".join(text_of(f) for f in [*ENVIRONMENTS, TERRAFORM / "account"])
    )
    assert len(set(keys)) == len(keys) == 4, "two roots share their state"


def test_the_state_is_locked():
    roots = [*ENVIRONMENTS, TERRAFORM / "account", TERRAFORM / "platform"]
    assert [short(root) for root in roots if "use_lockfile" not in text_of(root)] == []


# --- What others rely on --------------------------------------------------------------------------------


def test_managed_kafka_gets_the_applications_topics():
    text = text_of(TERRAFORM / "modules" / "environment")
    named = re.search(r"setproduct\(\[(.*?)\], \[(.*?)\]\)", text)
    assert named is not None
    bases, ends = (re.findall(r'"([^"]*)"', group) for group in named.groups())
    assert {f"{base}{end}" for base in bases for end in ends} == set(kafka.topics("by-aggregate"))


def test_the_chart_knows_the_values_that_it_is_given():
    schema = json.loads((ROOT / "charts" / "todo-app" / "values.schema.json").read_text())
    text = text_of(TERRAFORM / "modules" / "environment")
    names = re.search(r'output "chart_values" \{.*?\n  value = \{(.*?)\n  \}\n\}', text, re.DOTALL)
    assert names is not None
    given = re.findall(r"^    (\w+)\s+=", names.group(1), re.MULTILINE)
    assert {"image", "baseUrl", "redis", "kafka", "networkPolicy", "database"} <= set(given)
    assert set(given) <= set(schema["properties"])


def test_the_platforms_charts_have_their_values():
    charts = json.loads((ROOT / "deploy" / "platform" / "charts.json").read_text())
    values = {path.stem for path in (ROOT / "deploy" / "platform" / "values").glob("*.yaml")}
    assert values == set(charts)
    assert all(re.fullmatch(r"v?\d+\.\d+\.\d+", chart["version"]) for chart in charts.values())


def test_checkov_finds_nothing_that_is_not_explained():
    result = subprocess.run(
        [
            check_tools.program("checkov"),
            *("--directory", str(TERRAFORM), "--framework", "terraform", "--output", "json", "--compact"),
            *("--download-external-modules", "false", "--quiet"),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": "/tmp", "BC_SKIP_MAPPING": "TRUE"},
    )
    report = json.loads(result.stdout)
    failed = [
        f"{one['check_id']} {one['check_name']}: {one['resource']}"
        for one in report["results"]["failed_checks"]
    ]
    assert failed == []
    assert report["summary"]["passed"] > 0
