"""One small form for each property of a task. Each saves alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.lines import validate_line
from accounts.models import User
from tasks.models import Priority, Project, Status, Task
from tasks.models.reminder import clean_wishes
from tasks.models.tags import clean_tags
from tasks.models.task import DESCRIPTION_LENGTH, TITLE_LENGTH
from tasks.pages.dates import DateField, TimeInput, due_on, read_words, shown_on_clock
from tasks.wording import length_words, priority_words

REMINDERS_BEFORE = (0, 5, 10, 15, 30, 60, 120, 24 * 60, 2 * 24 * 60, 7 * 24 * 60)  # minutes, as offered


class PropertyForm(forms.Form):
    """A form for one property; ``value`` is what conflicts are judged by, ``save`` changes the task."""

    if TYPE_CHECKING:  # what the form of a property adds

        def filled_in(self) -> dict[str, Any]:
            """What the fields show of the task as it is."""

        def value(self) -> Any:
            """What the person wants, in the form in which ``current`` gives what is there."""

        def current(self) -> Any: ...

        def save(self, by: Actor) -> None:
            """Change the task. Raises ValidationError."""

    def __init__(self, task: Task, user: User, data: Any = None) -> None:
        self.task, self.user = task, user
        super().__init__(data, initial=self.filled_in(), auto_id=f"{type(self).__name__.lower()}-%s")


class ColumnForm(PropertyForm):
    """A property that is one field here and one column there."""

    column: ClassVar[str]

    def filled_in(self) -> dict[str, Any]:
        return {self.column: self.current()}

    def current(self) -> Any:
        return getattr(self.task, self.column)

    def value(self) -> Any:
        return self.cleaned_data[self.column]

    def save(self, by: Actor) -> None:
        self.task.change(by, **{self.column: self.value()})


class TitleForm(ColumnForm):
    column = "title"
    title = forms.CharField(
        label=_("Title"),
        max_length=TITLE_LENGTH,
        validators=[validate_line],
        widget=forms.TextInput({"autofocus": True, "autocomplete": "off"}),
        error_messages={"required": _("A task needs a title.")},
    )


class StatusForm(ColumnForm):
    column = "status"
    status = forms.ChoiceField(
        label=_("Status"), choices=Status.choices, widget=forms.Select({"autofocus": True})
    )


class PriorityForm(ColumnForm):
    column = "priority"
    priority = forms.TypedChoiceField(
        label=_("Priority"),
        coerce=int,
        choices=lambda: [(rank, priority_words(rank)) for rank in sorted(Priority.values, reverse=True)],
        widget=forms.Select({"autofocus": True}),
    )


class DescriptionForm(ColumnForm):
    column = "description"
    description = forms.CharField(
        label=_("Description"),
        required=False,
        max_length=DESCRIPTION_LENGTH,
        strip=False,
        widget=forms.Textarea({"autofocus": True, "rows": 8}),
        help_text=_("Markdown: **bold**, *italic*, lists with -, checklists with - [ ], links."),
    )

    def clean_description(self) -> str:
        """Browsers end lines with two characters; the row has one."""
        text: str = self.cleaned_data["description"]
        return text.replace("\r\n", "\n").rstrip()


class TagsForm(ColumnForm):
    column = "tags"
    tags = forms.CharField(
        label=_("Tags"),
        required=False,
        widget=forms.TextInput({"autofocus": True, "autocomplete": "off", "autocapitalize": "none"}),
        help_text=_("One word each, with spaces between them."),
    )

    def filled_in(self) -> dict[str, Any]:
        return {"tags": " ".join(self.task.tags)}

    def clean_tags(self) -> list[str]:
        return clean_tags(self.cleaned_data["tags"].replace(",", " ").split())


class ProjectForm(ColumnForm):
    column = "project"
    project = forms.ModelChoiceField(
        label=_("Project"),
        queryset=Project.objects.none(),
        empty_label=None,
        widget=forms.Select({"autofocus": True}),
    )

    def __init__(self, task: Task, user: User, data: Any = None) -> None:
        super().__init__(task, user, data)
        projects: Any = self.fields["project"]
        projects.queryset = Project.objects.editable_by(user)

    def clean(self) -> None:
        if self.task.parent_id is not None:
            raise ValidationError(_("A subtask is in the project of the task above it. Move that one."))


class AssigneeForm(ColumnForm):
    column = "assignee"
    assignee = forms.ModelChoiceField(
        label=_("Assignee"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("Nobody"),
        widget=forms.Select({"autofocus": True}),
    )

    def __init__(self, task: Task, user: User, data: Any = None) -> None:
        super().__init__(task, user, data)
        people: Any = self.fields["assignee"]
        people.queryset = User.objects.filter(memberships__project=task.project_id).order_by(
            "display_name", "email"
        )
        people.label_from_instance = User.get_full_name


class DueForm(PropertyForm):
    words = forms.CharField(
        label=_("In words"),
        required=False,
        widget=forms.TextInput({"autofocus": True, "autocomplete": "off", "placeholder": _("tomorrow 5pm")}),
        help_text=_("Like “tomorrow 5pm”, “next friday” or “5 jan”. They win over the two fields below."),
    )
    date = DateField(label=_("Date"), required=False)
    time = forms.TimeField(
        label=_("Time"), required=False, widget=TimeInput(), help_text=_("Empty: the whole day.")
    )

    def filled_in(self) -> dict[str, Any]:
        day, at = shown_on_clock(self.task.due_date, self.task.due_all_day, self.user)
        return {"date": day, "time": at}

    def clean(self) -> None:
        words = self.cleaned_data.get("words")
        if words:
            self._read(words)
        elif self.cleaned_data.get("time") and not self.cleaned_data.get("date") and not self.errors:
            self.add_error("date", _("A time needs a date."))

    def _read(self, words: str) -> None:
        try:
            parsed = read_words(words, self.user)
        except ValidationError as error:
            self.add_error("words", error)
            return
        if parsed.rule:
            self.add_error("words", _("That repeats. Enter it under “Repeats”."))
        for name in ("date", "time"):
            self.errors.pop(name, None)
        self.cleaned_data |= {"date": parsed.due_date, "time": parsed.due_time}

    def current(self) -> Any:
        return _comparable(self.task.due_date, self.task.due_all_day)

    def value(self) -> Any:
        return _comparable(*self._due())

    def _due(self) -> tuple[Any, bool]:
        return due_on(self.cleaned_data["date"], self.cleaned_data["time"], self.user)

    def save(self, by: Actor) -> None:
        due, all_day = self._due()
        self.task.change(by, due_date=due, due_all_day=all_day)


def _comparable(due: Any, all_day: bool) -> tuple[float | None, bool]:
    """A due date, as precise as the form can say it."""
    return (due.replace(microsecond=0).timestamp() if due else None), all_day


class ReminderForm(PropertyForm):
    """Adds reminders. Adding overwrites nothing, so it is never in conflict."""

    before = forms.TypedChoiceField(
        label=_("Before it is due"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=lambda: [("", _("No")), *((minutes, _offer(minutes)) for minutes in REMINDERS_BEFORE)],
        widget=forms.Select({"autofocus": True}),
    )
    date = DateField(label=_("Or on a date"), required=False)
    time = forms.TimeField(label=_("At"), required=False, widget=TimeInput())

    def filled_in(self) -> dict[str, Any]:
        return {}

    def clean(self) -> None:
        if self.errors:
            return
        before, day, at = (self.cleaned_data[name] for name in ("before", "date", "time"))
        if before is None and day is None and at is None:
            raise ValidationError(_("Choose how long before, or a date and a time."))
        if (day is None) != (at is None):
            self.add_error("date" if day is None else "time", _("A reminder needs both a date and a time."))
        if before is not None and self.task.due_date is None:
            self.add_error("before", _("The task has no due date to count from."))

    def current(self) -> Any:
        return None

    def value(self) -> Any:
        return None if self.errors else True

    def save(self, by: Actor) -> None:
        wishes: list[dict[str, Any]] = []
        if self.cleaned_data["before"] is not None:
            wishes.append({"minutes_before": self.cleaned_data["before"]})
        if self.cleaned_data["date"] is not None:
            instant, _all_day = due_on(self.cleaned_data["date"], self.cleaned_data["time"], self.user)
            wishes.append({"at": instant})
        self.task.change(by, reminders=clean_wishes([*self.task.reminders, *wishes]))


def _offer(minutes: int) -> Any:
    return _("%(length)s before") % {"length": length_words(minutes)} if minutes else _("When it is due")
