from events.models.dead_letter import DeadLetter
from events.models.event_log import ProjectEventLog, TaskEventLog, UserEventLog
from events.models.outbox import ConsumedEvent, ConsumerPosition, OutboxEvent, OutboxMark, RelayCursor
from events.models.statistics import Deed, DeedKind, Projection

__all__ = [
    "ConsumedEvent",
    "ConsumerPosition",
    "DeadLetter",
    "Deed",
    "DeedKind",
    "OutboxEvent",
    "OutboxMark",
    "ProjectEventLog",
    "Projection",
    "RelayCursor",
    "TaskEventLog",
    "UserEventLog",
]
