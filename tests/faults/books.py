"""The books are checked by plain SQL, and by reading Kafka: nothing here shares code with what it checks."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec
import psycopg
from confluent_kafka import Consumer, TopicPartition

from deploy.local.stack import Stack

SETTLE_SECONDS = 240.0
TASK_TOPIC = "task-events"
UNRECEIVED = """
    SELECT count(*) FROM events_outboxevent AS event WHERE {types} AND NOT EXISTS (
        SELECT FROM events_consumedevent AS receipt
        WHERE receipt.consumer = '{consumer}' AND receipt.event_id = event.event_id)"""
# A mail whose sender was killed is claimed by it for another minute: until then a letter speaks for it.
WITHOUT_LETTER = """ AND NOT EXISTS (
        SELECT FROM events_deadletter AS letter WHERE letter.consumer = 'email' AND letter.event_id = event.event_id)"""
UNSETTLED = {
    "reminders to fire": "SELECT count(*) FROM tasks_reminder WHERE fired_at IS NULL AND fire_at <= now()",
    "due soon to tell": """
        SELECT count(*) FROM tasks_task WHERE NOT due_soon_told AND completed_at IS NULL AND deleted_at IS NULL
        AND deadline_at <= now() + interval '1 day'""",
    "audit": UNRECEIVED.format(types="(type LIKE 'task.%%' OR type LIKE 'user.%%')", consumer="audit"),
    "recurrence": UNRECEIVED.format(types="type = 'task.completed'", consumer="recurrence"),
    "notification": UNRECEIVED.format(
        types="type IN ('task.reminder.due', 'task.due_soon', 'task.overdue')", consumer="notification"
    ),
    "statistics": UNRECEIVED.format(
        types="type IN ('task.created', 'task.completed', 'task.reopened')", consumer="statistics"
    ),
    "email": UNRECEIVED.format(types="type = 'notification.email'", consumer="email") + WITHOUT_LETTER,
}
LOST = {
    "versions of tasks that are not in the log": """
        SELECT coalesce(sum(version - (SELECT count(DISTINCT log.version) FROM events_taskeventlog AS log
            WHERE log.task_id = task.id AND log.version BETWEEN 1 AND task.version)), 0) FROM tasks_task AS task""",
    "events of accounts that are not in the log": """
        SELECT count(*) FROM events_outboxevent AS event WHERE type LIKE 'user.%%'
        AND NOT EXISTS (SELECT FROM events_usereventlog AS log WHERE log.event_id = event.event_id)""",
    "reminders that fired without an event": """
        SELECT abs((SELECT count(*) FROM tasks_reminder WHERE fired_at IS NOT NULL)
        - (SELECT count(*) FROM events_taskeventlog WHERE type = 'task.reminder.due'))""",
    "reminders that nobody was told of": """
        SELECT count(*) FROM events_taskeventlog AS log WHERE type = 'task.reminder.due' AND NOT EXISTS (
            SELECT FROM notifications_notification AS told WHERE told.source_event_id = log.event_id)""",
    "completed occurrences without a successor": """
        SELECT count(*) FROM (SELECT DISTINCT ON (recurring_task_id) status FROM tasks_task
            WHERE recurring_task_id IS NOT NULL ORDER BY recurring_task_id, occurrence_at DESC) AS newest
        WHERE status = 'completed'""",
    "events that were given up": "SELECT count(*) FROM events_deadletter WHERE state = 'dead'",
}
LOOKS = 5  # at what seems lost
NAMED = """
    SELECT task.id, number, event.type, event.created_at,
        (SELECT string_agg(consumer, ',') FROM events_consumedevent AS r WHERE r.event_id = event.event_id)
    FROM tasks_task AS task CROSS JOIN LATERAL generate_series(1, task.version) AS number
    LEFT JOIN events_outboxevent AS event ON event.key = task.id AND event.sequence = number
    WHERE NOT EXISTS (SELECT FROM events_taskeventlog AS log WHERE log.task_id = task.id AND log.version = number)
    LIMIT 5"""
DOUBLED = {
    "versions of tasks that are in the log twice": """
        SELECT count(*) - count(DISTINCT (task_id, version)) FROM events_taskeventlog""",
    "events that are in the log twice": "SELECT count(*) - count(DISTINCT event_id) FROM events_taskeventlog",
    "receipts": "SELECT count(*) - count(DISTINCT (consumer, event_id)) FROM events_consumedevent",
    "notifications of one event": """
        SELECT count(*) - count(DISTINCT (source_event_id, user_id)) FROM notifications_notification""",
    "occurrences": """
        SELECT count(*) - count(DISTINCT (recurring_task_id, occurrence_at)) FROM tasks_task
        WHERE recurring_task_id IS NOT NULL""",
    "events of one reminder": """
        SELECT count(*) - count(DISTINCT data->>'reminder_id') FROM events_taskeventlog
        WHERE type = 'task.reminder.due'""",
    # Nobody deletes here: in the trash is only what followed on a completion that was taken back.
    "tasks of one request": """
        SELECT coalesce(sum(n - 1), 0) FROM (
            SELECT count(DISTINCT coalesce(recurring_task_id, id)) AS n FROM tasks_task
            WHERE title LIKE 'Api %%' AND deleted_at IS NULL GROUP BY title) AS made WHERE n > 1""",
}
OUT_OF_ORDER = """
    SELECT count(*) FROM (SELECT version, lag(version) OVER (PARTITION BY task_id ORDER BY id) AS before
        FROM events_taskeventlog) AS log WHERE version < before"""


class Sample(NamedTuple):
    """When something was to be, by the clock of the wall, and how many seconds later it was; infinite: not yet."""

    at: float
    seconds: float


EVENTS = """
    SELECT extract(epoch FROM event.created_at)::float8,
        coalesce(extract(epoch FROM log.logged_at - event.created_at)::float8, 'infinity')
    FROM events_outboxevent AS event LEFT JOIN events_taskeventlog AS log USING (event_id)
    WHERE event.type LIKE 'task.%%' AND event.created_at BETWEEN to_timestamp(%s) AND to_timestamp(%s) ORDER BY 1"""
REMINDERS = """
    SELECT extract(epoch FROM due)::float8, coalesce(extract(epoch FROM fired_at - due)::float8, 'infinity')
    FROM (SELECT greatest(fire_at, planned_at) AS due, fired_at FROM tasks_reminder) AS reminder
    WHERE due BETWEEN to_timestamp(%s) AND to_timestamp(%s) ORDER BY 1"""


class Books:
    """What the database and Kafka of a stack hold."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Waits while PostgreSQL is away."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while True:
            try:
                with psycopg.connect(self._stack.databases.url(), connect_timeout=5) as connection:
                    return connection.execute(query, values).fetchall()  # type: ignore[arg-type]
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def execute(self, statements: str) -> None:
        with psycopg.connect(self._stack.databases.url()) as connection:
            connection.execute(statements)  # type: ignore[call-overload]

    def value(self, query: str) -> int:
        return int(self.rows(query)[0][0])

    def events(self, first: float, last: float) -> list[Sample]:
        """The events that were recorded between two moments: when, and how much later they were in the log."""
        return [Sample(*row) for row in self.rows(EVENTS, first, last)]

    def reminders(self, first: float, last: float) -> list[Sample]:
        """The reminders for moments between two: when, and how much later they fired."""
        return [Sample(*row) for row in self.rows(REMINDERS, first, last)]

    def settle(self) -> float:
        """Wait until nothing is on its way. Returns how many seconds that took."""
        began = time.monotonic()
        while waiting := self.unsettled():
            assert time.monotonic() - began < SETTLE_SECONDS, f"still on its way: {waiting}"
            time.sleep(0.5)
        return time.monotonic() - began

    def settled(self) -> tuple[float, dict[str, int]]:
        """Seconds until nothing was on its way, and what is lost then.

        The scheduler does not rest with the load: what it told of in between is on its way, and not lost. What is lost
        stays lost.
        """
        seconds = self.settle()
        for _ in range(LOOKS):
            if not (lost := self.lost()):
                break
            seconds += self.settle()
        return seconds, lost

    def unsettled(self) -> dict[str, int]:
        return self._counted(UNSETTLED)

    def lost(self) -> dict[str, int]:
        return self._counted(LOST)

    def named(self) -> list[tuple[Any, ...]]:
        """Some of the versions that are not in the log: the event that the outbox has of it, and who received that."""
        return self.rows(NAMED)

    def doubled(self) -> dict[str, int]:
        return self._counted(DOUBLED)

    def out_of_order(self) -> int:
        return self.value(OUT_OF_ORDER)

    def not_kept(self, acknowledged: Mapping[str, int]) -> list[str]:
        """The tasks that have not come to the version that somebody was told of."""
        versions = {str(task): version for task, version in self.rows("SELECT id, version FROM tasks_task")}
        return [task for task, version in acknowledged.items() if versions.get(task, 0) < version]

    def _counted(self, queries: Mapping[str, str]) -> dict[str, int]:
        found = {name: self.value(query) for name, query in queries.items()}
        return {name: count for name, count in found.items() if count}

    def out_of_order_in_kafka(self) -> list[str]:
        """Events whose first appearance in Kafka comes after that of a later version of their task."""
        highest: dict[str, int] = defaultdict(int)
        seen = set()
        late = []
        for event in published(self._stack):
            if event.id in seen or event.sequence is None:
                continue
            seen.add(event.id)
            if int(event.sequence) < highest[event.subject]:
                late.append(f"{event.subject} {event.sequence}")
            highest[event.subject] = max(highest[event.subject], int(event.sequence))
        return late


class Published(msgspec.Struct):
    id: str
    subject: str
    sequence: str | None = None


def published(stack: Stack, topic: str = TASK_TOPIC) -> Iterator[Published]:
    """Everything that a topic of Kafka holds, each partition in its order."""
    consumer = Consumer(
        {"bootstrap.servers": stack.broker.address, "group.id": "books", "enable.auto.commit": False}
    )
    try:
        for partition in range(stack.broker.partitions()[topic]):
            place = TopicPartition(topic, partition, 0)
            low, high = consumer.get_watermark_offsets(place, timeout=30)
            place.offset = low
            consumer.assign([place])
            while low < high:
                for message in consumer.consume(1000, timeout=0.2):
                    assert message.error() is None, message.error()
                    low = (message.offset() or 0) + 1
                    yield msgspec.json.decode(message.value() or b"", type=Published)
    finally:
        consumer.close()
