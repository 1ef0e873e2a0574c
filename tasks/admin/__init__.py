"""Tasks for support staff. What is changed here is recorded as anywhere else, through the door "admin"."""

from tasks.admin.attachment import AttachmentAdmin
from tasks.admin.project import ProjectAdmin
from tasks.admin.recurring import RecurringTaskAdmin
from tasks.admin.reminder import ReminderAdmin
from tasks.admin.task import TaskAdmin

__all__ = ["AttachmentAdmin", "ProjectAdmin", "RecurringTaskAdmin", "ReminderAdmin", "TaskAdmin"]
