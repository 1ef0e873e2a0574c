"""What `manage.py serve` and the other roles say when they cannot run."""

import socket

import pytest
from django.core.management import CommandError, call_command

from todo_project.management.commands import serve


@pytest.mark.parametrize("port", ["0", "65536", "99999", "-1", "http"])
def test_what_is_no_port_is_refused(port, capsys):
    with pytest.raises(SystemExit) as ended:
        serve.Command().run_from_argv(["manage.py", "serve", f"--port={port}"])
    assert ended.value.code == 2
    assert "give a number from 1 to 65535" in capsys.readouterr().err


def test_a_port_in_use_is_said_plainly():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"Port {port} is in use.*PORT={port + 1}"):
            serve.Command()._bind("127.0.0.1", port)


def test_an_address_elsewhere_is_refused():
    with pytest.raises(CommandError, match=r"no-such-host\.invalid"):
        serve.Command()._bind("no-such-host.invalid", 8000)


def test_a_request_cannot_fill_the_disk(settings):
    settings.ATTACHMENT_MAX_BYTES = 10
    server = serve.Command()._bind("127.0.0.1", 0)
    server.close()
    assert server.adj.max_request_body_size == 2 * (5 * 10 + 1024 * 1024)


@pytest.mark.parametrize("role", ["relay", "worker"])
def test_a_role_of_its_own_needs_a_queue_that_others_can_read(role):
    with pytest.raises(CommandError, match="set REDIS_URL"):
        call_command(role)


@pytest.mark.django_db
def test_a_tick_by_hand_says_what_it_fired(capsys):
    call_command("scheduler", "--once")
    assert capsys.readouterr().out.startswith("Fired 0 reminders, 0 due soon, 0 overdue; made 0 occurrences")
