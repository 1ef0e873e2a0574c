"""The events: one strict, frozen, versioned type each. An unknown field is an error.

``EVENT_TYPES`` maps a CloudEvents ``type`` to its class. A change of a class that old readers cannot read
needs a new ``VERSION``; the JSON Schemas in ``events/schemas/`` are made from these classes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from msgspec import Meta, Struct

Instant = Annotated[datetime, Meta(tz=True)]
Version = Annotated[int, Meta(ge=1)]
Seconds = Annotated[int, Meta(ge=0)]
StatusWord = Literal["pending", "in_progress", "completed"]
PriorityWord = Literal["low", "medium", "high", "urgent"]
RoleWord = Literal["viewer", "editor", "owner"]


class Strict(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every part of an event is: immutable and closed."""


class ActorRef(Strict, frozen=True):
    """Who did it (``id`` is None for the system) and through which door."""

    id: UUID | None
    name: str
    via: Literal["web", "api", "admin", "system"]


class Change(Strict, frozen=True, rename={"before": "from", "after": "to"}):
    """One changed field."""

    before: Any
    after: Any


class TaskState(Strict, frozen=True):
    """The whole task after the event. A date without a time is midnight UTC with ``due_all_day``."""

    id: UUID
    title: str
    description: str
    status: StatusWord
    priority: PriorityWord
    tags: list[str]
    due_date: Instant | None
    due_all_day: bool
    reminders: list[dict[str, Any]]
    project: UUID
    project_name: str
    assignee: UUID | None
    parent: UUID | None
    position: str
    recurring_task: UUID | None
    occurrence_at: Instant | None
    completed_at: Instant | None
    deleted_at: Instant | None
    created_at: Instant
    updated_at: Instant
    version: Version


class EventData(Strict, frozen=True):
    """The ``data`` of a CloudEvent."""

    TYPE: ClassVar[str]
    VERSION: ClassVar[int] = 1
    AGGREGATE: ClassVar[Literal["task", "project", "user", "notification"]]

    actor: ActorRef
    occurred_at: Instant


class TaskEvent(EventData, frozen=True):
    """What all task events say. ``version`` is the task's, so a task's events have no gaps."""

    AGGREGATE = "task"

    task_id: UUID
    user_id: UUID
    version: Version
    changes: dict[str, Change]
    task: TaskState


class TaskCreated(TaskEvent, frozen=True):
    TYPE = "task.created"


class TaskUpdated(TaskEvent, frozen=True):
    TYPE = "task.updated"


class TaskCompleted(TaskEvent, frozen=True):
    TYPE = "task.completed"


class TaskReopened(TaskEvent, frozen=True):
    TYPE = "task.reopened"


class TaskDeleted(TaskEvent, frozen=True):
    TYPE = "task.deleted"


class TaskRestored(TaskEvent, frozen=True):
    TYPE = "task.restored"


class TaskDueSoon(TaskEvent, frozen=True):
    """The task is due within 24 hours."""

    TYPE = "task.due_soon"

    deadline_at: Instant
    late_seconds: Seconds


class TaskOverdue(TaskEvent, frozen=True):
    TYPE = "task.overdue"

    deadline_at: Instant
    late_seconds: Seconds


class TaskReminderDue(TaskEvent, frozen=True):
    """A reminder fired. ``late_seconds`` says how long after ``fire_at`` (downtime), 0 when on time."""

    TYPE = "task.reminder.due"

    reminder_id: UUID
    fire_at: Instant
    late_seconds: Seconds


class TaskRecurringTriggered(TaskEvent, frozen=True):
    """The task is a new occurrence of a series."""

    TYPE = "task.recurring.triggered"

    recurring_task_id: UUID
    occurrence_at: Instant


class TaskAssigned(TaskEvent, frozen=True):
    """The task has another assignee, who is in ``task``. Other fields may have changed with that."""

    TYPE = "task.assigned"


class CommentEvent(TaskEvent, frozen=True):
    comment_id: UUID


class CommentWritten(CommentEvent, frozen=True):
    """``mentions`` are the members whom the text names, and did not name before."""

    text: str
    mentions: list[UUID]


class TaskCommented(CommentWritten, frozen=True):
    TYPE = "task.commented"


class TaskCommentEdited(CommentWritten, frozen=True):
    TYPE = "task.comment.edited"


class TaskCommentDeleted(CommentEvent, frozen=True):
    TYPE = "task.comment.deleted"


class AttachmentEvent(TaskEvent, frozen=True):
    """``name`` is what the file is called; where it is stored is nobody's business."""

    attachment_id: UUID
    name: str


