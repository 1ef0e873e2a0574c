"""What was understood, in a few words for a chip."""

from __future__ import annotations

from datetime import time
from typing import Final

from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tasks.quickadd.dates import Context
from tasks.quickadd.marks import Importance, Mark, Project, Reminder, Tag
from tasks.quickadd.parsed import Anchor
from tasks.quickadd.resolve import Due, Series
from tasks.recurrence import describe

_PRIORITY_NUMBERS: Final = {"urgent": 1, "high": 2, "medium": 3, "low": 4}
_HOUR: Final = 60
_DAY: Final = 24 * _HOUR


def label_of_due(due: Due, context: Context) -> str:
    """ "Sat 21 Nov 17:00", with the year where it is not this one."""
    day = format_date(due.date, "D j M" if due.date.year == context.today.year else "D j M Y")
    return f"{day} {label_of_time(due.time)}".rstrip()


def label_of_time(at: time | None) -> str:
    """ "17:00", or nothing for all-day."""
    return f"{at:%H:%M}" if at is not None else ""


def label_of_series(series: Series, anchor: Anchor, context: Context) -> str:
    """ "Every month on the 1st, next Tue 1 Dec 09:00"."""
    words = describe(series.rule, anchor=anchor, zone=context.zone)
    if series.due is None:
        return words
    return _("%(rule)s, next %(date)s") % {"rule": words, "date": label_of_due(series.due, context)}


def label_of_mark(mark: Mark) -> str:
    """ "#Home", "@bills", "Priority 1", "30 min before"."""
    match mark:
        case Project(name):
            return f"#{name}"
        case Tag(name):
            return f"@{name}"
        case Importance(priority):
            return _("Priority %(number)d") % {"number": _PRIORITY_NUMBERS[priority]}
        case Reminder(minutes):
            return _label_of_reminder(minutes)


def _label_of_reminder(minutes: int) -> str:
    if minutes == 0:
        return _("When due")
    if minutes % _DAY == 0:
        return ngettext("%(n)d day before", "%(n)d days before", minutes // _DAY) % {"n": minutes // _DAY}
    if minutes % _HOUR == 0:
        return ngettext("%(n)d hour before", "%(n)d hours before", minutes // _HOUR) % {"n": minutes // _HOUR}
    return _("%(n)d min before") % {"n": minutes}
