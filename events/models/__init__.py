from events.models.dead_letter import DeadLetter
from events.models.event_log import TaskEventLog, UserEventLog
from events.models.outbox import ConsumedEvent, ConsumerPosition, OutboxEvent, OutboxMark, RelayCursor

__all__ = [
    "ConsumedEvent",
    "ConsumerPosition",
    "DeadLetter",
    "OutboxEvent",
    "OutboxMark",
    "RelayCursor",
    "TaskEventLog",
    "UserEventLog",
]
