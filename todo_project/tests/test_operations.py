"""The page on which staff see how each role is: in one process, and through daprd."""

from __future__ import annotations

import time

import pytest

from accounts.models import User
from tests.waiting import wait_until
from todo_project.blocks import invocation
from todo_project.blocks.invocation import ASKED, ask_roles
from todo_project.blocks.sidecar import CALL_SECONDS, SIDECAR
from todo_project.role_server import RoleServer
from todo_project.role_state import RoleState
from todo_project.tests.daprd import APP_TOKEN, DAPR_TOKEN, Daprd, free_port, running

PAGE = "/admin/operations/"


@pytest.fixture
def staff(client, db):
    client.force_login(User.objects.create_superuser("root@example.com", "correct horse"))
    return client


def test_staff_see_every_role(staff, drain):
    drain()
    page = staff.get(PAGE).content.decode()
    for role in ASKED:
        assert f'<th scope="row">{role}</th>' in page
    assert "does not answer" not in page
    assert "events to publish: 0" in page
    assert "All events are published and handled." in page


def test_the_admin_leads_there(staff):
    assert f'href="{PAGE}"' in staff.get("/admin/").content.decode()


def test_nobody_else_sees_it(client, owner):
    assert client.get(PAGE).status_code == 302
    client.force_login(owner)
    assert client.get(PAGE, follow=True).status_code == 403


@pytest.fixture(scope="module")
def sidecars(tmp_path_factory):
    """The sidecar of web, and that of a worker whose application listens on the port beside it."""
    folder = tmp_path_factory.mktemp("operations")
    resolution = folder / "configuration.yaml"
    resolution.write_text(CONFIGURATION % (folder / "names.sqlite3"))
    ours = {"folder": folder, "files": ("resiliency.yaml",), "configuration": resolution}
    web = Daprd(name="web", app_id="web", **ours)
    worker = Daprd(name="worker", app_id="worker", app_port=free_port(), **ours)
    with running(web, worker):
        yield web, worker


CONFIGURATION = """
apiVersion: dapr.io/v1alpha1
kind: Configuration
metadata:
  name: test
spec:
  nameResolution:
    component: sqlite
    version: v1
    configuration:
      connectionString: "%s"
"""


@pytest.fixture
def web(sidecars, settings):
    settings.EVENT_TRANSPORT, settings.ROLE = "dapr", "worker"
    settings.DAPR_HTTP_PORT, settings.DAPR_GRPC_PORT = sidecars[0].http_port, sidecars[0].grpc_port
    settings.DAPR_API_TOKEN, settings.APP_API_TOKEN = DAPR_TOKEN, APP_TOKEN
    SIDECAR.forget()
    yield sidecars
    SIDECAR.forget()


def replies() -> dict[str, RoleState | None]:
    return {reply.role: reply.state for reply in ask_roles()}


@pytest.mark.django_db(transaction=True)
def test_a_role_is_asked_through_daprd_and_silence_is_said(web, client, settings):
    server = RoleServer(web[1].app_port)
    server.start()
    try:
        told = replies()
    finally:
        server.stop()
    assert told["worker"] is not None
    assert told["worker"].role == "worker"
    assert [role for role, state in told.items() if state is None] == ["events", "relay", "scheduler"]


@pytest.mark.django_db(transaction=True)
def test_a_role_that_is_away_is_left_alone_for_a_while_and_found_when_it_is_back(web):
    wait_until(lambda: "circuit breaker is open" in silence_of("worker"), "the breaker opens")
    server = RoleServer(web[1].app_port)
    server.start()
    try:
        wait_until(lambda: not silence_of("worker"), "the worker answers again")
    finally:
        server.stop()


def silence_of(role: str) -> str:
    return next(reply.silence for reply in ask_roles() if reply.role == role)


@pytest.mark.django_db(transaction=True)
def test_the_page_says_who_does_not_answer(web, staff, settings):
    settings.ROLE = "web"
    began = time.monotonic()
    page = staff.get(PAGE).content.decode()
    assert page.count("<strong>does not answer</strong>") == len(ASKED)
    assert time.monotonic() - began < len(ASKED) * CALL_SECONDS  # they are asked at the same time


def test_without_daprd_nobody_answers(db, settings):
    settings.EVENT_TRANSPORT, settings.DAPR_HTTP_PORT = "dapr", free_port()
    SIDECAR.forget()
    silences = [reply.silence for reply in invocation.ask_roles()]
    assert all("daprd does not answer" in silence for silence in silences)
