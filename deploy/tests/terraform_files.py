"""What deploy/terraform says, read by python-hcl2, and what DigitalOcean's provider understands."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from deploy.local.service import ROOT
from deploy.tests import check_tools

TERRAFORM = ROOT / "deploy" / "terraform"
PARSE = """
import json, sys, hcl2
found = {}
for name in sys.argv[1:]:
    with open(name) as file:
        found[name] = hcl2.load(file)
print(json.dumps(found))
"""
# Of every block, not of one provider.
META = {"count", "for_each", "provider", "depends_on", "lifecycle", "dynamic", "__is_block__", "__comments__"}


def files() -> list[Path]:
    return sorted(TERRAFORM.rglob("*.tf"))


@cache
def parsed() -> dict[Path, dict[str, Any]]:
    """Each file's content. Fails when one cannot be parsed."""
    python = check_tools.FOLDER / "requirements" / "bin" / "python"
    check_tools.program("zizmor")  # skips where nothing of it is installed
    names = [str(path) for path in files()]
    result = subprocess.run([python, "-c", PARSE, *names], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr[-2000:]
    return {Path(name): content for name, content in json.loads(result.stdout).items()}


def blocks(folder: Path, kind: str) -> dict[str, dict[str, Any]]:
    """The blocks of a kind in a folder by their labels: ``variable`` → name, ``resource`` → ``TYPE.NAME``."""
    found: dict[str, dict[str, Any]] = {}
    for path, content in parsed().items():
        if path.parent != folder:
            continue
        for block in content.get(kind, []):
            found |= _labelled(block, 2 if kind in {"resource", "data"} else 1)
    return found


def _labelled(block: dict[str, Any], labels: int) -> dict[str, dict[str, Any]]:
    if not labels:
        return {"": block}
    return {
        ".".join(part for part in (label.strip('"'), rest) if part): body
        for label, inner in block.items()
        if label not in META
        for rest, body in _labelled(inner, labels - 1).items()
    }


def folders() -> list[Path]:
    return sorted({path.parent for path in files()})


# --- The provider ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Arguments:
    """What a block may hold, and of that what it must."""

    allowed: dict[str, str]  # each with its type, as Pulumi writes it
    required: frozenset[str]


@cache
def _source(name: str) -> ast.Module:
    return ast.parse((check_tools.schema() / name).read_text())


def module_of(kind: str) -> str:
    """The file in which Pulumi has a resource. One it calls otherwise than Terraform does."""
    name = kind.removeprefix("digitalocean_")
    return {"record": "dns_record.py"}.get(name, f"{name}.py")


@cache
def of_type(kind: str) -> Arguments:
    """The arguments of a resource, such as ``digitalocean_vpc``. Fails for one that the provider does not have."""
    file = module_of(kind)
    assert (check_tools.schema() / file).exists(), f"the provider has no {kind}"
    [arguments] = [
        node
        for node in _source(file).body
        if isinstance(node, ast.ClassDef) and node.name.endswith("Args") and _is_initial(node)
    ]
    return _of_class(arguments)


@cache
def of_data(kind: str) -> Arguments:
    """The arguments of a data source."""
    name = "get_" + kind.removeprefix("digitalocean_")
    [function] = [
        node for node in _source(f"{name}.py").body if isinstance(node, ast.FunctionDef) and node.name == name
    ]
    return _of_function(function)


@cache
def of_block(name: str) -> Arguments:
    """The arguments of a block within a resource, by the class that Pulumi has for it."""
    [found] = [n for n in _source("_inputs.py").body if isinstance(n, ast.ClassDef) and n.name == name]
    return _of_class(found)


def _is_initial(node: ast.ClassDef) -> bool:
    return not node.name.startswith("_") and not node.name.endswith("State")


def _of_class(node: ast.ClassDef) -> Arguments:
    [initial] = [n for n in node.body if isinstance(n, ast.FunctionDef) and n.name == "__init__"]
    return _of_function(initial)


def _of_function(node: ast.FunctionDef) -> Arguments:
    plain = node.args.args[-len(node.args.defaults) :] if node.args.defaults else []
    optional = {a.arg for a in plain}
    pairs = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    optional |= {argument.arg for argument, default in pairs if default is not None}
    every = [*node.args.args, *node.args.kwonlyargs]
    allowed = {a.arg: ast.unparse(a.annotation) if a.annotation else "" for a in every if a.arg != "__self__"}
    return Arguments(
        {n: t for n, t in allowed.items() if n != "opts"}, frozenset(set(allowed) - optional - {"opts"})
    )


def argument_for(name: str, arguments: Arguments) -> str | None:
    """Pulumi's name of an argument: blocks that may be repeated are in the plural there."""
    plurals = (name, f"{name}s", re.sub("y$", "ies", name), f"{name}es")
    return next((candidate for candidate in plurals if candidate in arguments.allowed), None)


def block_class(kind: str) -> str | None:
    """The class of a nested block in an argument's type, None where the argument is a plain value."""
    found = re.search(r"(\w+Args)\b", kind)
    return found.group(1) if found else None
