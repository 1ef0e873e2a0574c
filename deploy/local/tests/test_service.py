"""One process of a stack, with small programs in place of the services."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import proc
from deploy.local.failure import StackError
from deploy.local.ports import LOOPBACK, Ports, taken
from deploy.local.service import Service
from tests.waiting import wait_until

LISTEN = """
import os, socket, sys, time
server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("127.0.0.1", int(sys.argv[1])))
if os.fork() == 0:
    sum(number * number for number in range(1_000_000))
    open(sys.argv[2], "w").write(str(os.getpid()))
    time.sleep(600)
print("listening with", os.environ["GREETING"], flush=True)
server.listen()
time.sleep(600)
"""


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A server with a child process, which writes its pid into ``child``."""
    port = Ports.free().redis
    command = [sys.executable, "-c", LISTEN, str(port), str(tmp_path / "child")]
    made = Service("server", tmp_path, port, command, lambda: {"GREETING": "hello"}, lambda: taken(port))
    yield made
    made.stop_seconds = 0.1
    made.stop()


def child_of(service: Service) -> int:
    file = service.folder / "child"
    wait_until(lambda: file.exists() and bool(file.read_text()))
    return int(file.read_text())


def state(pid: int | None) -> str:
    """T is stopped; see proc(5)."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_it_runs_with_its_environment_and_is_found_again(service: Service):
    service.start()
    service.wait_ready()
    assert "listening with hello" in service.log.read_text()
    again = Service("server", service.folder, service.port, [], dict, service.answers)
    assert again.pid() == service.pid()


def test_a_second_start_changes_nothing(service: Service):
    service.start()
    service.wait_ready()
    pid = service.pid()
    service.start()
    assert service.pid() == pid


def test_killing_leaves_nothing_below_it(service: Service):
    service.start()
    service.wait_ready()
    child = child_of(service)
    service.kill()
    assert service.pid() is None
    assert proc.started_at(child) is None


def test_what_its_children_use_is_counted(service: Service):
    service.start()
    service.wait_ready()
    child = child_of(service)
    pid = service.pid()
    assert pid is not None
    assert proc.tree(pid) == [pid, child]
    assert proc.cpu_seconds(pid) >= proc.cpu_seconds(child) > 0
    assert proc.memory_bytes(pid) > proc.memory_bytes(child) > 1_000_000


def test_a_paused_one_is_frozen_with_its_children_and_goes_on(service: Service):
    service.start()
    service.wait_ready()
    pid, child = service.pid(), child_of(service)
    service.pause()
    wait_until(lambda: [state(pid), state(child)] == ["T", "T"])
    service.resume()
    wait_until(lambda: "T" not in [state(pid), state(child)])


def test_a_paused_one_can_be_stopped(service: Service):
    service.start()
    service.wait_ready()
    service.pause()
    service.stop()
    assert service.pid() is None


def test_stopping_leaves_nothing_below_it(service: Service):
    service.stop_seconds = 0.3  # the child does not hear that its parent was asked to end
    service.start()
    service.wait_ready()
    child = child_of(service)
    service.stop()
    wait_until(lambda: proc.started_at(child) is None)


def test_one_that_ignores_the_request_to_end_is_killed(tmp_path: Path):
    stubborn = (
        "import signal, time; signal.signal(15, signal.SIG_IGN); print('on', flush=True); time.sleep(600)"
    )
    port = Ports.free().redis
    service = Service("stubborn", tmp_path, port, [sys.executable, "-c", stubborn], dict, lambda: True)
    service.stop_seconds = 0.3
    service.start()
    wait_until(lambda: "on" in service.log.read_text())
    service.stop()
    assert service.pid() is None


def test_one_that_ends_is_told_with_the_end_of_its_log(tmp_path: Path):
    command = [sys.executable, "-c", "raise SystemExit('no disk left')"]
    service = Service("kafka", tmp_path, Ports.free().redis, command, dict, lambda: False)
    service.start()
    with pytest.raises(StackError, match=r"(?s)kafka ended instead of answering.*kafka\.log.*no disk left"):
        service.wait_ready()


def test_one_that_does_not_answer_is_told_after_its_time(service: Service):
    service.answers = lambda: False
    service.start()
    with pytest.raises(StackError, match=r"server did not answer within 0\.2 s"):
        service.wait_ready(0.2)


def test_a_port_that_somebody_else_has_is_named(service: Service, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("deploy.local.service.PORT_SECONDS", 0.1)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind((LOOPBACK, service.port))
        other.listen()
        with pytest.raises(StackError, match=f"something else listens on port {service.port}"):
            service.start()
    assert service.pid() is None


def test_a_pid_that_went_to_somebody_else_is_left_alone(service: Service):
    service.pid_file.parent.mkdir()
    service.pid_file.write_text(f"{os.getpid()} {(proc.started_at(os.getpid()) or 0) - 1}\n")
    assert service.pid() is None
    service.kill()
    service.stop()
    assert proc.started_at(os.getpid()) is not None


def test_a_signal_reaches_everything_below(service: Service):
    service.start()
    service.wait_ready()
    pid, child = service.pid(), child_of(service)
    assert pid is not None
    assert proc.send(pid, signal.SIGCONT) == [pid, child]
