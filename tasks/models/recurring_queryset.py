"""Sets of series: who sees and changes which, and what is due."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import connections, models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from tasks.models.task_queryset import WRITE_ROLES

if TYPE_CHECKING:
    from tasks.models.recurring import RecurringTask


class RecurringTaskQuerySet(models.QuerySet["RecurringTask"]):
    def visible_to(self, user: User) -> RecurringTaskQuerySet:
        return self.filter(project__memberships__user=user, project__deleted_at=None, deleted_at=None)

    def editable_by(self, user: User) -> RecurringTaskQuerySet:
        # One filter: in two, the person and the role could be of different memberships.
        return self.filter(
            project__memberships__user=user,
            project__memberships__role__in=WRITE_ROLES,
            project__deleted_at=None,
            deleted_at=None,
        )

    def check_editable(self, series: RecurringTask, user: User) -> None:
        """Raise ValidationError where a person may change an occurrence, but not its series elsewhere."""
        if not self.editable_by(user).filter(pk=series.pk).exists():
            raise ValidationError(_("The series of this task is in a project that you may not change."))

    def due(self, now: datetime) -> RecurringTaskQuerySet:
        """Series whose next occurrence should exist by now (served by ``pending_occurrences``)."""
        return self.filter(is_active=True, create_at__lte=now).order_by("create_at")

    def locked(self) -> RecurringTaskQuerySet:
        """Lock the rows until the transaction ends; SQLite's one writer is lock enough."""
        if connections[self.db].features.has_select_for_update:
            return self.select_for_update(of=("self",), no_key=True)  # a new occurrence may refer to these
        return self
