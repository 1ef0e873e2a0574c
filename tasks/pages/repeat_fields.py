"""How often something repeats, as fields of a form: the simple cases by choosing, every other one in words."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from tasks.models import Anchor, RecurringTask
from tasks.pages.dates import DateField, TimeInput, read_words
from tasks.recurrence import ByDay, Frequency, Rule, RuleError, Schedule, Skip, Weekday

UNITS = {
    "day": Frequency.DAILY,
    "week": Frequency.WEEKLY,
    "month": Frequency.MONTHLY,
    "year": Frequency.YEARLY,
}
SHORTEST_MONTH = 28  # days; what comes later in a month falls on its last day where it does not exist
MAX_EVERY = 1000  # periods between two occurrences
MAX_TIMES = 10_000  # occurrences of a series that ends after a number of them


@dataclass(frozen=True)
class Repetition:
    """What such fields say. ``start`` is the local date from which the rule counts."""

    rule: Rule
    anchor: str
    start: datetime.date
    time: datetime.time | None

    @classmethod
    def of(cls, series: RecurringTask) -> Repetition:
        """A series' own, with its last date as part of its rule."""
        rule = series.rule
        if series.end_date is not None and rule.until is None and rule.count is None:
            rule = rule.replace(until=series.end_date)
        return cls(rule, series.anchor, series.start_date, series.start_time)

    def columns(self) -> dict[str, Any]:
        """The fields of a series that it sets."""
        return {
            "rrule": str(self.rule),
            "anchor": self.anchor,
            "start_date": self.start,
            "start_time": self.time,
            "end_date": None,
        }


class RepeatFields(forms.Form):
    """Fields that state a repetition; ``repetition`` is what they say once they are valid."""

    words = forms.CharField(
        label=_("In words"),
        required=False,
        max_length=500,
        widget=forms.TextInput({"autocomplete": "off", "placeholder": _("every 2 weeks on friday")}),
        help_text=_(
            "Like “every weekday”, “every last day”, “every! 3 days”, or an RRULE. They win over “Every”."
        ),
    )
    every = forms.IntegerField(
        label=_("Every"), required=False, min_value=1, max_value=MAX_EVERY,
        widget=forms.NumberInput({"inputmode": "numeric"}),
    )  # fmt: skip
    unit = forms.ChoiceField(
        label=_("Unit"),
        required=False,
        choices=[("day", _("days")), ("week", _("weeks")), ("month", _("months")), ("year", _("years"))],
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("On"),
        required=False,
        coerce=int,
        choices=[(number, format_lazy("{}", name)) for number, name in WEEKDAYS_ABBR.items()],
        widget=forms.CheckboxSelectMultiple(),
        help_text=_("None: the weekday of the start."),
    )
    time = forms.TimeField(
        label=_("At"), required=False, widget=TimeInput(), help_text=_("Empty: the whole day.")
    )
    anchor = forms.ChoiceField(
        label=_("Counts from"), required=False, choices=Anchor.choices, initial=Anchor.SCHEDULE
    )
    ends = forms.ChoiceField(
        label=_("Ends"),
        required=False,
        choices=[("never", _("Never")), ("on", _("On a date")), ("after", _("After a number of times"))],
    )
    until = DateField(label=_("Last date"), required=False)
    times = forms.IntegerField(
        label=_("Times"), required=False, min_value=1, max_value=MAX_TIMES,
        widget=forms.NumberInput({"inputmode": "numeric"}),
    )  # fmt: skip

    repetition: Repetition

    def read_repetition(self, start: datetime.date, user: User) -> None:
        """Set ``repetition``, or add the errors that say why there is none."""
        try:
            repetition = self._read(start, user)
            self._place(repetition, user)
            self.repetition = repetition
        except RuleError as error:
            self.add_error("words" if self.cleaned_data.get("words") else "every", str(error))
        except ValidationError as error:
            self.add_error(None, error)

    def _place(self, repetition: Repetition, user: User) -> None:
        """Refuse a start that no schedule can have."""
        start = datetime.datetime.combine(repetition.start, repetition.time or datetime.time())
        try:
            Schedule(repetition.rule, start, user.zone)
        except RuleError as error:
            raise ValidationError({"start" if "start" in self.fields else "words": str(error)}) from error

    def _read(self, start: datetime.date, user: User) -> Repetition:
        given = self.cleaned_data
        at, anchor = given.get("time"), given.get("anchor") or Anchor.SCHEDULE
        words = given.get("words", "")
        if not words:
            rule = self._chosen_rule(start, anchor, user)
            return Repetition(self._ended(rule), anchor, first_match(rule, start), at)
        if "=" in words:
            return Repetition(self._ended(Rule.parse(words)), anchor, start, at)
        return self._in_words(words, anchor, at, user)

    def _in_words(self, words: str, anchor: str, at: datetime.time | None, user: User) -> Repetition:
        try:
            parsed = read_words(words, user)
        except ValidationError as error:
            raise ValidationError({"words": error.messages}) from error
        if parsed.rule is None or parsed.start is None:
            raise ValidationError({"words": _("That does not repeat. Begin with “every”.")})
        if parsed.anchor == "completion":
            anchor = Anchor.COMPLETION
        rule = self._ended(Rule.parse(parsed.rule))
        return Repetition(rule, anchor, parsed.start.date(), parsed.due_time or at)

    def _chosen_rule(self, start: datetime.date, anchor: str, user: User) -> Rule:
        unit, every = self.cleaned_data.get("unit") or "week", self.cleaned_data.get("every") or 1
        weekdays = self.cleaned_data.get("weekdays") if unit == "week" else None
        rule = Rule(UNITS[unit], interval=every)
        if weekdays:
            rule = rule.replace(by_day=tuple(ByDay(Weekday(day)) for day in weekdays))
            return (
                rule.replace(week_start=Weekday(user.week_start)) if every > 1 and len(weekdays) > 1 else rule
            )
        return pinned(rule, start) if anchor == Anchor.SCHEDULE else rule

    def _ended(self, rule: Rule) -> Rule:
        """The rule with the end that the fields state, unless it has one already."""
        given = self.cleaned_data
        if rule.count is not None or rule.until is not None or given.get("ends") not in {"on", "after"}:
            return rule
        name = "until" if given["ends"] == "on" else "times"
        if not given.get(name):
            if name in self.errors:
                return rule
            raise ValidationError({name: _("Say when it ends.")})
        return rule.replace(until=given["until"]) if name == "until" else rule.replace(count=given["times"])


