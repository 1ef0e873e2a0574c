"""What a word of a filter asks for: the table of everything that the language knows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext as _

from tasks.filtering.days import Reader, read_span
from tasks.filtering.problem import FilterError
from tasks.filtering.tokens import Token
from tasks.filtering.tree import Either, Node, Term
from tasks.models.conditions import is_due_soon, is_open, is_overdue, repeats
from tasks.search import HasText, WordsOfTask

_KEYED: Final = re.compile(r"([A-Za-z]+):(.*)", re.DOTALL)
_MARKED: Final = re.compile(r"([@#])(.+)", re.DOTALL)
_QUOTED: Final = re.compile(r'["“„](.*)["”“]', re.DOTALL)
_VALUES: Final = re.compile(r'(?:["“„][^"”“]*["”“]|[^,"“„])+')
MARKS: Final = {"@": "tag", "#": "project"}
PRIORITIES: Final = {"p1": 4, "p2": 3, "p3": 2, "p4": 1, "urgent": 4, "high": 3, "medium": 2, "low": 1}
NOBODY: Final = frozenset({"nobody", "none"})
NAMING: Final = frozenset({"project", "tag", "assigned"})


@dataclass(frozen=True, slots=True)
class Name:
    """A project, tag or person that a filter names: ``key`` says which, ``start`` and ``end`` where it stands."""

    key: str
    text: str
    start: int
    end: int


def names_in(token: Token) -> Iterator[Name]:
    """What a word names. Whether there is such a thing, the database knows."""
    found = _MARKED.fullmatch(token.text) or _KEYED.fullmatch(token.text)
    key = MARKS.get(found[1], found[1].lower()) if found else ""
    if found is None or key not in NAMING:
        return
    for value in _values(found[2]):
        text = value.removeprefix("@") if key == "tag" else value
        if text and not (key == "assigned" and text.lower() in NOBODY | {"me"}):
            yield Name(key, text, token.start, token.end)


def read_term(token: Token, reader: Reader) -> Node:
    """What one word asks for. Raises FilterError."""
    if quoted := _QUOTED.fullmatch(token.text):
        return _text(quoted[1])
    if marked := _MARKED.fullmatch(token.text):
        return _of_key(MARKS[marked[1]], marked[2], token, reader)
    if keyed := _KEYED.fullmatch(token.text):
        return _of_key(keyed[1].lower(), keyed[2], token, reader)
    word = WORDS.get(token.text.lower())
    return word(reader) if word else _text(token.text)


def _text(words: str) -> Term:
    return Term(Q(HasText(WordsOfTask(), words)) if words else Q(), "search", f"“{words}”")


def _of_key(key: str, given: str, token: Token, reader: Reader) -> Node:
    """``key:value``, or ``key:one,other`` for either."""
    if key not in KEYS:
        known = ", ".join(f"{name}:" for name in KEYS)
        sentence = _("There is no “%(key)s:”. There are %(known)s. To search for it, put it in quotes.")
        raise FilterError(sentence % {"key": key, "known": known}, token.start, token.end)
    read, example = KEYS[key]
    found = [read(value, reader) for value in _values(given)]
    terms = tuple(term for term in found if term is not None)
    if not terms or len(terms) < len(found):
        sentence = _("“%(key)s:” is not followed by what it needs: %(example)s.")
        raise FilterError(sentence % {"key": key, "example": example}, token.start, token.end)
    return terms[0] if len(terms) == 1 else Either(terms)


def _values(given: str) -> Iterator[str]:
    for value in _VALUES.findall(given):
        quoted = _QUOTED.fullmatch(value)
        yield (quoted[1] if quoted else value).strip()


# --- What stands alone ----------------------------------------------------------------------------------


def _overdue(reader: Reader) -> Term:
    return Term(is_overdue(reader.now), "circle-alert", _("Overdue"))


def _no_date(_reader: Reader) -> Term:
    return Term(Q(due_date=None), "calendar", _("No date"))


def _done(_reader: Reader) -> Term:
    return Term(Q(status="completed"), "circle-check", _("Completed"), about_status=True)


def _repeating(_reader: Reader) -> Term:
    return Term(repeats(), "repeat", _("Repeating"))


def _priority_word(word: str) -> Callable[[Reader], Term]:
    return lambda reader: _priority_term(PRIORITIES[word])


WORDS: Final[dict[str, Callable[[Reader], Term]]] = {
    "overdue": _overdue,
    "nodate": _no_date,
    "done": _done,
    "repeating": _repeating,
    **{word: _priority_word(word) for word in ("p1", "p2", "p3", "p4")},
}


# --- What follows a key ---------------------------------------------------------------------------------


def _due(value: str, reader: Reader) -> Term | None:
    match value.lower():
        case "none":
            return _no_date(reader)
        case "overdue":
            return _overdue(reader)
        case "soon":
            return Term(is_due_soon(reader.now), "clock", _("Due within 24 hours"))
    span = read_span(value, reader)
    if span is None:
        return None
    return Term(span.due(reader), "calendar", _("Due %(when)s") % {"when": span.label})


def _created(value: str, reader: Reader) -> Term | None:
    span = read_span(value, reader)
    if span is None:
        return None
    words = _("Added %(when)s") % {"when": span.label}
    return Term(span.moment("created_at", reader), "plus", words)


def _completed(value: str, reader: Reader) -> Term | None:
    span = read_span(value, reader)
    if span is None:
        return None
    words = _("Completed %(when)s") % {"when": span.label}
    return Term(span.moment("completed_at", reader), "circle-check", words, about_status=True)


def _project(value: str, _reader: Reader) -> Term | None:
    return Term(Q(project__name__same_text=value), "folder", value) if value else None


def _tag(value: str, _reader: Reader) -> Term | None:
    tag = value.removeprefix("@")
    return Term(Q(tags__has=tag), "tag", f"@{tag}") if tag else None


def _priority(value: str, _reader: Reader) -> Term | None:
    word = value.lower() if value.lower() in PRIORITIES else f"p{value}"
    return _priority_term(PRIORITIES[word]) if word in PRIORITIES else None


def _priority_term(rank: int) -> Term:
    return Term(Q(priority=rank), "flag", _("Priority %(rank)d") % {"rank": 5 - rank})


def _status(value: str, _reader: Reader) -> Term | None:
    conditions = {
        "open": (is_open(), _("Open")),
        "pending": (Q(status="pending"), _("Pending")),
        "in_progress": (Q(status="in_progress"), _("In progress")),
        "completed": (Q(status="completed"), _("Completed")),
        "any": (Q(), _("Any status")),
    }
    found = conditions.get(value.lower())
    return Term(found[0], "circle-dot", found[1], about_status=True) if found else None


def _assigned(value: str, reader: Reader) -> Term | None:
    if value.lower() == "me":
        return Term(Q(assignee=reader.user), "user", _("Assigned to me"))
    if value.lower() in NOBODY:
        return Term(Q(assignee=None), "user", _("Assigned to nobody"))
    words = _("Assigned to %(name)s") % {"name": value}
    return Term(Q(assignee__display_name__has_text=value), "user", words) if value else None


# Each key with what reads its values (None for what makes no sense) and an example of one.
KEYS: Final[dict[str, tuple[Callable[[str, Reader], Term | None], str]]] = {
    "due": (_due, "due:today, due:week, due:<fri, due:none"),
    "project": (_project, 'project:work, project:"Big plan"'),
    "tag": (_tag, "tag:calls"),
    "priority": (_priority, "priority:1"),
    "status": (_status, "status:open, status:in_progress, status:any"),
    "assigned": (_assigned, "assigned:me, assigned:nobody"),
    "created": (_created, "created:>2026-11-01"),
    "completed": (_completed, "completed:today"),
}
