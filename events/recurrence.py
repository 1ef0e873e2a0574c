"""The recurrence consumer: a completed occurrence brings the next one."""

from __future__ import annotations

from collections.abc import Sequence

from events import tracing
from events.envelope import Event
from events.types import TaskCompleted
from tasks.models import RecurringTask


def make_next_occurrences(events: Sequence[Event]) -> None:
    for event in events:
        if isinstance(event.data, TaskCompleted) and event.data.task.recurring_task is not None:
            with tracing.continued(event.envelope.traceparent):
                RecurringTask.follow_completion(event.data.task_id)