def first_match(rule: Rule, start: datetime.date) -> datetime.date:
    """The first day from a start on that is one of the rule's weekdays: every two weeks are counted from it."""
    weekdays = {int(day.weekday) for day in rule.by_day}
    days = (start + datetime.timedelta(days=number) for number in range(7))
    return next((day for day in days if day.weekday() in weekdays), start)


def pinned(rule: Rule, start: datetime.date) -> Rule:
    """The rule with the day that its start implies spelt out, so that its words name it."""
    if rule.freq is Frequency.WEEKLY:
        return rule.replace(by_day=(ByDay(Weekday(start.weekday())),))
    if rule.freq is Frequency.DAILY:
        return rule
    month = (start.month,) if rule.freq is Frequency.YEARLY else ()
    is_rare = start.day > SHORTEST_MONTH and (not month or (start.month, start.day) == (2, 29))
    skip = Skip.BACKWARD if is_rare else Skip.OMIT
    return rule.replace(by_month=month, by_month_day=(start.day,), skip=skip)


def fields_of(repetition: Repetition) -> dict[str, Any]:
    """What the fields show of a repetition; a rule that they cannot state stands in the words."""
    rule = repetition.rule
    endless = rule.replace(until=None, count=None, week_start=Weekday.MO)
    fields: dict[str, Any] = {
        "every": rule.interval,
        "unit": next(unit for unit, freq in UNITS.items() if freq is rule.freq),
        "weekdays": [int(day.weekday) for day in rule.by_day] if rule.freq is Frequency.WEEKLY else [],
        "time": repetition.time,
        "anchor": repetition.anchor,
        "ends": "after" if rule.count else "on" if rule.until else "never",
        "until": rule.until,
        "times": rule.count,
    }
    if not _can_be_chosen(endless, repetition.start):
        fields |= {"words": str(rule.replace(until=None, count=None)), "weekdays": []}
    return fields


def _can_be_chosen(rule: Rule, start: datetime.date) -> bool:
    plain = Rule(rule.freq, interval=rule.interval)
    is_weekly = rule.freq is Frequency.WEEKLY
    return rule in {plain, pinned(plain, start)} or (is_weekly and rule == plain.replace(by_day=rule.by_day))
