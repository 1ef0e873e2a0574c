"""Settings from a Dapr secret store."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading

import pytest
from django.core.exceptions import ImproperlyConfigured

from todo_project.blocks.secrets import SECRETS, read_secrets
from todo_project.tests.daprd import DAPR_TOKEN, ROOT, Daprd, free_port, running

STORE, NAME = "todo-secrets", "todo"
KEPT = {"SECRET_KEY": "s3cret" * 10, "DATABASE_URL": "sqlite:////tmp/nowhere.sqlite3", "UNKNOWN": "x"}


@pytest.fixture(scope="module")
def daprd(tmp_path_factory):
    folder = tmp_path_factory.mktemp("secrets")
    file = folder / "secrets.json"
    file.write_text(json.dumps({NAME: KEPT}))
    sidecar = Daprd(folder=folder, files=("secrets.yaml",), environment={"SECRETS_FILE": str(file)})
    with running(sidecar):
        yield sidecar


@pytest.fixture
def environment(daprd):
    return {"DAPR_HTTP_PORT": str(daprd.http_port), "DAPR_API_TOKEN": DAPR_TOKEN}


def test_what_the_environment_lacks_comes_from_the_store(environment):
    read_secrets(STORE, NAME, environment)
    assert environment["SECRET_KEY"] == KEPT["SECRET_KEY"]
    assert environment["DATABASE_URL"] == KEPT["DATABASE_URL"]
    assert not {"UNKNOWN", "REDIS_URL"} & set(environment)


def test_the_environment_comes_first(environment):
    environment |= {"SECRET_KEY": "mine", "DATABASE_URL_FILE": "/run/secrets/url"}
    read_secrets(STORE, NAME, environment)
    assert environment["SECRET_KEY"] == "mine"
    assert "DATABASE_URL" not in environment


def test_with_everything_in_the_environment_nobody_is_asked():
    environment = dict.fromkeys(SECRETS, "mine") | {"DAPR_HTTP_PORT": str(free_port())}
    read_secrets(STORE, NAME, environment, wait=0)
    assert environment["SECRET_KEY"] == "mine"


@pytest.mark.parametrize(("store", "name"), [("no-store", NAME), (STORE, "no-secret")])
def test_what_is_not_there_is_named(environment, store, name):
    with pytest.raises(ImproperlyConfigured, match=f"'{name}' of '{store}'.*Check the component's name"):
        read_secrets(store, name, environment)


def test_a_wrong_token_is_said(environment):
    environment["DAPR_API_TOKEN"] = "wrong"
    with pytest.raises(ImproperlyConfigured, match=r"401.*DAPR_API_TOKEN"):
        read_secrets(STORE, NAME, environment)


def test_without_daprd_it_says_what_to_do(environment):
    environment["DAPR_HTTP_PORT"] = str(free_port())
    with pytest.raises(ImproperlyConfigured, match=r"todo-secrets.*Start it, set DAPR_HTTP_PORT"):
        read_secrets(STORE, NAME, environment, wait=0.3)


def test_it_waits_for_a_daprd_that_starts_later(daprd, tmp_path):
    late = Daprd(folder=tmp_path, files=daprd.files, environment=daprd.environment)
    environment = {"DAPR_HTTP_PORT": str(late.http_port), "DAPR_API_TOKEN": DAPR_TOKEN}
    reading = threading.Thread(target=read_secrets, args=(STORE, NAME, environment))
    reading.start()
    with running(late):
        reading.join()
    assert environment["SECRET_KEY"] == KEPT["SECRET_KEY"]


def test_the_settings_use_it(environment, tmp_path):
    inherited = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path), "SECRET_STORE": STORE}
    told = subprocess.run(
        [sys.executable, "-c", "from todo_project import settings as s; print(s.SECRET_KEY, s.DATABASE_URL)"],
        cwd=ROOT,
        env={**inherited, **environment},
        check=True,
        capture_output=True,
        text=True,
    )
    assert told.stdout.split() == [KEPT["SECRET_KEY"], KEPT["DATABASE_URL"]]
