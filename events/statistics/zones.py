"""On which clock somebody lived when an event happened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, datetime, tzinfo
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.models import User
from events.models import UserEventLog


class Zones:
    """The time zones of some people, from an instant on. Two queries, however many people there are.

    A person's present zone, gone back by each change of it that the event log tells of.
    """

    def __init__(self, people: Collection[UUID], since: datetime) -> None:
        self._now = dict(User.objects.filter(pk__in=people).values_list("pk", "time_zone"))
        self._changes: dict[UUID, list[tuple[datetime, str]]] = defaultdict(list)
        rows = UserEventLog.objects.filter(user_id__in=people, occurred_at__gt=since, type="user.updated")
        for user_id, at, data in rows.order_by("occurred_at").values_list("user_id", "occurred_at", "data"):
            if change := data["changes"].get("time_zone"):
                self._changes[user_id].append((at, change["from"]))

    def at(self, user_id: UUID, instant: datetime) -> tzinfo:
        """The zone of a person at an instant; UTC for somebody who is no more."""
        before = (zone for at, zone in self._changes[user_id] if at > instant)
        name = next(before, self._now.get(user_id))
        return ZoneInfo(name) if name else UTC
