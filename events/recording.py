"""Where events are written: into the outbox, in the transaction of the change that they tell of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, cast
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor
from accounts.models import User
from accounts.signals import user_logged_in, user_registered, user_updated
from events import arrays, metrics, relay_signal, types
from events.envelope import decode, encode, envelop
from events.models import OutboxEvent
from tasks import clock
from tasks.changes import TaskChange
from tasks.inserting import insert
from tasks.models import Priority, Task
from tasks.sharing_changes import SharingChange
from tasks.signals import sharing_changed, tasks_changed


def connect() -> None:
    """Listen to the changes of tasks and accounts."""
    tasks_changed.connect(record_task_changes, dispatch_uid="events.tasks")
    sharing_changed.connect(record_sharing_change, dispatch_uid="events.sharing")
    user_registered.connect(record_registration, dispatch_uid="events.user_registered")
    user_logged_in.connect(record_login, dispatch_uid="events.user_login")
    user_updated.connect(record_user_update, dispatch_uid="events.user_updated")


def record(events: Sequence[tuple[types.EventData, UUID, int | None]]) -> list[OutboxEvent]:
    """Write events (what happened, whose it is, at which version) into the outbox, in this order.

    Raises TransactionManagementError outside a transaction: an event is never recorded apart from its change.
    Raises Unreadable for an event that nobody could read again: its change does not happen either.
    """
    connection = transaction.get_connection()
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "Events are recorded in the transaction of their change."
        )
    rows = []
    for data, key, sequence in events:
        envelope = envelop(data, key, sequence)
        text = encode(envelope)
        decode(text)
        rows.append(
            OutboxEvent(event_id=envelope.id, type=data.TYPE, key=key, sequence=sequence, envelope=text)
        )
    if len(rows) == 1:
        insert(rows[0])
    else:
        arrays.insert(rows)
    transaction.on_commit(relay_signal.wake)
    transaction.on_commit(partial(metrics.recorded, [row.type for row in rows]))
    return rows


# --- Tasks ---------------------------------------------------------------------------------------------


def record_task_changes(sender: object, changes: Sequence[TaskChange], **_: Any) -> None:
    record([(task_event(change), change.task.pk, change.task.version) for change in changes])


def task_event(change: TaskChange) -> types.EventData:
    """The event that tells of a change."""
    event = types.TASK_EVENT_TYPES[f"task.{change.kind}"]
    return event(
        actor=actor_ref(change.actor),
        occurred_at=change.occurred_at,
        task_id=change.task.pk,
        user_id=change.task.owner_id,
        version=change.task.version,
        changes=_changes(change.fields),
        task=task_state(change.task),
        **change.details,
    )


def task_state(task: Task) -> types.TaskState:
    """The whole task, as events carry it."""
    return types.TaskState(
        id=task.pk,
        title=task.title,
        description=task.description,
        status=cast("types.StatusWord", str(task.status)),
        priority=cast("types.PriorityWord", Priority(task.priority).word),
        tags=list(task.tags),
        due_date=task.due_date,
        due_all_day=task.due_all_day,
        reminders=list(task.reminders),
        project=task.project_id,
        project_name=task.project.name,
        assignee=task.assignee_id,
        parent=task.parent_id,
        position=task.position,
        recurring_task=task.recurring_task_id,
        occurrence_at=task.occurrence_at,
        completed_at=task.completed_at,
        deleted_at=task.deleted_at,
        created_at=task.created_at,
        updated_at=task.updated_at,
        version=task.version,
    )


def _changes(fields: Mapping[str, tuple[Any, Any]]) -> dict[str, types.Change]:
    return {
        name.removesuffix("_id"): types.Change(before=_plain(name, before), after=_plain(name, after))
        for name, (before, after) in fields.items()
    }


def _plain(name: str, value: Any) -> Any:
    """A value as JSON has it, in the words of the API."""
    if name == "priority":
        return Priority(value).word
    if isinstance(value, str):
        return str(value)  # a choice is a str of a class of its own
    return value if isinstance(value, (list, bool, int, datetime, UUID)) or value is None else str(value)


# --- Projects ------------------------------------------------------------------------------------------


def record_sharing_change(sender: object, change: SharingChange, **_: Any) -> None:
    details = dict(change.details)
    if "changes" in details:
        details["changes"] = _changes(details["changes"])
    event = types.PROJECT_EVENT_TYPES[f"project.{change.kind}"](
        actor=actor_ref(change.actor),
        occurred_at=clock.now(),
        project_id=change.project.pk,
        project_name=change.project.name,
        **details,
    )
    record([(event, change.project.pk, None)])


# --- Accounts ------------------------------------------------------------------------------------------


def record_registration(sender: object, user: User, actor: Actor, **_: Any) -> None:
    _record_user(
        types.UserRegistered(
            **_about(user, actor),
            email=user.email,
            display_name=user.display_name,
            time_zone=user.time_zone,
        )
    )


def record_login(sender: object, user: User, actor: Actor, **_: Any) -> None:
    _record_user(types.UserLogin(**_about(user, actor)))


def record_user_update(
    sender: object, user: User, actor: Actor, changes: Mapping[str, tuple[object, object]], **_: Any
) -> None:
    _record_user(types.UserUpdated(**_about(user, actor), changes=_changes(changes)))


def _record_user(event: types.UserEvent) -> None:
    record([(event, event.user_id, None)])


def _about(user: User, actor: Actor) -> dict[str, Any]:
    return {"user_id": user.pk, "actor": actor_ref(actor), "occurred_at": clock.now()}


def actor_ref(actor: Actor) -> types.ActorRef:
    return types.ActorRef(id=None if actor.id is None else UUID(actor.id), name=actor.name, via=actor.via)