class TaskAttachmentAdded(AttachmentEvent, frozen=True):
    """``content_type`` is what was found in the file, ``size`` its bytes, ``sha256`` their hash in hexadecimal."""

    TYPE = "task.attachment.added"

    size: Annotated[int, Meta(ge=0)]
    content_type: str
    sha256: str


class TaskAttachmentRemoved(AttachmentEvent, frozen=True):
    TYPE = "task.attachment.removed"


class ProjectEvent(EventData, frozen=True):
    """What all project events say: who shares it, and what became of it. Its tasks have events of their own."""

    AGGREGATE = "project"

    project_id: UUID
    project_name: str


class ProjectMemberEvent(ProjectEvent, frozen=True):
    member_id: UUID
    member_name: str


class ProjectMemberAdded(ProjectMemberEvent, frozen=True):
    """Somebody is in the project now, by an invitation or because staff added them."""

    TYPE = "project.member.added"

    role: RoleWord
    invitation_id: UUID | None


class ProjectMemberChanged(ProjectMemberEvent, frozen=True):
    """A member has another role."""

    TYPE = "project.member.changed"

    changes: dict[str, Change]


class ProjectMemberRemoved(ProjectMemberEvent, frozen=True):
    """Somebody left or was removed; ``role`` is what they were."""

    TYPE = "project.member.removed"

    role: RoleWord


class ProjectHandedOver(ProjectEvent, frozen=True):
    """The project goes by another owner's clock now, who hears of tasks that are nobody's."""

    TYPE = "project.handed_over"

    owner_id: UUID
    owner_name: str


class ProjectInvitationEvent(ProjectEvent, frozen=True):
    """``invitation_id`` names the invitation, which has the address."""

    invitation_id: UUID
    role: RoleWord


class ProjectInvitationSent(ProjectInvitationEvent, frozen=True):
    TYPE = "project.invitation.sent"


class ProjectInvitationRevoked(ProjectInvitationEvent, frozen=True):
    TYPE = "project.invitation.revoked"


class ProjectDeleted(ProjectEvent, frozen=True):
    """The project is closed; each of its tasks has an event of its own."""

    TYPE = "project.deleted"


class UserEvent(EventData, frozen=True):
    AGGREGATE = "user"

    user_id: UUID


class UserRegistered(UserEvent, frozen=True):
    TYPE = "user.registered"

    email: str
    display_name: str
    time_zone: str


class UserLogin(UserEvent, frozen=True):
    TYPE = "user.login"


class UserUpdated(UserEvent, frozen=True):
    TYPE = "user.updated"

    changes: dict[str, Change]


class NotificationEvent(EventData, frozen=True):
    """A delivery of a notification to a person through one channel was decided."""

    AGGREGATE = "notification"

    notification_id: UUID
    delivery_id: UUID
    user_id: UUID
    kind: str
    title: str
    body: str
    url: str


class NotificationInApp(NotificationEvent, frozen=True):
    TYPE = "notification.in_app"


class NotificationEmail(NotificationEvent, frozen=True):
    TYPE = "notification.email"


EVENT_CLASSES: tuple[type[EventData], ...] = (
    TaskCreated,
    TaskUpdated,
    TaskCompleted,
    TaskReopened,
    TaskDeleted,
    TaskRestored,
    TaskDueSoon,
    TaskOverdue,
    TaskReminderDue,
    TaskRecurringTriggered,
    TaskAssigned,
    TaskCommented,
    TaskCommentEdited,
    TaskCommentDeleted,
    TaskAttachmentAdded,
    TaskAttachmentRemoved,
    ProjectMemberAdded,
    ProjectMemberChanged,
    ProjectMemberRemoved,
    ProjectHandedOver,
    ProjectInvitationSent,
    ProjectInvitationRevoked,
    ProjectDeleted,
    UserRegistered,
    UserLogin,
    UserUpdated,
    NotificationInApp,
    NotificationEmail,
)
EVENT_TYPES: dict[str, type[EventData]] = {event.TYPE: event for event in EVENT_CLASSES}
TASK_EVENT_TYPES = {event.TYPE: event for event in EVENT_CLASSES if issubclass(event, TaskEvent)}
TASK_EVENTS = frozenset(TASK_EVENT_TYPES)
PROJECT_EVENT_TYPES = {event.TYPE: event for event in EVENT_CLASSES if issubclass(event, ProjectEvent)}
PROJECT_EVENTS = frozenset(PROJECT_EVENT_TYPES)
USER_EVENTS = frozenset(name for name, event in EVENT_TYPES.items() if event.AGGREGATE == "user")
