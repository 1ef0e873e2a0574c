"""``/api/statistics``: what a person created and completed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_schemas import answers
from accounts.strictness import StrictView
from events.models import Projection
from events.statistics.figures import Figures
from tasks.api.parameters import Parameter, documented, read_parameters

USUAL_DAYS: Final = 56
MOST_DAYS: Final = 366


def _day(text: str, _zone: ZoneInfo) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("Give a date, such as 2026-11-20.") from None


DATE: Final = {"type": "string", "format": "date"}
PARAMETERS: Final = {
    "from": Parameter(_day, f"The first day; without it, the {USUAL_DAYS} days up to `to`.", DATE),
    "to": Parameter(_day, "The last day; without it, today.", DATE),
}


class DayDocument(serializers.Serializer):
    date = serializers.DateField()
    created = serializers.IntegerField()
    completed = serializers.IntegerField()


class ProjectCount(serializers.Serializer):
    project_id = serializers.UUIDField()
    completed = serializers.IntegerField()


class TagCount(serializers.Serializer):
    tag = serializers.CharField()
    completed = serializers.IntegerField()


class StreakDocument(serializers.Serializer):
    """Days in a row on which something was completed. ``longest_ended`` is the last day of the longest."""

    current = serializers.IntegerField()
    longest = serializers.IntegerField()
    longest_ended = serializers.DateField(allow_null=True)


@extend_schema_serializer(component_name="Statistics")
class StatisticsDocument(serializers.Serializer):
    """Days are those of your own calendar when it happened. What was reopened since does not count as completed.

    ``with_due_date`` are the completed tasks that had one, ``on_time`` those of them that kept it. ``is_building`` says
    that earlier days are still being worked out.
    """

    first_day = serializers.DateField()
    last_day = serializers.DateField()
    is_building = serializers.BooleanField()
    created = serializers.IntegerField()
    completed = serializers.IntegerField()
    with_due_date = serializers.IntegerField()
    on_time = serializers.IntegerField()
    streak = StreakDocument()
    days = DayDocument(many=True)
    projects = ProjectCount(many=True)
    tags = TagCount(many=True)


def document(figures: Figures, today: date, is_building: bool) -> dict[str, Any]:
    total, longest = figures.total, figures.longest_streak
    days = figures.days(figures.first, figures.last)
    return {
        "first_day": figures.first,
        "last_day": figures.last,
        "is_building": is_building,
        "created": total.created,
        "completed": total.completed,
        "with_due_date": total.due,
        "on_time": total.on_time,
        "streak": {
            "current": figures.streak(today).days,
            "longest": longest.days,
            "longest_ended": longest.last,
        },
        "days": [{"date": day.day, "created": day.created, "completed": day.completed} for day in days],
        "projects": [{"project_id": key, "completed": number} for key, number in figures.by_project],
        "tags": [{"tag": tag, "completed": number} for tag, number in figures.by_tag],
    }


class StatisticsView(StrictView):
    """What you created and completed."""

    scope = "tasks"
    parameters = PARAMETERS

    @extend_schema(
        operation_id="read_statistics",
        parameters=documented(PARAMETERS),
        responses=answers(200, StatisticsDocument),
    )
    def get(self, request: Request) -> Response:
        """The figures of up to 366 days. What you do appears here a moment later, when its event has arrived."""
        given = read_parameters(request, PARAMETERS, self.user)
        today = self.user.today(timezone.now())
        last = given.get("to", today)
        first = given.get("from", last - timedelta(days=USUAL_DAYS - 1))
        if not 0 <= (last - first).days < MOST_DAYS:
            raise ValidationError({"from": [f"Give a day before `to`, by less than {MOST_DAYS} days."]})
        under_way = Projection.objects.shown().first()
        is_building = under_way is None or under_way.finished_at is None
        return Response(document(Figures(self.user, first, last), today, is_building))
