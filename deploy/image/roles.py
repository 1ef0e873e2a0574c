"""The roles of a stack as containers of the image, in place of processes."""

from __future__ import annotations

from functools import partial

from deploy.image.docker import Docker
from deploy.local.ports import ROLES
from deploy.local.service import Service, http_status
from deploy.local.stack import Stack

GRACE_SECONDS = 30  # what Kubernetes grants by default
READY = 200
# As in a pod of the chart: the root cannot be written to, nothing may be gained, nobody is root.
HARDENED = (
    *("--read-only", "--tmpfs", "/tmp", "--user", "10001:10001"),  # noqa: S108
    *("--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
    *("--network", "host", "--init=false"),
)
# What the image itself says stays: folders, and how it logs. Mails go to the log.
OF_THE_IMAGE = {"VAR_DIR", "PYTHONUNBUFFERED", "EMAIL_URL"}


def environment(stack: Stack, role: str = "web") -> dict[str, str]:
    """What a container of a role is configured with. All of them share the host's network, so ports differ."""
    own = stack.environment(role)
    return {name: value for name, value in own.items() if name not in OF_THE_IMAGE and name != "ROLE"}


def options(variables: dict[str, str]) -> list[str]:
    """How a container is run; the values of the variables come from the client's environment."""
    return [*HARDENED, *(part for name in sorted(variables) for part in ("--env", name))]


def container(stack: Stack, role: str) -> str:
    """What the container of a role is called."""
    return f"{stack.folder.name}-{role}"


def command(docker: Docker, image: str, stack: Stack, *arguments: str) -> str:
    """Run a command of manage.py in a container to its end. Returns what it said; raises StackError when it fails."""
    variables = {**environment(stack), "ROLE_PORT": "0", "METRICS_PORT": "0"}
    run = ("run", "--rm", "--no-healthcheck", *options(variables), image, *arguments)
    return docker.run(*run, variables=variables)


def use_containers(stack: Stack, docker: Docker, image: str) -> None:
    """From its next start on, each role of the stack is a container."""
    for role in ROLES:
        stack.services[role] = _service(stack, docker, image, role)


def _service(stack: Stack, docker: Docker, image: str, role: str) -> Service:
    port = stack.ports.roles[role].app
    name = container(stack, role)
    run = ("run", "--name", name, *options(environment(stack, role)), image, role)
    return Service(
        name=role,
        folder=stack.folder,
        port=port,
        command=docker.command(*run),
        environment=partial(_of_the_client, stack, docker, role),
        answers=lambda: http_status(port, "/health/ready", seconds=5.0) == READY,
        stop_seconds=GRACE_SECONDS,
    )


def _of_the_client(stack: Stack, docker: Docker, role: str) -> dict[str, str]:
    return {**docker.environment, **environment(stack, role)}
