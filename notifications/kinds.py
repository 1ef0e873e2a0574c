"""What people are told about, the channels that reach them, and what is on until they choose otherwise."""

from collections.abc import Mapping

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    REMINDER = "reminder", _("Reminder")
    DUE_SOON = "due_soon", _("Due soon")
    OVERDUE = "overdue", _("Overdue")
    ASSIGNED = "assigned", _("Assigned to you")
    MENTIONED = "mentioned", _("Mentioned")


class Channel(models.TextChoices):
    IN_APP = "in_app", _("In-app")
    EMAIL = "email", _("Email")


WHEN: Mapping[Kind, Promise] = {
    Kind.REMINDER: _("at the time you set"),
    Kind.DUE_SOON: _("24 hours before"),
    Kind.OVERDUE: _("when the time has passed"),
    Kind.ASSIGNED: _("when somebody else gives you a task"),
    Kind.MENTIONED: _("when a comment names you"),
}
DEFAULTS: Mapping[Kind, frozenset[Channel]] = {
    Kind.REMINDER: frozenset({Channel.IN_APP, Channel.EMAIL}),
    Kind.DUE_SOON: frozenset(),
    Kind.OVERDUE: frozenset({Channel.IN_APP}),
    Kind.ASSIGNED: frozenset({Channel.IN_APP, Channel.EMAIL}),
    Kind.MENTIONED: frozenset({Channel.IN_APP, Channel.EMAIL}),
}
