"""What happens to accounts, for whoever wants to know. ``events`` turns these into user events."""

from django.dispatch import Signal

# Each is sent inside the transaction of the change, with user: User and actor: Actor.
user_registered = Signal()
user_logged_in = Signal()
# Also changes: dict[str, tuple[object, object]], each changed field with its value before and after.
user_updated = Signal()
