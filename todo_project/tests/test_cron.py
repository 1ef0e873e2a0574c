"""The scheduler's tick by daprd's cron binding."""

from __future__ import annotations

import pytest

from tasks import scheduler
from tasks.scheduler import Tick
from tests.waiting import wait_until
from todo_project.role_server import RoleServer
from todo_project.tests.daprd import APP_TOKEN, Daprd, free_port, running


@pytest.fixture
def port(settings):
    settings.ROLE, settings.APP_API_TOKEN = "scheduler", APP_TOKEN
    server = RoleServer(free_port())
    server.start()
    yield server.port
    server.stop()


def test_daprd_makes_the_scheduler_tick(port, tmp_path, monkeypatch):
    ticks: list[int] = []
    monkeypatch.setattr(scheduler, "tick", lambda: ticks.append(1) or Tick())
    sidecar = Daprd(folder=tmp_path, app_id="scheduler", app_port=port, files=("cron.yaml",))
    with running(sidecar):
        wait_until(lambda: len(ticks) >= 2, "two ticks")
    assert "todo-tick" in sidecar.log
    assert "error invoking app" not in sidecar.log


def test_other_roles_are_left_alone(port, tmp_path, monkeypatch):
    ticks: list[int] = []
    monkeypatch.setattr(scheduler, "tick", lambda: ticks.append(1) or Tick())
    others = Daprd(folder=tmp_path / "relay", app_id="relay", app_port=port, files=("cron.yaml",))
    sidecar = Daprd(folder=tmp_path / "own", app_id="scheduler", app_port=port, files=("cron.yaml",))
    with running(others, sidecar):
        wait_until(lambda: len(ticks) >= 2, "two ticks")
    assert "todo-tick" not in others.log
