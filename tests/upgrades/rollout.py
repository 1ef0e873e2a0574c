"""Replaces a role as Kubernetes does with ``maxUnavailable: 0``: the new one is there before the old one is to end."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, replace

from deploy.local import roles, sidecars
from deploy.local.ports import Ports, RolePorts
from deploy.local.service import Service
from deploy.local.stack import Stack

# A pod that is to end stays in the lists of those who send it requests for a moment; the preStop hook covers that.
PRE_STOP_SECONDS = 2.0
FORGOTTEN_SECONDS = 1.0
SPREAD = 0.05  # of the requests go over another connection than the last


@dataclass(frozen=True)
class Pod:
    """A role with its sidecar."""

    role: str
    ports: RolePorts
    application: Service
    sidecar: Service

    def start(self) -> None:
        self.application.start()
        self.sidecar.start()

    def wait_ready(self) -> None:
        self.application.wait_ready()
        self.sidecar.wait_ready()

    def stop(self) -> int | None:
        """End the role, then its sidecar, as a native one does. Returns the role's exit status."""
        self.application.stop()
        self.sidecar.stop()
        return self.application.exit_status


class Endpoints:
    """The ports to which requests may go. Each client stays where it is while that is in the list."""

    def __init__(self, ports: set[int]) -> None:
        self._ports = set(ports)
        self._chosen = threading.local()

    def pick(self) -> int:
        """For the next request of the calling thread."""
        chosen: int | None = getattr(self._chosen, "port", None)
        if chosen not in self._ports or random.random() < SPREAD:
            self._chosen.port = chosen = random.choice(sorted(self._ports))
        assert chosen is not None
        return chosen

    def add(self, port: int) -> None:
        self._ports = self._ports | {port}

    def remove(self, port: int) -> None:
        self._ports = self._ports - {port}


@dataclass(frozen=True)
class Rollout:
    """What came of one: seconds until the new one was ready and until the old one had ended, and its exit status."""

    ready_seconds: float
    end_seconds: float
    exit_status: int | None


class Rollouts:
    """Replaces the roles of a running stack, one at a time."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._number = 1
        self.endpoints = Endpoints({stack.ports.roles["web"].app})
        self._pods = {role: self._first(role) for role in stack.ports.roles}

    def replace(self, role: str) -> Rollout:
        old, new = self._pods[role], self._next(role)
        began = time.monotonic()
        new.start()
        new.wait_ready()
        ready = time.monotonic()
        self._lead_requests(old, new)
        ending = time.monotonic()
        status = old.stop()
        self._take_over(new)
        return Rollout(ready - began, time.monotonic() - ending, status)

    def _lead_requests(self, old: Pod, new: Pod) -> None:
        """The new one is added; the old one is forgotten a while after it was told to end, and works on until then."""
        if new.role == "web":
            self.endpoints.add(new.ports.app)
        time.sleep(FORGOTTEN_SECONDS)
        if new.role == "web":
            self.endpoints.remove(old.ports.app)
        time.sleep(PRE_STOP_SECONDS - FORGOTTEN_SECONDS)

    def _take_over(self, pod: Pod) -> None:
        """Whoever ends the stack ends what runs now."""
        self._pods[pod.role] = pod
        self._stack.services[pod.role] = pod.application
        self._stack.services[sidecars.name_of(pod.role)] = pod.sidecar

    def _first(self, role: str) -> Pod:
        services = self._stack.services
        return Pod(role, self._stack.ports.roles[role], services[role], services[sidecars.name_of(role)])

    def _next(self, role: str) -> Pod:
        """With ports of its own, and everything else as the stack has it."""
        self._number += 1
        ports, folder = Ports.free().roles[role], self._stack.folder
        own = {
            "ROLE_PORT": str(ports.app),
            "METRICS_PORT": str(ports.metrics),
            "DAPR_HTTP_PORT": str(ports.dapr_http),
            "DAPR_GRPC_PORT": str(ports.dapr_grpc),
        }
        application = roles.service(folder, role, ports, lambda: {**self._stack.environment(role), **own})
        sidecar = sidecars.service(folder, role, ports, self._stack.dapr_environment)
        return Pod(
            role,
            ports,
            replace(application, name=f"{application.name}-{self._number}"),
            replace(sidecar, name=f"{sidecar.name}-{self._number}"),
        )
