"""What the tests of accounts may use besides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import User
from accounts.signals import user_logged_in, user_registered, user_updated


class Told(list[tuple[str, str, Actor, dict[str, tuple[object, object]]]]):
    """What the signals of accounts told: (what, whose address, by whom, changes)."""

    def registered(self, user: User, actor: Actor, **_: Any) -> None:
        self.append(("registered", user.email, actor, {}))

    def logged_in(self, user: User, actor: Actor, **_: Any) -> None:
        self.append(("login", user.email, actor, {}))

    def updated(self, user: User, actor: Actor, changes: dict[str, tuple[object, object]], **_: Any) -> None:
        self.append(("updated", user.email, actor, changes))


@pytest.fixture
def told() -> Iterator[Told]:
    told = Told()
    receivers = {user_registered: told.registered, user_logged_in: told.logged_in, user_updated: told.updated}
    for signal, receiver in receivers.items():
        signal.connect(receiver)
    yield told
    for signal, receiver in receivers.items():
        signal.disconnect(receiver)
