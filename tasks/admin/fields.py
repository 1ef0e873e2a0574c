"""Form fields in which staff write what a task keeps as lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from tasks.models.reminder import clean_wishes

MINUTES = re.compile(r"[0-9]{1,9}")
Wish = Mapping[str, Any]


class TagsInput(forms.CharField):
    """Tags with spaces between them. Cleans to the list."""

    def prepare_value(self, value: Any) -> Any:
        return " ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return str(value or "").replace(",", " ").split()


class RemindersInput(forms.CharField):
    """One reminder a line: minutes before the task is due, or an instant. Cleans to the list of a task's row.

    An entry that stays keeps its id, so what has fired does not fire again.
    """

    widget = forms.Textarea({"rows": 3})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(_line(wish) for wish in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        lines = [line.strip() for line in str(value or "").splitlines()]
        return clean_wishes([_entry(line) for line in lines if line])

    def has_changed(self, initial: Any, data: Any) -> bool:
        before = [_line(wish) for wish in initial or []]
        return before != [line.strip() for line in str(data or "").splitlines() if line.strip()]


def with_known_ids(wishes: Iterable[Wish], known: Iterable[Wish]) -> list[Wish]:
    """Wishes, each as it is among the known ones where it asks for the same."""
    same = {_line(wish): wish for wish in known}
    return [same.get(_line(wish), wish) for wish in wishes]


def _line(wish: Wish) -> str:
    return str(wish["at"] if "at" in wish else wish["minutes_before"])


def _entry(line: str) -> dict[str, Any]:
    return {"minutes_before": int(line)} if MINUTES.fullmatch(line) else {"at": line}
