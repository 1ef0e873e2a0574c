"""A Kubernetes without machines: everything of the API is real, and what would run in pods is played by kwok."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

from deploy.cluster import control_plane, installed, machines
from deploy.cluster.access import Access
from deploy.cluster.ports import ClusterPorts
from deploy.local.failure import StackError
from deploy.local.service import ROOT, Service, environment

DEFAULT_FOLDER = ROOT / "var" / "cluster"
COMMAND_SECONDS = 300
ESTABLISHED_SECONDS = 60
Result = subprocess.CompletedProcess[str]


class Cluster:
    """Its folder has data, logs and keys. A cluster lives once: it is made, used and destroyed."""

    def __init__(self, folder: Path = DEFAULT_FOLDER, ports: ClusterPorts | None = None) -> None:
        self.folder = folder.resolve()
        self.ports = ports or self._kept_ports() or ClusterPorts.fixed()
        self.access = Access(self.folder, self.ports.api)

    @cached_property
    def services(self) -> dict[str, Service]:
        """Everything that runs, in the order of starting. Raises StackError when a program is missing."""
        installed.check_all()
        found = control_plane.services(self.folder, self.ports, self.access)
        return {service.name: service for service in found}

    # --- Up and down ---------------------------------------------------------------------------------

    def up(self, say: Callable[[str], None] = lambda _: None) -> None:
        """Start everything, with machines and with the definitions. Raises StackError."""
        services = self.services
        self.access.prepare()
        self._ports_file.write_text(json.dumps(self.ports.saved()))
        for service in services.values():
            service.start()
            service.wait_ready()
            say(f"{service.name} answers on port {service.port}")
        self.apply(machines.objects(self.access, self.ports))
        self._define()
        say("machines and definitions are there")

    def _define(self) -> None:
        """Server-side: the definitions are too large for the annotation that kubectl would write."""
        self.kubectl("apply", "--server-side", "--recursive", f"--filename={installed.definitions()}")
        self.kubectl(
            "wait", "--for=condition=Established", f"--timeout={ESTABLISHED_SECONDS}s", "crd", "--all"
        )

    def down(self) -> None:
        """Stop everything."""
        for service in reversed(self.services.values()):
            service.stop()

    def destroy(self) -> None:
        """Stop everything at once and remove the folder."""
        for service in reversed(self.services.values()):
            service.kill()
        shutil.rmtree(self.folder)

    # --- Talking to it -------------------------------------------------------------------------------

    def kubectl(self, *arguments: str, given: str | None = None, check: bool = True) -> Result:
        """Run kubectl as the administrator, ``given`` on its input. Raises StackError when it fails and ``check``."""
        return self._run([installed.program("kubectl"), *arguments], given, check)

    def helm(self, *arguments: str, check: bool = True) -> Result:
        """Run Helm, likewise."""
        return self._run([installed.helm(), *arguments], None, check)

    def apply(self, objects: Iterable[dict[str, Any]]) -> None:
        """Make objects, or change them to this. Raises StackError when one is refused, or has an unknown field."""
        listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})
        self.kubectl("apply", "--server-side", "--validate=strict", "--filename=-", given=listed)

    def get(self, kinds: str, namespace: str, *arguments: str) -> list[dict[str, Any]]:
        """The objects of some kinds, such as ``"pods,services"``."""
        answer = self.kubectl("get", kinds, f"--namespace={namespace}", "--output=json", *arguments)
        items: list[dict[str, Any]] = json.loads(answer.stdout)["items"]
        return items

    def _run(self, command: list[str], given: str | None, check: bool) -> Result:
        result = subprocess.run(
            command,
            env=self.environment(),
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_SECONDS,
        )
        if check and result.returncode:
            shown = " ".join([Path(command[0]).name, *command[1:]])
            raise StackError(
                f"{shown} failed with status {result.returncode}:\n{result.stdout}{result.stderr}"
            )
        return result

    def environment(self) -> dict[str, str]:
        """What commands that talk to this cluster need: they find no other, and leave nothing in a home folder."""
        home = {f"HELM_{name}_HOME": str(self.folder / "helm") for name in ("CACHE", "CONFIG", "DATA")}
        return environment(
            {
                "KUBECONFIG": str(self.access.kubeconfig("admin")),
                "KUBECACHEDIR": str(self.folder / "kube"),
                **home,
            }
        )

    # --- What the folder keeps -----------------------------------------------------------------------

    @property
    def _ports_file(self) -> Path:
        return self.folder / "ports.json"

    def _kept_ports(self) -> ClusterPorts | None:
        return ClusterPorts(**json.loads(self._ports_file.read_text())) if self._ports_file.exists() else None
