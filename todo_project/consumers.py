"""Which consumer wants which events. Everything that reacts to a change of a task is in this table."""

from events.consumers import Consumer
from events.statistics.counting import KINDS
from events.types import PROJECT_EVENTS, TASK_EVENTS, USER_EVENTS

CONSUMERS = {
    "audit": Consumer(TASK_EVENTS | PROJECT_EVENTS | USER_EVENTS, "events.audit.write_event_log"),
    "recurrence": Consumer(frozenset({"task.completed"}), "events.recurrence.make_next_occurrences"),
    "notification": Consumer(
        frozenset(
            {
                "task.reminder.due",
                "task.due_soon",
                "task.overdue",
                "task.assigned",
                "task.commented",
                "task.comment.edited",
            }
        ),
        "notifications.deciding.decide",
    ),
    "statistics": Consumer(
        frozenset(KINDS), "events.statistics.counting.count", start="events.statistics.rebuild.start"
    ),
    "email": Consumer(frozenset({"notification.email"}), "notifications.mail.send", outside=True),
}
