"""The one signal that every change of a task goes out by."""

from django.dispatch import Signal

# Sent inside the transaction of the change, with changes: Sequence[tasks.changes.TaskChange].
# A receiver that raises undoes the change: a change without its event does not exist.
tasks_changed = Signal()
