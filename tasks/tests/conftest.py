"""What the tests of the API share: clients that act for a person, and a fourth person who may only look."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from tasks.models import Membership, Project, Role

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
def viewer(shared: Project) -> User:
    """Somebody who may see the shared project and change nothing in it."""
    person = User.objects.create_user("vera@example.com", "correct horse", display_name="Vera")
    Membership.objects.create(project=shared, user=person, role=Role.VIEWER)
    return person
