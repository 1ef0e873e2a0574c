from tasks.models.attachment import Attachment
from tasks.models.batch import Batch
from tasks.models.comment import Comment
from tasks.models.dated import Anchor
from tasks.models.invitation import Invitation
from tasks.models.job import Job
from tasks.models.project import Membership, Project, Role
from tasks.models.recurring import RecurringTask
from tasks.models.reminder import Reminder
from tasks.models.saved_filter import SavedFilter
from tasks.models.task import Priority, Status, Task

__all__ = [
    "Anchor",
    "Attachment",
    "Batch",
    "Comment",
    "Invitation",
    "Job",
    "Membership",
    "Priority",
    "Project",
    "RecurringTask",
    "Reminder",
    "Role",
    "SavedFilter",
    "Status",
    "Task",
]
