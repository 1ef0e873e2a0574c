"""What tests of tasks share: clients that act for a person, a standing clock, and a fourth person who may only look."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from tasks.models import Membership, Project, Role
from tasks.tests.friday import NOW

Api = Callable[[User], APIClient]


@pytest.fixture
def api() -> Api:
    """``api(person)`` is a client with that person's session."""

    def client(person: User) -> APIClient:
        made = APIClient()
        made.force_login(person)
        return made

    return client


@pytest.fixture
def on_friday() -> Iterator[None]:
    """The clock stands at ``friday.NOW``."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def reader(client: Client, owner: User) -> User:
    """The owner, signed in, at home in Berlin."""
    owner.time_zone = "Europe/Berlin"
    owner.save()
    client.force_login(owner)
    return owner


@pytest.fixture
def viewer(shared: Project) -> User:
    """Somebody who may see the shared project and change nothing in it."""
    person = User.objects.create_user("vera@example.com", "correct horse", display_name="Vera")
    Membership.objects.create(project=shared, user=person, role=Role.VIEWER)
    return person
