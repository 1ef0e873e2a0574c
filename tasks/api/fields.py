"""The values in the JSON about tasks: each kind checked strictly, with a sentence that says what would be right."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from functools import cache
from typing import Any, Final, NoReturn
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError as ModelError
from django.db.models import UUIDField
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from accounts.models import User
from accounts.strict_fields import MISSING, NULL, Text, Word
from tasks.api.documents import PRIORITY_RANKS, WEEKDAYS
from tasks.api.moments import NotAMoment, read_date, read_instant, read_moment
from tasks.given import Given, Lookup
from tasks.models import Project, Task
from tasks.models.reminder import clean_wishes
from tasks.models.tags import MAX_TAGS, TAG_LENGTH, clean_tags
from tasks.recurrence import Rule, RuleError, Weekday

POSITION: Final = re.compile(r"[0-9a-z]{1,64}")
TAG: Final = Text()
CLOCK: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?", re.ASCII)


class PriorityWord(Word):
    """A priority as a word; its value is the rank that the database sorts by."""

    def __init__(self, **how: Any) -> None:
        super().__init__(tuple(PRIORITY_RANKS), **how)

    def to_internal_value(self, data: Any) -> Any:
        return PRIORITY_RANKS[super().to_internal_value(data)]


class PersonalField(serializers.Field):
    """A field whose meaning depends on the person: ``user`` is in the serializer's context."""

    default_error_messages = {**NULL, **MISSING}

    @property
    def user(self) -> User:
        user: User = self.context["user"]
        return user

    @property
    def zone(self) -> ZoneInfo:
        return self.user.zone

    def refuse(self, reason: Exception | str) -> NoReturn:
        raise ValidationError(str(reason))


@extend_schema_field({"anyOf": [{"type": "string", "format": f} for f in ("date-time", "date")]})
class Moment(PersonalField):
    """A date, or an instant. Without an offset it is on the person's own clock."""

    def to_internal_value(self, data: Any) -> date | datetime:
        try:
            return read_moment(data, self.zone)
        except NotAMoment as error:
            self.refuse(error)


@extend_schema_field({"type": "string", "format": "date-time"})
class Instant(PersonalField):
    """An instant. Without an offset it is on the person's own clock."""

    def to_internal_value(self, data: Any) -> datetime:
        try:
            return read_instant(data, self.zone)
        except NotAMoment as error:
            self.refuse(error)


@extend_schema_field({"type": "string", "format": "date"})
class Day(PersonalField):
    """A date."""

    def to_internal_value(self, data: Any) -> date:
        try:
            return read_date(data)
        except NotAMoment as error:
            self.refuse(error)


@extend_schema_field({"type": "string", "pattern": r"^\d\d:\d\d(:\d\d)?$", "example": "09:00"})
class Clock(PersonalField):
    """A time of day on a local clock."""

    def to_internal_value(self, data: Any) -> time:
        if not isinstance(data, str) or not CLOCK.fullmatch(data):
            self.refuse("Give a time of day such as 09:00, or null for the whole day.")
        return time.fromisoformat(data)


class ListField(PersonalField):
    """A JSON list."""

    def items(self, data: Any) -> list[Any]:
        if not isinstance(data, list):
            self.refuse("Give a list, in brackets.")
        return data


@extend_schema_field(
    {"type": "array", "maxItems": MAX_TAGS, "items": {"type": "string", "maxLength": TAG_LENGTH}}
)
class Tags(ListField):
    """Words without commas; an @ before one is dropped, as are repetitions."""

    def to_internal_value(self, data: Any) -> list[str]:
        tags = [TAG.run_validation(tag) for tag in self.items(data)]
        try:
            return clean_tags(tags)
        except ModelError as error:
            self.refuse(error.messages[0])


@extend_schema_field(
    {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "id": {"type": "string", "format": "uuid"},
                "at": {"type": "string", "format": "date-time"},
                "minutes_before": {"type": "integer", "minimum": 0},
            },
        },
    }
)
class Reminders(ListField):
    """Each is ``{"at": instant}`` or ``{"minutes_before": whole number}``.

    One that is sent back with its id, or says the same as one that is there, stays that reminder, so it does
    not fire again. Other ids are replaced by new ones.
    """

    def to_internal_value(self, data: Any) -> list[dict[str, Any]]:
        try:
            return keep_identities(
                clean_wishes(self._wish(wish) for wish in self.items(data)), self._present()
            )
        except ModelError as error:
            self.refuse(error.messages[0])

    def _present(self) -> list[dict[str, Any]]:
        return list(getattr(self.root.instance, "reminders", []))

    def _wish(self, wish: Any) -> dict[str, Any]:
        if not isinstance(wish, dict):
            self.refuse('Each reminder is {"at": an instant} or {"minutes_before": a whole number}.')
        try:
            at = None if wish.get("at") is None else read_instant(wish["at"], self.zone)
        except NotAMoment as error:
            self.refuse(error)
        return {**wish, "at": at}


