"""``/api/me``: the person that a token or session acts for."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.conf import settings
from django.db import transaction
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import Actor
from accounts.api_schemas import answers
from accounts.models import User, WeekStart, validate_time_zone
from accounts.strict_fields import Line, Text, Truth, Word
from accounts.strictness import StrictSerializer, StrictView

WEEK_STARTS: Final = {day.name.lower(): int(day) for day in WeekStart}


class WeekStartWord(Word):
    """monday, saturday or sunday; its value is the number that is stored."""

    def to_internal_value(self, data: Any) -> Any:
        return WEEK_STARTS[super().to_internal_value(data)]


class MeInput(StrictSerializer):
    """What a person may change about themselves here. The e-mail address is changed in the browser."""

    display_name = Line(80)
    time_zone = Text(validators=[validate_time_zone], help_text="An IANA name such as Europe/Berlin.")
    locale = Word(list(dict(settings.LANGUAGES)))
    week_start = WeekStartWord(tuple(WEEK_STARTS))
    keyboard_shortcuts = Truth(help_text="Whether single keys do something in the pages.")

    output_only: ClassVar[frozenset[str]] = frozenset({"id", "email", "is_staff", "date_joined"})


@extend_schema_serializer(component_name="Me")
class MeDocument(serializers.Serializer):
    """You."""

    id = serializers.UUIDField()
    email = serializers.EmailField()
    display_name = serializers.CharField()
    time_zone = serializers.CharField()
    locale = serializers.CharField()
    week_start = serializers.ChoiceField(tuple(WEEK_STARTS))
    keyboard_shortcuts = serializers.BooleanField()
    is_staff = serializers.BooleanField()
    date_joined = serializers.DateTimeField()


def document(user: User) -> dict[str, Any]:
    return {
        "id": user.pk,
        "email": user.email,
        "display_name": user.display_name,
        "time_zone": user.time_zone,
        "locale": user.locale,
        "week_start": WeekStart(user.week_start).name.lower(),
        "keyboard_shortcuts": user.keyboard_shortcuts,
        "is_staff": user.is_staff,
        "date_joined": user.date_joined,
    }


class Me(StrictView):
    """Who you are to this application."""

    scope = "profile"

    @extend_schema(operation_id="read_me", responses=answers(200, MeDocument))
    def get(self, request: Request) -> Response:
        return Response(document(self.user))

    @extend_schema(operation_id="change_me", request=MeInput, responses=answers(200, MeDocument))
    def patch(self, request: Request) -> Response:
        """Change the fields that are given. After a change of time zone, dates follow the new one."""
        with transaction.atomic():
            user = User.objects.select_for_update(no_key=True).get(pk=self.user.pk)
            context = {"current": lambda: document(user)}
            given = MeInput(user, data=request.data, partial=True, context=context)
            given.is_valid(raise_exception=True)
            for name, value in given.validated_data.items():
                setattr(user, name, value)
            user.save(by=Actor.of(user, "api"), update_fields=list(given.validated_data))
        return Response(document(user))
