"""What a role tells about itself."""

import os
import threading
import tomllib
from pathlib import Path

import msgspec
import pytest

from events.leadership import leadership
from tasks.tests.factories import TaskFactory
from todo_project import __version__
from todo_project.role_state import RoleState, role_state
from todo_project.settings import ROLES

TOKEN = "app-token"


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_every_role_tells_its_state(client, settings, role):
    settings.APP_API_TOKEN, settings.ROLE = TOKEN, role
    answer = client.get("/state", headers={"dapr-api-token": TOKEN})
    state = msgspec.json.decode(answer.content, type=RoleState)
    assert (answer.status_code, state.role, state.pid, state.version) == (200, role, os.getpid(), __version__)


@pytest.mark.parametrize("shown", ["", "wrong"])
def test_it_is_told_to_nobody_without_the_token(client, settings, shown):
    settings.APP_API_TOKEN = TOKEN
    assert client.get("/state", headers={"dapr-api-token": shown}).status_code == 403


@pytest.mark.django_db
def test_what_waits_is_counted(client, settings, inbox):
    settings.APP_API_TOKEN, settings.ROLE = TOKEN, "relay"
    before = _figure(client, "events to publish")
    TaskFactory(project=inbox)
    assert _figure(client, "events to publish") == before + 1


def _figure(client, name):
    answer = client.get("/state", headers={"dapr-api-token": TOKEN})
    return msgspec.json.decode(answer.content, type=RoleState).work.figures[name]


@pytest.mark.django_db
def test_what_only_one_process_does_is_named(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    with leadership("spare", threading.Event()):
        assert "spare" in role_state("relay").leads
    assert "spare" not in role_state("relay").leads


def test_the_version_is_that_of_the_project():
    project = tomllib.loads((Path(__file__).resolve().parents[2] / "pyproject.toml").read_text())
    assert project["project"]["version"] == __version__
