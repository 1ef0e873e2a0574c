"""Ports of stacks that run at the same time."""

from __future__ import annotations

import socket
from dataclasses import astuple
from pathlib import Path

from deploy.local.ports import LOOPBACK, Ports, taken

OUTGOING = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])


def numbers(ports: Ports) -> list[int]:
    first, second, third, fourth, roles = astuple(ports)
    return [first, second, third, fourth, *(number for role in roles.values() for number in role)]


def test_the_fixed_ports_are_distinct_and_the_system_gives_none_of_them_away():
    found = numbers(Ports.fixed())
    assert len(found) == len(set(found)) == 4 + 5 * 6
    assert max(found) < OUTGOING


def test_two_stacks_get_different_free_ports():
    first, second = numbers(Ports.free()), numbers(Ports.free())
    assert len({*first, *second}) == 2 * (4 + 5 * 6)
    assert max(first + second) < OUTGOING


def test_ports_are_read_as_they_were_saved():
    ports = Ports.free()
    assert Ports.read(ports.saved()) == ports


def test_a_port_is_taken_while_somebody_listens():
    with socket.socket() as server:
        server.bind((LOOPBACK, 0))
        port = server.getsockname()[1]
        assert not taken(port)
        server.listen()
        assert taken(port)
