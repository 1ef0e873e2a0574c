"""A real daprd and a real Redis for tests of the building blocks, with ports and folders of their own."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
RESOURCES = ROOT / "deploy/dapr"
CACHE = Path(os.environ.get("TODO_CACHE", Path.home() / ".cache/todo-project"))
DAPR_TOKEN, APP_TOKEN = "dapr-token", "app-token"
START_SECONDS = 30.0


def required(name: str, found: str | Path | None) -> str:
    """The path of a program. Skips, loudly, where there is none; in CI that is a failure."""
    if found is not None and Path(found).exists():
        return str(found)
    missing = f"{name} is not installed: run `make services`."
    if os.environ.get("CI") == "true":
        pytest.fail(missing)
    pytest.skip(missing)


def daprd_binary() -> str:
    built = sorted((CACHE / "bin").glob("daprd-*[0-9]"))
    return required("daprd", built[-1] if built else shutil.which("daprd"))


def free_port() -> int:
    """Below the range of outgoing connections: there, whoever tries to reach a stopped server could become it."""
    while True:
        port = random.randrange(10_000, 20_000)
        with closing(socket.socket()) as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@dataclass(kw_only=True)
class Program:
    """A process that writes its log into ``folder``."""

    name: str
    folder: Path
    process: subprocess.Popen[bytes] | None = None

    def run(self, command: list[str], environment: Mapping[str, str] | None = None) -> None:
        inherited = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"]}
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, env={**inherited, **(environment or {})}, stdout=log, stderr=log, cwd=self.folder
            )

    @property
    def log(self) -> str:
        return (self.folder / f"{self.name}.log").read_text()

    def pause(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@dataclass(kw_only=True)
class Redis(Program):
    name: str = "redis"
    port: int = field(default_factory=free_port)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        server = required("redis-server", shutil.which("redis-server"))
        self.run(
            [server, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        )
        wait_until(self._answers, "Redis answers")

    def _answers(self) -> bool:
        with closing(socket.socket()) as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@dataclass(kw_only=True)
class Daprd(Program):
    """daprd beside an app id, with the named files of ``deploy/dapr``."""

    name: str = "daprd"
    app_id: str = "web"
    app_port: int = 0
    files: tuple[str, ...] = ()
    configuration: Path | None = None
    environment: dict[str, str] = field(default_factory=dict)
    http_port: int = field(default_factory=free_port)
    grpc_port: int = field(default_factory=free_port)

    def start(self) -> None:
        resources = self.folder / f"{self.name}-resources"
        resources.mkdir(exist_ok=True)
        for file in self.files:
            shutil.copy(RESOURCES / file, resources)
        self.run([daprd_binary(), *self._flags(resources)], self._variables())
        wait_until(self._answers, f"daprd answers\n{self.log[-3000:]}")

    def _flags(self, resources: Path) -> list[str]:
        flags: dict[str, object] = {
            "app-id": self.app_id,
            "dapr-http-port": self.http_port,
            "dapr-grpc-port": self.grpc_port,
            "dapr-internal-grpc-port": free_port(),
            "dapr-listen-addresses": "127.0.0.1",
            "metrics-port": free_port(),
            "resources-path": resources,
            "app-protocol": "http",
        }
        if self.app_port:
            flags["app-port"] = self.app_port
        if self.configuration:
            flags["config"] = self.configuration
        return [f"--{name}={value}" for name, value in flags.items()]

    def _variables(self) -> dict[str, str]:
        own = {"DAPR_HOST_IP": "127.0.0.1", "DAPR_API_TOKEN": DAPR_TOKEN, "APP_API_TOKEN": APP_TOKEN}
        return {**own, **self.environment}

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log[-3000:]
        url = f"http://127.0.0.1:{self.http_port}/v1.0/healthz/outbound"
        request = urllib.request.Request(url, headers={"dapr-api-token": DAPR_TOKEN})
        try:
            return bool(urllib.request.urlopen(request, timeout=1).status == 204)  # noqa: S310
        except (urllib.error.URLError, OSError):
            return False


@contextmanager
def running(*programs: Redis | Daprd) -> Iterator[None]:
    """Start in order; leave nothing behind."""
    try:
        for program in programs:
            program.folder.mkdir(parents=True, exist_ok=True)
            program.start()
        yield
    finally:
        for program in reversed(programs):
            program.kill()
