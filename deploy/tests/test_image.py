"""The image, built for real and run as each role against PostgreSQL, Redis, Kafka and daprd, as tightly as in a pod."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.image import layers, roles
from deploy.image.base import import_base
from deploy.image.build import build
from deploy.image.context import copy_checkout
from deploy.image.docker import Docker, running_daemon
from deploy.local import kafka, postgres
from deploy.local.ports import ROLES
from deploy.local.service import ROOT, http_get
from deploy.local.smoke import OF_ITS_REMINDER, OF_THE_TASK, smoke
from deploy.local.stack import INFRASTRUCTURE, SIDECARS, Stack
from deploy.tests.image_tools import require_docker
from tests.real_stack import new_stack
from tests.waiting import wait_until

pytestmark = [pytest.mark.image, pytest.mark.xdist_group("image"), pytest.mark.timeout(1500)]

# Planted where people keep such things: none of it may reach a layer.
PLANTED = "planted-4f1d9c"
PLANTS = (
    *(".env", "var/secret-key", "var/stack/stack.json", "todo_project/.env", "deploy/compose.env"),
    *("tasks/tests/test_planted.py", "notes.txt", "deploy/scripts/key.pem"),
)
PRIVATE_KEY = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=\s]{60}")
SECRET_FILES = re.compile(r"(^|/)(secret-key|\.env|id_[a-z0-9]+|.*\.sqlite3|\.netrc|\.git)(/|$)")
LABELS = {
    "version": "1.2.3",
    "revision": "0123456789abcdef",
    "created": "2026-11-21T12:00:00Z",
    "source": "https://example.com/todo",
}
MANIFEST = "/app/collected/staticfiles.json"


@pytest.fixture(scope="module")
def docker() -> Iterator[Docker]:
    require_docker()
    with running_daemon() as started:
        yield started


@pytest.fixture(scope="module")
def image(docker: Docker, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Built from a copy of the checkout in which secrets lie about."""
    context = tmp_path_factory.mktemp("context")
    copy_checkout(context)
    for name in PLANTS:
        (context / name).parent.mkdir(parents=True, exist_ok=True)
        (context / name).write_text(f"SECRET_KEY={PLANTED}\n")
    arguments = {name.upper(): value for name, value in LABELS.items()}
    return build(docker, context, import_base(docker), "todo-app:test", **arguments)


@pytest.fixture(scope="module")
def stack(docker: Docker, image: str) -> Iterator[Stack]:
    """Everything runs; the database was migrated by the image, and each role is a container of it."""
    with new_stack() as made:
        made.up(INFRASTRUCTURE)
        made.databases.create(postgres.DATABASE)
        made.broker.create(kafka.topics(made.layout))
        roles.command(docker, image, made, "migrate")
        roles.use_containers(made, docker, image)
        for name in (*ROLES, *SIDECARS):
            made.start(name)
        for name in (*ROLES, *SIDECARS):
            made.wait_ready(name)
        yield made
        for role in ROLES:
            docker.try_run("rm", "--force", roles.container(made, role))


def in_container(docker: Docker, image: str, *command: str) -> str:
    """What a program of the image says, run as tightly as a role."""
    entry, *arguments = command
    run = ("run", "--rm", *roles.options({}), "--no-healthcheck", "--entrypoint", entry, image, *arguments)
    return docker.run(*run)


@dataclass(frozen=True)
class Leaks:
    """Names of files that should not be in any layer."""

    planted: list[str]
    keys: list[str]
    secret_files: list[str]
    of_the_workshop: list[str]


@pytest.fixture(scope="module")
def leaks(docker: Docker, image: str) -> Leaks:
    found = Leaks([], [], [], [])
    for file in layers.files(docker, image):
        name = f"{file.layer}: {file.name}"
        if PLANTED.encode() in file.content:
            found.planted.append(name)
        # The base is a layer of its own. Its TLS library tests itself with keys that all the world knows.
        if file.layer > 0 and PRIVATE_KEY.search(file.content):
            found.keys.append(name)
        if SECRET_FILES.search(file.name):
            found.secret_files.append(name)
        if re.match(r"app/(.*/)?(tests|bench|var|charts|docs|conftest\.py)(/|$)", file.name):
            found.of_the_workshop.append(name)
    return found


# --- What it is made of --------------------------------------------------------------------------------


def test_no_layer_has_a_secret(leaks: Leaks):
    assert leaks.planted == []
    assert leaks.keys == []
    assert leaks.secret_files == []


def test_no_layer_has_what_only_developers_need(leaks: Leaks):
    assert leaks.of_the_workshop == []


def test_no_command_of_its_history_and_no_variable_has_a_secret(docker: Docker, image: str):
    steps = layers.history(docker, image)
    assert len(steps) > 10
    assert [step for step in steps if PLANTED in step or re.search(r"SECRET_KEY|PASSWORD|TOKEN", step)] == []
    variables = docker.inspect(image)["Config"]["Env"]
    assert [one for one in variables if re.search(r"SECRET|PASSWORD|TOKEN|_URL=", one)] == []


def test_it_is_labelled_with_what_it_was_built_of(docker: Docker, image: str):
    found = docker.inspect(image)["Config"]["Labels"]
    assert {name: found[f"org.opencontainers.image.{name}"] for name in LABELS} == LABELS
    assert {"title", "description", "licenses"} <= {name.rpartition(".")[2] for name in found}


