"""What the tests of the event path share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from types import ModuleType

import dramatiq
import pytest

from accounts.actor import Actor
from events import consumers
from events.models import OutboxEvent
from events.tests import consumers_for_tests
from tasks.models import Project, Task

RecordTask = Callable[..., list[OutboxEvent]]


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The consumers of ``consumers_for_tests`` instead of the application's."""
    monkeypatch.setattr(consumers, "registry", lambda: consumers_for_tests.TABLE)
    consumers_for_tests.forget()
    consumers.declare_actors()
    yield consumers_for_tests
    consumers_for_tests.forget()


@pytest.fixture
def recorded(inbox: Project, by: Actor) -> RecordTask:
    """``recorded(3)`` makes a task with three events and returns their outbox rows, in order."""

    def record(number: int = 1) -> list[OutboxEvent]:
        task = Task(project=inbox, title="Title 1")
        task.save(by=by)
        for version in range(2, number + 1):
            task.change(by, title=f"Title {version}")
        return list(OutboxEvent.objects.filter(key=task.pk).order_by("id"))

    return record


@pytest.fixture
def grow_old() -> Callable[[float], None]:
    """``grow_old(60)`` lets everything recorded be that many seconds older."""

    def age(seconds: float) -> None:
        for row in OutboxEvent.objects.all():
            OutboxEvent.objects.filter(pk=row.pk).update(
                created_at=row.created_at - timedelta(seconds=seconds)
            )

    return age


@pytest.fixture
def lose_queues() -> Callable[[], None]:
    """What a killed process or an emptied Redis does to the queues."""

    def lose() -> None:
        broker = dramatiq.get_broker()
        for name, queue in broker.queues.items():  # type: ignore[attr-defined]
            while not queue.empty():
                broker.queues[name].get_nowait()  # type: ignore[attr-defined]
                broker.queues[name].task_done()  # type: ignore[attr-defined]

    return lose