def keep_identities(wishes: list[dict[str, Any]], present: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The wishes with the ids of those that are there already, and fresh ids for all others."""
    free = {wish["id"]: wish for wish in present}
    kept: dict[int, str] = {}
    for is_same in (_equal, _same_id):
        for number, wish in enumerate(wishes):
            match = next((old["id"] for old in free.values() if is_same(old, wish)), None)
            if number not in kept and match is not None:
                kept[number] = match
                del free[match]
    return clean_wishes({**wish, "id": kept.get(number)} for number, wish in enumerate(wishes))


def _equal(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return {**one, "id": None} == {**other, "id": None}


def _same_id(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return bool(one["id"] == other["id"])


@cache
def editable_project() -> Lookup[Project]:
    """The project with an ``id`` whose tasks a ``user`` may change; every new task asks for one."""
    person: Any = Given("user", UUIDField())
    return Lookup(Project.objects.editable_by(person).filter(pk=Given("id", UUIDField())))


@extend_schema_field({"type": "string", "format": "uuid"})
class ProjectId(PersonalField):
    """A project whose tasks the person may change."""

    def to_internal_value(self, data: Any) -> Project:
        key = read_id(data)
        project = editable_project().find(id=key, user=self.user.pk) if key else None
        if project is None:
            self.refuse("There is no project with this id that you may add tasks to.")
        if project.owner_id == self.user.pk:
            project.owner = self.user
        return project


@extend_schema_field({"type": "string", "format": "uuid"})
class PersonId(PersonalField):
    """Somebody who is in a project with the person; the task checks that it is its own."""

    def to_internal_value(self, data: Any) -> User:
        people = User.objects.filter(memberships__project__memberships__user=self.user)
        person = people.filter(pk=key).first() if (key := read_id(data)) else None
        return person or self.refuse("There is no member of the project with this id.")


@extend_schema_field({"type": "string", "format": "uuid"})
class ParentId(PersonalField):
    """A task that this one is a part of."""

    def to_internal_value(self, data: Any) -> Task:
        tasks = Task.objects.editable_by(self.user).select_related("project__owner", "parent")
        task = tasks.filter(pk=key).first() if (key := read_id(data)) else None
        return task or self.refuse("There is no task with this id that you may add a part to.")


@extend_schema_field({"type": "string", "example": "FREQ=WEEKLY;BYDAY=MO,TH"})
class RuleText(PersonalField):
    """daily, weekly, monthly, yearly, or a rule of RFC 5545."""

    def to_internal_value(self, data: Any) -> Rule:
        if not isinstance(data, str):
            self.refuse("Give daily, weekly, monthly, yearly, or a rule such as FREQ=WEEKLY;BYDAY=MO.")
        try:
            return Rule.parse(data)
        except RuleError as error:
            self.refuse(error)


@extend_schema_field({"type": "array", "items": {"type": "string", "enum": list(WEEKDAYS)}})
class Weekdays(ListField):
    """Days of the week, as words."""

    def to_internal_value(self, data: Any) -> list[Weekday]:
        words = self.items(data)
        if any(word not in WEEKDAYS for word in words):
            self.refuse(f"Give a list of: {', '.join(WEEKDAYS)}.")
        return [Weekday(WEEKDAYS.index(word)) for word in words]


@extend_schema_field({"type": "string", "pattern": "^[0-9a-z]{1,64}$"})
class Position(PersonalField):
    """Where a task stands among others that are sorted by hand: a fraction in base 36 without its "0."."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or not POSITION.fullmatch(data):
            self.refuse("Give 1 to 64 of the characters 0-9 and a-z.")
        return data


def read_id(data: Any) -> UUID | None:
    """The id, or None for what is none."""
    try:
        return UUID(data) if isinstance(data, str) else None
    except ValueError:
        return None