def test_it_has_exactly_the_listed_packages(docker: Docker, image: str):
    """Their metadata stays in the image, so a bill of materials can be made of it."""
    show = "import importlib.metadata as m; print(*(f'{d.name}=={d.version}' for d in m.distributions()), sep='\\n')"
    found = {normal(line) for line in in_container(docker, image, "python", "-c", show).split()}
    version = in_container(
        docker, image, "python", "-c", "import platform; print(platform.python_version())"
    ).strip()
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    listed = [Requirement(line) for line in lines if "==" in line]
    wanted = [
        one for one in listed if not one.marker or one.marker.evaluate({"python_full_version": version})
    ]
    assert found == {normal(f"{one.name}{one.specifier}") for one in wanted}


def normal(requirement: str) -> str:
    name, _, version = requirement.partition("==")
    return f"{canonicalize_name(name)}=={version}"


def test_it_has_no_compiler_and_no_installer(docker: Docker, image: str):
    look = "command -v gcc cc make msgfmt pip || true"
    assert in_container(docker, image, "sh", "-c", look) == ""


def test_nothing_in_it_can_be_written_to(docker: Docker, image: str):
    assert in_container(docker, image, "find", "/app", "/opt/venv", "-writable") == ""
    result = docker.try_run(
        "run", "--rm", *roles.options({}), "--entrypoint", "touch", image, "/app/new", "/opt/venv/new"
    )
    assert result.returncode != 0
    assert result.stderr.count("Read-only file system") == 2


def test_it_runs_as_nobody_in_particular(docker: Docker, image: str):
    assert docker.inspect(image)["Config"]["User"] == "10001:10001"
    assert in_container(docker, image, "id", "-u").strip() == "10001"


def test_static_files_are_collected_and_compressed(docker: Docker, image: str):
    names = in_container(docker, image, "find", "/app/collected", "-type", "f").split()
    assert MANIFEST in names
    assert len([name for name in names if name.endswith(".css.gz")]) >= 1


def test_the_programs_are_compiled(docker: Docker, image: str):
    names = in_container(docker, image, "find", "/app", "/opt/venv", "-name", "*.pyc").split()
    compiled = {Path(name).name.partition(".")[0] for name in names}
    assert {"settings", "relay", "wsgi", "gunicorn", "dispatcher"} - compiled == set()


# --- How it runs ---------------------------------------------------------------------------------------


def test_its_settings_are_fit_for_production(docker: Docker, image: str, stack: Stack):
    variables = {
        **roles.environment(stack),
        "BASE_URL": "https://todo.example.com",
        "BEHIND_PROXY": "true",
        "METRICS_PORT": "0",
        "ATTACHMENT_QUOTA_BYTES": "0",  # as the chart has it where there is no bucket
    }
    check = ("check", "--deploy", "--fail-level", "WARNING")
    options = (*roles.options(variables), "--no-healthcheck")
    assert "no issues" in docker.run("run", "--rm", *options, image, *check, variables=variables)


def test_it_migrated_the_database(docker: Docker, image: str, stack: Stack):
    plan = roles.command(docker, image, stack, "showmigrations", "--plan").splitlines()
    assert {line[:3] for line in plan} == {"[X]"}


def test_a_task_goes_through_all_of_its_containers(stack: Stack):
    said: list[str] = []
    smoke(stack, said.append)
    assert [hop.name for hop in (*OF_THE_TASK, *OF_ITS_REMINDER)] == [
        line.split(" ms  ")[1] for line in said if " ms  " in line
    ]


@pytest.mark.parametrize("role", ROLES)
def test_the_healthcheck_finds_each_role_well(docker: Docker, stack: Stack, role: str):
    name = roles.container(stack, role)
    assert wait_until(
        lambda: docker.inspect(name)["State"]["Health"]["Status"] == "healthy", f"{role} is well"
    )


@pytest.mark.parametrize("role", ROLES)
def test_each_role_runs_without_any_right(docker: Docker, stack: Stack, role: str):
    host = docker.inspect(roles.container(stack, role))["HostConfig"]
    assert host["ReadonlyRootfs"]
    assert host["CapDrop"] == ["ALL"]
    assert host["SecurityOpt"] == ["no-new-privileges"]


@pytest.mark.parametrize("role", ROLES)
def test_each_role_shows_its_metrics(stack: Stack, role: str):
    status, body = http_get(stack.ports.roles[role].metrics, "/metrics", seconds=10.0)
    assert status == 200
    assert b"todo_" in body


def test_pages_name_static_files_by_their_content_and_serve_them_for_ever(stack: Stack):
    port = stack.ports.roles["web"].app
    _, page = http_get(port, "/accounts/login/")
    found = re.search(rb'href="(/static/app\.[0-9a-f]{12}\.css)"', page)
    assert found is not None
    status, body = http_get(port, found[1].decode())
    assert status == 200
    assert len(body) > 1000


@pytest.mark.parametrize("role", ROLES)
def test_each_role_ends_by_itself_when_it_is_asked_to(docker: Docker, stack: Stack, role: str):
    """One that had to be killed would have the status 137."""
    name = roles.container(stack, role)
    docker.run("stop", "--time", str(roles.GRACE_SECONDS), name)
    state = docker.inspect(name)["State"]
    assert (state["ExitCode"], state["OOMKilled"], state["Running"]) == (0, False, False)
