"""The form of a recurring task: the pattern of its occurrences and how often they come."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.lines import validate_line
from accounts.models import User
from tasks.models import Priority, Project, RecurringTask
from tasks.models.tags import clean_tags
from tasks.models.task import DESCRIPTION_LENGTH, TITLE_LENGTH
from tasks.pages.dates import DateInput
from tasks.pages.repeat_fields import RepeatFields, Repetition, fields_of
from tasks.wording import priority_words

PATTERN = ("title", "project", "priority", "tags", "description")


class SeriesForm(RepeatFields):
    """Without a series it is for a new one."""

    title = forms.CharField(
        label=_("Title"),
        max_length=TITLE_LENGTH,
        validators=[validate_line],
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": _("A recurring task needs a title.")},
    )
    project = forms.ModelChoiceField(label=_("Project"), queryset=Project.objects.none(), empty_label=None)
    start = forms.DateField(label=_("Starts on"), widget=DateInput())
    priority = forms.TypedChoiceField(
        label=_("Priority"),
        coerce=int,
        choices=lambda: [(rank, priority_words(rank)) for rank in sorted(Priority.values, reverse=True)],
        initial=Priority.LOW,
    )
    tags = forms.CharField(
        label=_("Tags"),
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none"}),
        help_text=_("One word each, with spaces between them."),
    )
    description = forms.CharField(
        label=_("Description"),
        required=False,
        max_length=DESCRIPTION_LENGTH,
        strip=False,
        widget=forms.Textarea({"rows": 4}),
    )

    def __init__(self, user: User, series: RecurringTask | None = None, data: Any = None) -> None:
        self.user, self.series = user, series
        super().__init__(data, initial=self._filled_in())
        projects: Any = self.fields["project"]
        projects.queryset = Project.objects.editable_by(user)

    def _filled_in(self) -> dict[str, Any]:
        if self.series is None:
            return {"start": timezone.localdate(timezone=self.user.zone), "every": 1, "unit": "week"}
        repetition = Repetition.of(self.series)
        pattern = {name: getattr(self.series, name) for name in PATTERN}
        return {
            **pattern,
            **fields_of(repetition),
            "start": repetition.start,
            "tags": " ".join(self.series.tags),
        }

    def clean_tags(self) -> list[str]:
        return clean_tags(self.cleaned_data["tags"].replace(",", " ").split())

    def clean_description(self) -> str:
        text: str = self.cleaned_data["description"]
        return text.replace("\r\n", "\n").rstrip()

    def clean(self) -> None:
        if "start" in self.cleaned_data:
            self.read_repetition(self.cleaned_data["start"], self.user)

    def current(self) -> dict[str, Any]:
        """What is there now, each value under the name that ``values`` has for it."""
        if self.series is None:
            return {}
        pattern = {name: getattr(self.series, name) for name in PATTERN}
        return {**pattern, "repetition": Repetition.of(self.series)}

    def values(self) -> dict[str, Any]:
        """What the person wants."""
        return {**{name: self.cleaned_data[name] for name in PATTERN}, "repetition": self.repetition}

    def columns(self, names: frozenset[str]) -> dict[str, Any]:
        """The fields of the series for some of the ``values``."""
        columns = {name: value for name, value in self.values().items() if name in names & set(PATTERN)}
        return columns | (self.repetition.columns() if "repetition" in names else {})

    def draft(self) -> RecurringTask:
        """The series as the form states it; not saved."""
        pattern = {name: self.cleaned_data[name] for name in PATTERN if name in self.cleaned_data}
        zone = self.series.time_zone if self.series else self.user.time_zone
        return RecurringTask(**pattern, **self.repetition.columns(), time_zone=zone)
