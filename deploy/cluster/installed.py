"""Where the programs of the cluster and the definitions are. What is missing is named with what installs it."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

from charts.helm import tool
from deploy.local.failure import StackError
from deploy.local.installed import cache_folder
from deploy.local.service import ROOT

HERE = ROOT / "deploy" / "cluster"
KUBERNETES = "k8s.io/kubernetes"
# Each program with the module whose version it has, and the go.mod that names it.
PROGRAMS = {
    "etcd": ("go.etcd.io/etcd/server/v3", HERE / "tools" / "go.mod"),
    "kube-apiserver": (KUBERNETES, HERE / "tools" / "go.mod"),
    "kube-controller-manager": (KUBERNETES, HERE / "tools" / "go.mod"),
    "kube-scheduler": (KUBERNETES, HERE / "tools" / "go.mod"),
    "kubectl": (KUBERNETES, HERE / "tools" / "go.mod"),
    "dapr-injector": ("github.com/dapr/dapr", ROOT / "deploy" / "local" / "daprd" / "go.mod"),
    "kwok": ("sigs.k8s.io/kwok", HERE / "kwok" / "go.mod"),
}
SOURCES = (HERE / "definitions.txt", HERE / "strimzi" / "pom.xml")


@cache
def program(name: str) -> str:
    """The path of a program. Raises StackError when it was not built."""
    module, file = PROGRAMS[name]
    return _built(cache_folder() / "bin" / f"{name}-{_version(module, file)}", "make cluster-tools")


def helm() -> str:
    """The path of Helm. Raises StackError when it was not built."""
    return _built(tool("helm"), "make helm")


def definitions() -> Path:
    """The folder with the custom resource definitions, by where they come from. Raises StackError when there is none.

    Its name follows from what is wanted, so a change of a version is a new folder.
    """
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in SOURCES)).hexdigest()
    folder = cache_folder() / f"definitions-{digest[:12]}"
    if not folder.is_dir():
        raise StackError("The custom resource definitions are not here. Run: make cluster-tools")
    return folder


def _built(path: Path, command: str) -> str:
    if not path.exists():
        raise StackError(f"{path.name} is not installed. Run: {command}")
    return str(path)


def _version(module: str, file: Path) -> str:
    """What a go.mod asks for, without its v."""
    found = re.search(rf"{re.escape(module)} v(\S+)", file.read_text())
    if found is None:
        raise StackError(f"{file} names no version of {module}.")
    return found[1]


def check_all() -> None:
    """Raises StackError for the first thing that is missing."""
    for name in PROGRAMS:
        program(name)
    helm(), definitions()
