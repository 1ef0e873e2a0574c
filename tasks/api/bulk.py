"""``POST /api/tasks/bulk``: one change of many tasks, and its undoing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError as ModelError
from drf_spectacular.utils import extend_schema, extend_schema_field, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import Actor
from accounts.api_schemas import answers
from accounts.models import User
from accounts.strict_fields import Word
from accounts.strictness import NoInput, StrictSerializer, StrictView
from tasks import many
from tasks.api.documents import PRIORITY_RANKS
from tasks.api.fields import ListField, editable_project, read_id
from tasks.api.moments import read_moment, stored
from tasks.api.schemas import ID
from tasks.many import Done
from tasks.models import Batch
from tasks.models.tags import clean_tags
from tasks.wishes import Wish

MISSPELT: Final = "Give a list of objects like {“id”: …, “version”: 3}; the version may be left out."


def _due(value: Any, user: User) -> Wish:
    return Wish.due(*stored(None if value is None else read_moment(value, user.zone)))


def _priority(value: Any, _user: User) -> Wish:
    if not isinstance(value, str) or value not in PRIORITY_RANKS:
        raise ValueError(f"Give one of: {', '.join(PRIORITY_RANKS)}.")
    return Wish("priority", int(PRIORITY_RANKS[value]))


def _project(value: Any, user: User) -> Wish:
    key = read_id(value)
    if key is None or editable_project().find(id=key, user=user.pk) is None:
        raise ValueError("There is no project with this id that you may add tasks to.")
    return Wish("project", str(key))


def _tag(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("Give a tag, in quotes.")
    try:
        return clean_tags([value])[0]
    except ModelError as error:
        raise ValueError(error.messages[0]) from None


ACTIONS: Final[Mapping[str, Wish]] = {name: Wish(name) for name in ("complete", "reopen", "delete")}
SETTINGS: Final[Mapping[str, Callable[[Any, User], Wish]]] = {
    "due_date": _due,
    "priority": _priority,
    "project": _project,
    "add_tag": lambda value, _user: Wish("add_tag", _tag(value)),
    "remove_tag": lambda value, _user: Wish("remove_tag", _tag(value)),
}


@extend_schema_field(
    {
        "type": "array",
        "minItems": 1,
        "maxItems": many.MOST,
        "items": {
            "type": "object",
            "required": ["id"],
            "properties": {"id": {"type": "string", "format": "uuid"}, "version": {"type": "integer"}},
        },
    }
)
class TaskIds(ListField):
    """Tasks, each with the version at which it must be."""

    def to_internal_value(self, data: Any) -> dict[UUID, int | None]:
        found = dict(self._one(item) for item in self.items(data))
        if not 1 <= len(found) <= many.MOST:
            self.refuse(f"Give 1 to {many.MOST} tasks.")
        return found

    def _one(self, item: Any) -> tuple[UUID, int | None]:
        if not isinstance(item, dict) or item.keys() - {"id", "version"}:
            self.refuse(MISSPELT)
        key, version = read_id(item.get("id")), item.get("version")
        if key is None or not (
            version is None or (isinstance(version, int) and not isinstance(version, bool))
        ):
            self.refuse(MISSPELT)
        return key, version


@extend_schema_field({})
class Value(serializers.Field):
    """What a setting is set to, checked by the action."""

    def to_internal_value(self, data: Any) -> Any:
        return data


class ChangeInput(StrictSerializer):
    """What to do to each of many tasks."""

    action = Word((*ACTIONS, *SETTINGS))
    value = Value(
        required=False,
        allow_null=True,
        help_text="A date, an instant or null for `due_date`, a word for `priority`, an id for `project`, a tag for "
        "`add_tag` and `remove_tag`. The other actions need none.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        action = attrs["action"]
        if (action in SETTINGS) != ("value" in attrs):
            raise ValidationError(
                {"value": ["This action needs a value." if action in SETTINGS else "Leave it out."]}
            )
        try:
            attrs["wish"] = ACTIONS.get(action) or SETTINGS[action](attrs["value"], self.context["user"])
        except ValueError as error:
            raise ValidationError({"value": [str(error)]}) from None
        return attrs


class BulkInput(ChangeInput):
    """A change of many tasks."""

    tasks = TaskIds()


OutcomeDocument = inline_serializer(
    "Outcome",
    {
        "id": serializers.UUIDField(),
        "title": serializers.CharField(help_text="Empty where you may not see the task."),
        "result": serializers.ChoiceField(
            ["changed", "unchanged", "stale", "read_only", "missing", "refused"]
        ),
        "version": serializers.IntegerField(allow_null=True),
        "detail": serializers.CharField(help_text="Why it was not changed."),
    },
    many=True,
)
DoneDocument = inline_serializer(
    "BulkResult",
    {
        "results": OutcomeDocument,
        "undo": serializers.UUIDField(
            allow_null=True,
            help_text="For `/api/tasks/bulk/{id}/undo`, within a day; null where nothing changed.",
        ),
    },
)


def done_document(done: Done) -> dict[str, Any]:
    results = [{name: getattr(each, name) for name in each.__dataclass_fields__} for each in done.outcomes]
    return {"results": results, "undo": done.batch.pk if done.batch else None}


class TasksBulk(StrictView):
    """One change of many tasks."""

    scope = "tasks"

    @extend_schema(operation_id="change_tasks", request=BulkInput, responses=answers(200, DoneDocument))
    def post(self, request: Request) -> Response:
        """Change up to 200 tasks in one transaction. The results name what cannot be changed; the rest is done."""
        given = BulkInput(data=request.data, context={"user": self.user})
        given.is_valid(raise_exception=True)
        tasks, change = given.validated_data["tasks"], given.validated_data["wish"].change(self.user)
        return Response(done_document(many.change_many(tasks, change, self.user, Actor.of(self.user, "api"))))


class TasksBulkUndo(StrictView):
    """What was changed at once is taken back at once."""

    scope = "tasks"

    @extend_schema(
        operation_id="undo_change_of_tasks",
        parameters=[ID],
        request=None,
        responses=answers(200, DoneDocument, 404),
    )
    def post(self, request: Request, id: str) -> Response:
        """Give the tasks back what they had. A task that was changed again since stays as it is."""
        NoInput(data=request.data).is_valid(raise_exception=True)
        try:
            done = many.undo(UUID(id), self.user, Actor.of(self.user, "api"))
        except Batch.DoesNotExist:
            raise NotFound("There is nothing with this id to take back, or not any more.") from None
        return Response(done_document(done))
