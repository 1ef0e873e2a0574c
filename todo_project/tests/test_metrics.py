"""The metrics' own port, under one process and under several, and that each metric is documented."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from events import standing
from events.standing import Standing
from tests.waiting import wait_until
from todo_project import metrics, metrics_server
from todo_project.settings import ROLES
from todo_project.tests.daprd import free_port

ROOT = Path(__file__).resolve().parents[2]
REQUESTS = 20  # at least, of each worker
TOKEN = "app-token"


def get(port: int, path: str = "/metrics", headers: dict[str, str] | None = None) -> tuple[int, str]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def value(port: int, name: str, **labels: str) -> float:
    """What a metrics port shows; 0 where it has no such sample."""
    families = text_string_to_metric_families(get(port)[1])
    found = [s.value for f in families for s in f.samples if s.name == name and s.labels == labels]
    return sum(found)


# --- The documents -------------------------------------------------------------------------------------


def documented() -> dict[str, tuple[str, tuple[str, ...], str]]:
    """Type, labels and unit of each metric in the table."""
    text = (ROOT / "docs/monitoring.md").read_text()
    rows = re.findall(r"^\| `(todo_\w+)` \| (\w+) \| (.+?) \| (.+?) \| .+ \|$", text, re.MULTILINE)
    return {name: (kind, tuple(re.findall(r"`(\w+)`", labels)), unit) for name, kind, labels, unit in rows}


def shown() -> dict[str, tuple[str, tuple[str, ...]]]:
    """The same of each metric that there is."""
    collectors = {c for name, c in REGISTRY._names_to_collectors.items() if name.startswith("todo_")}
    found = {
        family.name + ("_total" if family.type == "counter" else ""): (family.type, tuple(c._labelnames))
        for c in collectors
        for family in c.collect()
    }
    gauges = [*standing.of_database(), *standing.of_queue(), *Standing().collect()]
    return found | {family.name: (family.type, tuple(family._labelnames)) for family in gauges}


@pytest.mark.django_db(transaction=True)
def test_every_metric_is_documented_and_there_are_no_others():
    assert {name: (kind, labels) for name, (kind, labels, _) in documented().items()} == shown()


@pytest.mark.parametrize(("name", "row"), documented().items())
def test_a_name_has_its_unit(name, row):
    kind, _, unit = row
    assert name.endswith("_total") == (kind == "counter")
    if unit in {"seconds", "events", "messages"}:
        assert unit in name.removesuffix("_total").split("_")


# --- One process ---------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_the_application_itself_serves_no_metrics(client, settings, role):
    settings.ROLE = role
    for path in ("/metrics", "/metrics/", "/prometheus/metrics"):
        assert client.get(path).status_code == 404


def test_without_a_port_nothing_listens(settings, monkeypatch):
    settings.METRICS_PORT = 0
    monkeypatch.setattr(metrics, "MetricsServer", None)
    with metrics.served("worker"):
        pass


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("role", "number"), [("relay", 1), ("all", 1), ("worker", 0), ("scheduler", 0)])
def test_a_process_shows_its_own_figures_and_one_role_those_of_all(settings, role, number):
    settings.METRICS_PORT = free_port()
    with metrics.served(role):
        status, text = get(settings.METRICS_PORT)
    assert status == 200
    assert text.count("# TYPE todo_events_recorded_total counter") == 1
    assert text.count("# TYPE todo_outbox_oldest_unpublished_seconds gauge") == number
    with pytest.raises(ConnectionRefusedError):
        get(settings.METRICS_PORT)


@pytest.mark.parametrize("command", ["scheduler", "worker"])
def test_a_port_in_use_is_said_plainly(settings, command):
    settings.REDIS_URL = settings.REDIS_URL or "redis://127.0.0.1:1/0"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings.METRICS_PORT = taken.getsockname()[1]
        with pytest.raises(
            CommandError, match=f"METRICS_PORT {settings.METRICS_PORT}: Address already in use"
        ):
            call_command(command)


# --- Several processes ---------------------------------------------------------------------------------


class Gunicorn:
    """Two workers on a database of their own."""

    def __init__(self, folder: Path, start: bool = True) -> None:
        self.port, self.metrics_port = free_port(), free_port()
        self.log = folder / "log"
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME")},
            "VAR_DIR": str(folder),
            "ROLE": "web",
            "ROLE_PORT": str(self.port),
            "METRICS_PORT": str(self.metrics_port),
            "WEB_CONCURRENCY": "2",
            "APP_API_TOKEN": TOKEN,
        }
        if start:
            self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "todo_project.wsgi"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)

    def answers(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            return get(self.port, "/health/live")[0] == 200
        except OSError:
            return False

    def ask(self) -> int:
        """A request that counts. Returns the process that answered."""
        answer = get(self.port, "/state", {"dapr-api-token": TOKEN})[1]
        return int(re.findall(r'"pid":(\d+)', answer)[0])

    def ask_both(self) -> Counter[int]:
        """Ask until each of two workers has answered often enough; one may still be starting."""
        asked: Counter[int] = Counter()

        def is_enough() -> bool:
            for _ in range(REQUESTS):
                asked[self.ask()] += 1
            return len(asked) == 2 and min(asked.values()) >= REQUESTS

        wait_until(is_enough, f"two workers answer {asked}", 60)
        return asked

    @property
    def counted(self) -> float:
        return value(self.metrics_port, "django_http_requests_before_middlewares_total")

    @property
    def folder(self) -> Path:
        """Where its workers count."""
        environment = Path(f"/proc/{next(iter(self.ask_both()))}/maps").read_text()
        return Path(re.findall(rf"(/\S+/{metrics_server.PREFIX}\w+)/", environment)[0])

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        if self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(30)


@pytest.fixture
def gunicorn(tmp_path):
    running = Gunicorn(tmp_path)
    wait_until(running.answers, "gunicorn answers", 60)
    yield running
    running.end(signal.SIGKILL)


def test_the_workers_of_one_gunicorn_are_summed_up_at_once(gunicorn):
    before = gunicorn.counted
    asked = gunicorn.ask_both()
    assert gunicorn.counted == before + asked.total()
    name = "django_http_responses_total_by_status_view_method_total"
    assert value(gunicorn.metrics_port, name, status="200", view="state", method="GET") == asked.total()


def test_nothing_that_was_counted_is_lost_with_its_worker(gunicorn):
    asked = gunicorn.ask_both()
    killed = min(asked)
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: not Path(f"/proc/{killed}").exists(), "the master has seen it")
    again = gunicorn.ask_both()
    assert killed not in again
    assert gunicorn.counted == asked.total() + again.total()


def test_a_reload_keeps_what_was_counted_and_still_shows_it(gunicorn):
    asked = gunicorn.ask_both()
    gunicorn.process.send_signal(signal.SIGHUP)
    total = asked.total()

    def both_are_new() -> bool:
        nonlocal total
        total += 1
        return gunicorn.ask() not in asked

    wait_until(both_are_new, "new workers")
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in asked), "the old workers have ended")
    total += gunicorn.ask_both().total()
    assert gunicorn.counted == total


def test_it_leaves_nothing_behind(gunicorn):
    folder = gunicorn.folder
    assert folder.stat().st_mode & 0o077 == 0
    gunicorn.end()
    assert gunicorn.process.returncode == 0
    assert not folder.exists()
    with socket.create_server(("127.0.0.1", gunicorn.metrics_port)):
        pass  # the port is free


def test_what_a_killed_one_leaves_the_next_removes(gunicorn, tmp_path):
    folder, used = gunicorn.folder, Gunicorn(tmp_path, start=False)
    a_while_ago = time.time() - 2 * metrics_server.SETTLED_SECONDS
    workers = list(gunicorn.ask_both())
    gunicorn.end(signal.SIGKILL)
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers), "the workers have ended")
    assert folder.exists()
    os.utime(folder, (a_while_ago, a_while_ago))
    used.start()
    try:
        wait_until(used.answers, "gunicorn answers", 60)
        assert not folder.exists()
    finally:
        used.end()


def test_it_leaves_alone_what_another_uses(gunicorn, tmp_path):
    folder, second = gunicorn.folder, Gunicorn(tmp_path, start=False)
    os.utime(folder, (0, 0))
    second.start()
    try:
        wait_until(second.answers, "gunicorn answers", 60)
        assert folder.exists()
        assert second.folder != folder
    finally:
        second.end()


def test_a_taken_port_ends_gunicorn(tmp_path):
    server = Gunicorn(tmp_path, start=False)
    with socket.create_server(("127.0.0.1", server.metrics_port)):
        server.start()
        assert server.process.wait(60) != 0
    assert "Address already in use" in server.log.read_text()


def test_no_worker_holds_the_port_after_its_master(gunicorn):
    workers = list(gunicorn.ask_both())
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)  # else they would see that their master is gone
    gunicorn.end(signal.SIGKILL)
    try:
        with socket.create_server(("127.0.0.1", gunicorn.metrics_port)):
            assert all(Path(f"/proc/{pid}").exists() for pid in workers)
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGKILL)
