"""The line as a whole: which expressions are taken, what remains as the title, what is wrong."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from functools import reduce
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from tasks.quickadd.dates import Context
from tasks.quickadd.draft import Draft, Found, Statement
from tasks.quickadd.labels import label_of_due, label_of_mark, label_of_series, label_of_time
from tasks.quickadd.line import ENDINGS, Line
from tasks.quickadd.marks import Importance, Project, Projects, Reminder, Tag, read_mark
from tasks.quickadd.parsed import Chip, Kind, Parsed
from tasks.quickadd.repeats import Repeat, read_repeat
from tasks.quickadd.resolve import Due, Series, resolve_series, resolve_when
from tasks.quickadd.vocabulary import KNOWN_WORDS
from tasks.quickadd.when import When, read_when

MAX_TITLE: Final = 200  # characters
_LEADING: Final = re.compile(
    rf"[{ENDINGS}]*\s*(?:[-–—]\s+)?"
)  # what is left of "Tomorrow: " and "Tomorrow - "
_TRAILING: Final = re.compile(r"(?:[,;:]|\s[-–—])?\s*\Z")
_KINDS: Final[dict[type[Statement], Kind]] = {
    Project: "project",
    Tag: "tag",
    Importance: "priority",
    Reminder: "reminder",
    When: "due",
    Repeat: "repeat",
}


def parse(
    text: str,
    *,
    now: datetime,
    zone: ZoneInfo,
    week_start: int = 0,
    projects: Collection[str] = (),
    language: str = "en",
) -> Parsed:
    """What ``text`` says as a task. Never raises for any text; what is wrong is in ``errors``.

    ``now`` is aware; dates are read in ``zone``, weeks start on ``week_start`` (Monday is 0). ``projects`` are
    the names that may follow `#` with spaces in them; a project that is not among them is returned as typed. With
    ``language`` "de" German words are understood beside the English ones.

    A weekday is the next one after today, "this friday" may be today, "next friday" lies in the next week and
    "next week" is its first day. A time alone is today's, or tomorrow's when it has passed; "at 1" to "at 6"
    are in the afternoon. A repeat is due on its first date on or after now.
    """
    context = Context(now.astimezone(UTC), zone, week_start)
    line = Line.of(text, language)
    draft = _read(line, context, Projects(projects))
    series = resolve_series(draft.repeat, draft.when.time, context) if draft.repeat else None
    due = series.due if series else resolve_when(draft.when, context)
    title = _title(text, draft)
    return Parsed(
        title=title,
        due=due.instant if due else None,
        due_date=due.date if due else None,
        due_time=due.time if due else None,
        all_day=due is not None and due.time is None,
        rule=str(series.rule) if series else None,
        anchor=draft.repeat.anchor if draft.repeat else "schedule",
        start=series.start if series else None,
        project=draft.project,
        tags=tuple(draft.tags.values()),
        priority=draft.priority,
        reminders=tuple(dict.fromkeys(draft.reminders)),
        chips=tuple(_chips(text, draft, due, series, context)),
        errors=tuple(_errors(title, draft, due, series)),
    )


def _read(line: Line, context: Context, projects: Projects) -> Draft:
    draft = Draft()
    index = 0
    while index < len(line):
        index = _read_word(line, index, draft, context, projects)
    return draft


def _read_word(line: Line, index: int, draft: Draft, context: Context, projects: Projects) -> int:
    """Take the expression that begins with a word, if any; returns the index to go on from."""
    word = line.words[index]
    if not word.opens or word.quoted:
        return index + 1
    if word.escaped:
        return _read_escaped(line, index, draft, context, projects)
    found = _find(line, index, context, projects)
    if found is None:
        return index + 1
    draft.take(found)
    return line.index_after(found.end)


def _read_escaped(line: Line, index: int, draft: Draft, context: Context, projects: Projects) -> int:
    """Leave an expression as text. A backslash that stops nothing is no escape but text itself: "\\o/"."""
    word = line.words[index]
    found = _find(line.unescaped(index), index, context, projects)
    if found is None and word.text.lower() not in KNOWN_WORDS:
        return index + 1
    draft.backslashes.add(word.start - 1)
    return line.index_after(found.end) if found else index + 1


def _find(line: Line, index: int, context: Context, projects: Projects) -> Found | None:
    """The expression that begins with a word, whether there is room for it or not."""
    start = line.words[index].start
    stated = read_repeat(line, index, context) or read_when(line, index, context)
    if stated is not None:
        found = Found(stated[0], start, line.words[stated[1] - 1].end)
    else:
        marked = read_mark(line, index, projects)
        if marked is None:
            return None
        found = Found(marked[0], start, marked[1])
    return found if line.closes(found.end) else None


def _title(text: str, draft: Draft) -> str:
    """What remains of the text, without the holes and the punctuation that would be left alone in them."""
    begins = [0, *(found.end for found in draft.found)]
    ends = [*(found.start for found in draft.found), len(text)]
    pieces = (_rest(text, begin, end, draft) for begin, end in zip(begins, ends, strict=True))
    return " ".join(reduce(_join, pieces).split())


def _rest(text: str, begin: int, end: int, draft: Draft) -> str:
    """A piece of the text without the backslashes that have done their work."""
    return "".join(text[place] for place in range(begin, end) if place not in draft.backslashes)


def _join(before: str, after: str) -> str:
    before = before.rstrip()
    if not before:
        return _LEADING.sub("", after, count=1)
    if not after.strip():
        return _TRAILING.sub("", before, count=1)
    if after[0] not in ENDINGS:
        return f"{before} {after}"
    return before + (after[1:] if before[-1] in ENDINGS else after)


def _chips(
    text: str, draft: Draft, due: Due | None, series: Series | None, context: Context
) -> Iterator[Chip]:
    for found in draft.found:
        statement = found.statement
        if isinstance(statement, When):
            label = _label_of_when(statement, draft, due, context)
        elif isinstance(statement, Repeat):
            label = label_of_series(series, statement.anchor, context) if series else ""
        else:
            label = label_of_mark(statement)
        yield Chip(_KINDS[type(statement)], text[found.start : found.end], found.start, found.end, label)


def _label_of_when(when: When, draft: Draft, due: Due | None, context: Context) -> str:
    """The whole due date; only the time where the day was stated by another chip."""
    has_day_elsewhere = not when.names_day and (draft.when.names_day or draft.repeat is not None)
    if due is None or has_day_elsewhere:
        return label_of_time(when.time)
    return label_of_due(due, context)


def _errors(title: str, draft: Draft, due: Due | None, series: Series | None) -> Iterator[str]:
    if not title:
        yield _("Say what is to be done: the task has no title.")
    if len(title) > MAX_TITLE:
        yield _("The title has %(length)d characters; %(limit)d is the most.") % {
            "length": len(title),
            "limit": MAX_TITLE,
        }
    if draft.surplus_project is not None:
        yield _("A task is in one project; this names %(first)s and %(second)s.") % {
            "first": f"#{draft.project}",
            "second": f"#{draft.surplus_project}",
        }
    if series is not None and due is None:
        yield _("This never comes due: it ends before it begins.")
    elif draft.reminders and due is None:
        yield _("A reminder needs a due date to count back from, such as “tomorrow 9am”.")
