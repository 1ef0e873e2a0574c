"""The signals that every change of a task, and of who shares a project, goes out by."""

from django.dispatch import Signal

# Sent inside the transaction of the change, with changes: Sequence[tasks.changes.TaskChange].
# A receiver that raises undoes the change: a change without its event does not exist.
tasks_changed = Signal()

# As above, with change: tasks.sharing_changes.SharingChange.
sharing_changed = Signal()
