"""PostgreSQL, Redis, Kafka, a daprd beside each role, and the five roles, on one machine.

Any number of stacks run at once, each with its own folder and ports.
"""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from deploy.local import installed, kafka, postgres, proc, redis_server, roles, sidecars
from deploy.local.failure import StackError
from deploy.local.kafka import Broker
from deploy.local.ports import LOOPBACK, ROLES, Ports
from deploy.local.postgres import Databases
from deploy.local.service import ROOT, Service, environment

DEFAULT_FOLDER = ROOT / "var" / "stack"
INFRASTRUCTURE = ("postgres", "redis", "kafka")
SIDECARS = tuple(sidecars.name_of(role) for role in ROLES)
NAMES = (*INFRASTRUCTURE, *ROLES, *SIDECARS)
# What still has something to hand over ends before what it hands it to. A role keeps its sidecar to its end.
STOP_ORDER = (*ROLES, *SIDECARS, "kafka", "redis", "postgres")
MANAGE_SECONDS = 300


# daprd's heap is small and all of it is soon garbage: collecting it less often halves what comes late.
DAPRD_GOGC = "400"


class Stack:
    """``settings`` are settings of the application beyond those that the stack needs; what changes in them holds from
    a service's next start. The folder keeps them, the ports and the keys: ``Stack(folder)`` is the same stack later.
    """

    def __init__(
        self,
        folder: Path = DEFAULT_FOLDER,
        ports: Ports | None = None,
        settings: dict[str, str] | None = None,
    ) -> None:
        self.folder = folder.resolve()
        kept = self._kept()
        self.ports = ports or (Ports.read(kept["ports"]) if kept else Ports.fixed())
        self.settings: dict[str, str] = settings if settings is not None else kept.get("settings", {})
        self.keys: dict[str, str] = kept.get("keys") or _new_keys()

    # --- What it consists of -------------------------------------------------------------------------

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.ports.roles['web'].app}"

    @property
    def databases(self) -> Databases:
        return Databases(self.ports.postgres, self.keys["postgres"])

    @property
    def broker(self) -> Broker:
        return Broker(self.ports.kafka)

    @property
    def layout(self) -> str:
        return self.settings.get("EVENT_TOPIC_LAYOUT", "by-aggregate")

    @cached_property
    def services(self) -> dict[str, Service]:
        """Everything that runs, in the order of starting. Raises StackError when a program is missing."""
        installed.check_all()
        ports, folder = self.ports, self.folder
        found = [
            postgres.service(folder, ports.postgres, self.keys["postgres"]),
            redis_server.service(folder, ports.redis),
            kafka.service(folder, ports.kafka),
            *(
                roles.service(folder, role, ports.roles[role], partial(self.environment, role))
                for role in ROLES
            ),
            *(sidecars.service(folder, role, ports.roles[role], self.dapr_environment) for role in ROLES),
        ]
        return {service.name: service for service in found}

    def environment(self, role: str = "web") -> dict[str, str]:
        """What a process of a role is configured with."""
        ports = self.ports.roles[role]
        return {
            "ROLE": role,
            "ROLE_PORT": str(ports.app),
            "METRICS_PORT": str(ports.metrics),
            "BASE_URL": f"http://localhost:{self.ports.roles['web'].app}",
            "VAR_DIR": str(self.folder / "var"),
            "DATABASE_URL": self.databases.url(),
            "REDIS_URL": redis_server.url(self.ports.redis),
            "SECRET_KEY": self.keys["secret"],
            "EVENT_TRANSPORT": "dapr",
            "DAPR_HTTP_PORT": str(ports.dapr_http),
            "DAPR_GRPC_PORT": str(ports.dapr_grpc),
            "DAPR_API_TOKEN": self.keys["dapr"],
            "APP_API_TOKEN": self.keys["app"],
            "FIRST_ACCOUNT_IS_STAFF": "true",
            "EMAIL_URL": f"filemail:///{self.folder / 'mails'}",
            "PYTHONUNBUFFERED": "1",
            "API_RATE_LIMIT": "0",  # what drives a stack is one caller with many requests
            **self.settings,
        }

    def environment_of_commands(self, role: str = "web") -> dict[str, str]:
        """The whole environment of ``manage.py``, for commands that run beside the role and listen nowhere."""
        return environment({**self.environment(role), "METRICS_PORT": "0", "ROLE_PORT": "0"})

    def dapr_environment(self) -> dict[str, str]:
        """What the resources of ``deploy/dapr`` refer to, and the two tokens."""
        return {
            "KAFKA_BROKERS": self.broker.address,
            "REDIS_HOST": f"{LOOPBACK}:{self.ports.redis}",
            "REDIS_PASSWORD": "",
            "SECRETS_FILE": str(self.folder / "secrets.json"),
            "DAPR_API_TOKEN": self.keys["dapr"],
            "APP_API_TOKEN": self.keys["app"],
            "DAPR_HOST_IP": LOOPBACK,
            "GOGC": DAPRD_GOGC,
        }

    # --- Up and down ---------------------------------------------------------------------------------

    def up(self, only: Iterable[str] | None = None, say: Callable[[str], None] = lambda _: None) -> None:
        """Start everything, or only what is named, and wait until each answers.

        Raises StackError; what was started by then keeps running, so that it can be looked at.
        """
        wanted = set(NAMES if only is None else only)
        if unknown := wanted - set(NAMES):
            raise StackError(f"There is no {', '.join(sorted(unknown))}. There are {', '.join(NAMES)}.")
        self.prepare()
        self._start([name for name in INFRASTRUCTURE if name in wanted], say)
        if "kafka" in wanted:
            self.broker.create(kafka.topics(self.layout))
        if "postgres" in wanted and not self.databases.exists(postgres.DATABASE):
            self.databases.create(postgres.DATABASE)
        if wanted & set(ROLES):
            self._prepare_application(say)
        self._start([name for name in (*ROLES, *SIDECARS) if name in wanted], say)

    def prepare(self) -> None:
        """Make the folder with everything that has to be there before the first start."""
        installed.check_all()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.keep()
        ports = self.ports
        at_once(
            lambda: postgres.prepare(self.folder, self.keys["postgres"]),
            lambda: redis_server.prepare(self.folder),
            lambda: kafka.prepare(self.folder, ports.kafka, ports.kafka_controller),
            lambda: sidecars.prepare(self.folder),
        )

    def _prepare_application(self, say: Callable[[str], None]) -> None:
        say("migrations and static files …")
        at_once(
            lambda: self.manage("migrate", "--verbosity", "0"),
            lambda: self.manage("collectstatic", "--noinput", "--verbosity", "0"),
        )

    def _start(self, names: list[str], say: Callable[[str], None]) -> None:
        for name in names:
            self.start(name)
        for name in names:
            self.wait_ready(name)
            say(f"{name} answers on port {self.services[name].port}")

    def down(self) -> None:
        """Stop everything that runs."""
        for group in (ROLES, SIDECARS, ("kafka",), ("redis", "postgres")):
            at_once(*(self.services[name].stop for name in group))

    def destroy(self) -> None:
        """Stop everything at once and remove the folder with all data."""
        for name in STOP_ORDER:
            self.kill(name)
        postgres.remove(self.folder)
        shutil.rmtree(self.folder)

    # --- One service ---------------------------------------------------------------------------------

    def start(self, name: str) -> None:
        self.services[name].start()

    def wait_ready(self, name: str, seconds: float | None = None) -> None:
        self.services[name].wait_ready(seconds)

    def stop(self, name: str) -> None:
        self.services[name].stop()

    def kill(self, name: str) -> None:
        """SIGKILL to the process and everything below it."""
        self.services[name].kill()

    def pause(self, name: str) -> None:
        """SIGSTOP, likewise."""
        self.services[name].pause()

    def resume(self, name: str) -> None:
        """SIGCONT, likewise."""
        self.services[name].resume()

    def pid(self, name: str) -> int | None:
        return self.services[name].pid()

    def cpu_seconds(self, name: str) -> float:
        """What a service's processes have used since they started; 0 when it does not run."""
        pid = self.pid(name)
        return proc.cpu_seconds(pid) if pid else 0.0

    def manage(self, *arguments: str, role: str = "web") -> subprocess.CompletedProcess[str]:
        """Run a command of ``manage.py`` to its end. Raises StackError when it fails."""
        result = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment_of_commands(role),
            capture_output=True,
            text=True,
            check=False,
            timeout=MANAGE_SECONDS,
        )
        if result.returncode:
            said = (result.stdout + result.stderr)[-4000:]
            raise StackError(f"manage.py {arguments[0]} failed with status {result.returncode}:\n{said}")
        return result

    # --- What the folder keeps -----------------------------------------------------------------------

    def _kept(self) -> dict[str, Any]:
        file = self.folder / "stack.json"
        return json.loads(file.read_text()) if file.exists() else {}

    def keep(self) -> None:
        """Write down what the stack is, for whoever opens the folder later."""
        content = {"ports": self.ports.saved(), "settings": self.settings, "keys": self.keys}
        _write(self.folder / "stack.json", content)
        # What deploy/dapr/secrets.yaml serves to a role with SECRET_STORE=todo-secrets.
        of_the_store = ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "APP_API_TOKEN")
        settings = self.environment()
        _write(self.folder / "secrets.json", {"todo": {name: settings[name] for name in of_the_store}})


def _write(file: Path, content: dict[str, Any]) -> None:
    """Only for those who run the stack: it holds keys."""
    file.touch(mode=0o600)
    file.write_text(json.dumps(content, indent=1) + "\n")


def _new_keys() -> dict[str, str]:
    return {name: secrets.token_urlsafe(48) for name in ("postgres", "secret", "dapr", "app")}


def at_once(*tasks: Callable[[], Any]) -> None:
    """Run several at the same time. Raises what the first of them that failed raised, after all have ended."""
    with ThreadPoolExecutor(max_workers=len(tasks) or 1) as pool:
        for future in [pool.submit(task) for task in tasks]:
            future.result()
