"""The HTTP server beside the roles that are no web servers."""

import http.client
import threading
import time
from contextlib import closing

import pytest

from todo_project.role_server import RoleServer

REQUESTS = 50
DELAYED_ACKNOWLEDGEMENT = 0.04  # seconds that an answer in two packets would wait, without TCP_NODELAY


@pytest.fixture
def server(settings):
    settings.ROLE = "worker"
    running = RoleServer(0)
    running.start()
    yield running
    running.stop()


def get(server, path):
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()


def ask_again(connection):
    connection.request("GET", "/health/live")
    connection.getresponse()


def test_health_is_answered(server):
    assert get(server, "/health/live") == (200, b'{"status": "live"}')


def test_pages_are_not(server):
    assert get(server, "/accounts/login/")[0] == 404


def test_a_taken_port_is_an_error(server):
    with pytest.raises(OSError, match="in use"):
        RoleServer(server.port)


def test_it_ends_although_a_caller_keeps_its_connection(settings):
    server = RoleServer(0)
    server.start()
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)) as connection:
        connection.request("GET", "/health/live")
        connection.getresponse().read()
        server.stop()
        with pytest.raises((http.client.HTTPException, ConnectionError)):
            ask_again(connection)
    assert not [thread for thread in threading.enumerate() if thread.name == "role-server"]
    again = RoleServer(server.port)  # the port is free
    again.start()
    again.stop()


def test_answers_on_a_kept_connection_do_not_wait_for_an_acknowledgement(server):
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)) as connection:
        began = time.monotonic()
        for _ in range(REQUESTS):
            connection.request("GET", "/health/live")
            connection.getresponse().read()
        assert time.monotonic() - began < REQUESTS * DELAYED_ACKNOWLEDGEMENT
