"""What every test may use. Three people stand in most tests: an owner, a member of one project, an outsider."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import dramatiq
import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection
from dramatiq.brokers.stub import StubBroker
from dramatiq.errors import Retry
from prometheus_client import REGISTRY

from accounts.actor import Actor
from accounts.models import User
from events import relay
from events.envelope import decode
from events.models import OutboxEvent
from tasks.models import Membership, Project, Role
from todo_project.blocks.configuration import FOLLOWING
from todo_project.rate_limits import SHARING

IN_CI = os.environ.get("CI") == "true"


def pytest_configure() -> None:
    """The folder of collected files is there, if empty: its absence is worth a warning at every request."""
    django_settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests of what only one of the two databases has are left out where the suite runs on the other."""
    other = "sqlite" if connection.vendor == "postgresql" else "postgresql"
    left_out = [item for item in items if item.get_closest_marker(other)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(autouse=True)
def _plain_surroundings(settings: Any) -> None:
    """No manifest of collected files, attachments and a cache in memory, a quick password hasher."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        "attachments": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    # No snapshot sees what a test's own transaction has written.
    settings.OUTBOX_READER = "sequence"
    settings.API_RATE_LIMIT = 0
    cache.clear()  # no test counts towards another's rate limits


@pytest.fixture(autouse=True, scope="session")
def _no_threads_of_requests() -> Iterator[None]:
    """What one test's request starts would go on beside all others, on their database and their settings."""
    with pytest.MonkeyPatch.context() as patch:
        for thread in (SHARING, FOLLOWING):
            patch.setattr(thread, "ensure", lambda: None)
        yield


@pytest.fixture(autouse=True)
def _empty_queues() -> Iterator[None]:
    """No test finds another's messages."""
    yield
    broker = dramatiq.get_broker()
    assert isinstance(broker, StubBroker)
    broker.flush_all()


@pytest.fixture
def drain() -> Callable[[], int]:
    """Carry every recorded event to its effects, in this thread: ``drain()`` returns how many messages there were.

    It goes on until nothing new comes, so events that effects record are carried, too. What wants to be tried
    again stays undone.
    """
    return drain_events


def drain_events() -> int:
    broker = dramatiq.get_broker()
    assert isinstance(broker, StubBroker)
    messages = 0
    while relay.publish_all() or any(not queue.empty() for queue in broker.queues.values()):
        for name in list(broker.queues):
            while not broker.queues[name].empty():
                message = dramatiq.Message.decode(broker.queues[name].get_nowait())
                broker.queues[name].task_done()
                messages += 1
                try:
                    broker.get_actor(message.actor_name).fn(*message.args, **message.kwargs)
                except Retry:
                    continue
    return messages


@pytest.fixture
def counted() -> Callable[..., float]:
    """``counted("todo_events_recorded_total", type="task.created")``: by how much a metric grew in this test."""
    samples = [sample for metric in REGISTRY.collect() for sample in metric.samples]
    before = {(sample.name, frozenset(sample.labels.items())): sample.value for sample in samples}

    def growth(name: str, **labels: str) -> float:
        now = REGISTRY.get_sample_value(name, labels) or 0.0
        return now - before.get((name, frozenset(labels.items())), 0.0)

    return growth


@pytest.fixture
def owner(db: None) -> User:
    return User.objects.create_user("olga@example.com", "correct horse", display_name="Olga")


@pytest.fixture
def member(db: None) -> User:
    return User.objects.create_user("milo@example.com", "correct horse", display_name="Milo")


@pytest.fixture
def outsider(db: None) -> User:
    return User.objects.create_user("otto@example.com", "correct horse", display_name="Otto")


@pytest.fixture
def inbox(owner: User) -> Project:
    return Project.objects.inbox_of(owner)


@pytest.fixture
def shared(owner: User, member: User) -> Project:
    """A project of the owner's that the member may edit."""
    project = Project.objects.create(owner=owner, name="Website")
    Membership.objects.create(project=project, user=member, role=Role.EDITOR)
    return project


@pytest.fixture
def by(owner: User) -> Actor:
    return Actor.of(owner, "web")


@pytest.fixture
def events_of() -> Callable[[UUID], list[str]]:
    """``events_of(task_id)``: the types of what was recorded about a task, in order."""

    def types(task_id: UUID) -> list[str]:
        recorded = OutboxEvent.objects.filter(key=task_id).order_by("sequence")
        return list(recorded.values_list("type", flat=True))

    return types


@pytest.fixture
def last_actor_of() -> Callable[[UUID], tuple[str, str]]:
    """``last_actor_of(task_id)``: who a task's last event says it was, and through which door."""

    def actor(task_id: UUID) -> tuple[str, str]:
        last = OutboxEvent.objects.filter(key=task_id).latest("sequence")
        said = decode(last.envelope).data.actor
        return said.name, said.via

    return actor
