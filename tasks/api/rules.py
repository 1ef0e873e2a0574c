"""Recurrence rules as the API takes them: as a rule, or as a type with an interval and weekdays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from rest_framework.exceptions import ValidationError

from tasks.recurrence import ByDay, Frequency, Rule, RuleError, Skip

TYPES: Final = ("daily", "weekly", "monthly", "yearly")
PARTS: Final = ("recurrence_type", "recurrence_interval", "weekdays")
SHORTEST_MONTH: Final = 28  # days


def stated(rule: Rule) -> dict[str, Any]:
    """A rule as type, interval and weekdays, as far as these can say it."""
    days = [] if any(day.ordinal for day in rule.by_day) else [day.weekday for day in rule.by_day]
    return {"recurrence_type": rule.freq.lower(), "recurrence_interval": rule.interval, "weekdays": days}


def clamped(rule: Rule, start: date) -> Rule:
    """A plain monthly or yearly rule from the 29th on takes the last day of months that are shorter.

    RFC 5545 leaves such months out, which nobody means who says "monthly" on the 31st; who does can give
    BYMONTHDAY=31.
    """
    is_plain = rule.freq in (Frequency.MONTHLY, Frequency.YEARLY) and not rule.selects_days
    return rule.replace(skip=Skip.BACKWARD) if is_plain and start.day > SHORTEST_MONTH else rule


def chosen_rule(values: Mapping[str, Any], present: Rule | None, partial: bool) -> Rule:
    """The rule that input asks for, where a series has ``present`` (None for a new one).

    What is sent back as it was asks for nothing. Raises ValidationError where the rule and the other fields
    contradict each other, or nothing is given.
    """
    given = {name: values[name] for name in PARTS if name in values}
    rule: Rule | None = values.get("rrule")
    if present is not None and (partial or rule is not None):
        before = stated(present)
        given = {name: value for name, value in given.items() if value != before[name]}
        rule = None if given and rule == present else rule
    else:
        present = None
    if rule is None:
        return _assembled(given, present)
    after = stated(rule)
    if different := [name for name, value in given.items() if value != after[name]]:
        raise ValidationError(
            {name: ["This is not what rrule says. Give one of them."] for name in different}
        )
    return rule


def _assembled(given: Mapping[str, Any], present: Rule | None) -> Rule:
    if present is None and "recurrence_type" not in given:
        raise ValidationError({"recurrence_type": [f"Give one of: {', '.join(TYPES)}; or an rrule."]})
    base = present
    if "recurrence_type" in given:
        ending = present or Rule(Frequency.DAILY)
        base = Rule(Frequency(given["recurrence_type"].upper()), count=ending.count, until=ending.until)
    assert base is not None  # noqa: S101  (one of the two was given)
    changes: dict[str, Any] = {"interval": given.get("recurrence_interval", base.interval)}
    if "weekdays" in given:
        if given["weekdays"] and base.freq is not Frequency.WEEKLY:
            raise ValidationError({"weekdays": ["Weekdays go with recurrence_type weekly."]})
        changes["by_day"] = tuple(ByDay(day) for day in given["weekdays"])
    try:
        return base.replace(**changes)
    except RuleError as error:
        raise ValidationError({"rrule": [str(error)]}) from error
