"""Which topic an event travels on: one per aggregate, or one per type where the installation wants that."""

from django.conf import settings

from events.types import EVENT_TYPES

PUBSUB = "todo-pubsub"
# Who shares a project is told among what happens to people: both are rare, and a topic more would be one to run.
BY_AGGREGATE = {
    "task": "task-events",
    "project": "user-events",
    "user": "user-events",
    "notification": "notification-events",
}
# Names that installations with one topic per type expect.
BY_TYPE = {"task.recurring.triggered": "recurring-task-due", "task.reminder.due": "task-reminder-due"}


def topic_of(event_type: str) -> str:
    """The topic of an event type in the configured layout."""
    if settings.EVENT_TOPIC_LAYOUT == "by-type":
        return BY_TYPE.get(event_type, event_type.replace(".", "-").replace("_", "-"))
    return BY_AGGREGATE[EVENT_TYPES[event_type].AGGREGATE]


def route_of(event_type: str) -> str:
    """The path that deliveries of an event type are sent to."""
    return f"/events/{BY_AGGREGATE[EVENT_TYPES[event_type].AGGREGATE]}"


def subscriptions() -> list[dict[str, object]]:
    """The answer to ``GET /dapr/subscribe``: every topic with its route and its dead-letter topic.

    Source: https://docs.dapr.io/developing-applications/building-blocks/pubsub/subscription-methods/
    """
    routes = {topic_of(name): route_of(name) for name in EVENT_TYPES}
    return [
        {
            "pubsubname": PUBSUB,
            "topic": topic,
            "routes": {"default": route},
            "deadLetterTopic": f"{topic}-dlq",
            # 10 ms of waiting for company, not Dapr's 10 s.
            "bulkSubscribe": {"enabled": True, "maxMessagesCount": 100, "maxAwaitDurationMs": 10},
        }
        for topic, route in routes.items()
    ]
