"""Tasks in words: dates on the reader's clock (Django's current time zone), priorities, reminders, repeats.

Times of a page are shown in 24 hours, and a year only where it is not this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tasks.models import Anchor, Priority, RecurringTask
from tasks.recurrence import describe

MINUTES = {"week": 7 * 24 * 60, "day": 24 * 60, "hour": 60}


def day_words(day: date) -> str:
    """ "Fri 20 Nov", "Fri 1 Jan 2027"."""
    return date_format(day, _("D j M") if day.year == timezone.localdate().year else _("D j M Y"))


def moment_words(instant: datetime) -> str:
    """ "Fri 20 Nov, 14:30" on the reader's clock."""
    local = timezone.localtime(instant)
    return f"{day_words(local.date())}, {date_format(local, 'H:i')}"


def due_words(due: datetime, all_day: bool) -> str:
    """A due date; one without a time is the same date in every zone."""
    return day_words(due.date()) if all_day else moment_words(due)


def distance_words(due: datetime, all_day: bool) -> str:
    """How far away a due date is: "today", "in 3 hours", "2 days ago". From a day on, by the reader's calendar."""
    now = timezone.now()
    if all_day:
        return _days_away((due.date() - timezone.localdate()).days)
    if abs(due - now) >= timedelta(days=1):
        return _days_away((timezone.localdate(due) - timezone.localdate()).days)
    length = timesince(min(due, now), max(due, now), depth=1).replace("\xa0", " ")
    return (_("in %(length)s") if due > now else _("%(length)s ago")) % {"length": length}


def _days_away(days: int) -> str:
    near = {-1: _("yesterday"), 0: _("today"), 1: _("tomorrow")}
    if days in near:
        return near[days]
    if days > 0:
        return ngettext("in %(n)d day", "in %(n)d days", days) % {"n": days}
    return ngettext("%(n)d day ago", "%(n)d days ago", -days) % {"n": -days}


def length_words(minutes: int) -> str:
    """ "15 min", "2 hours", "1 day", "90 min"."""
    unit = next((unit for unit, size in MINUTES.items() if minutes and minutes % size == 0), "minute")
    number = minutes // MINUTES.get(unit, 1)
    words = {
        "week": ngettext("%(n)d week", "%(n)d weeks", number),
        "day": ngettext("%(n)d day", "%(n)d days", number),
        "hour": ngettext("%(n)d hour", "%(n)d hours", number),
        "minute": ngettext("%(n)d min", "%(n)d min", number),
    }
    return words[unit] % {"n": number}


def delay_words(seconds: int) -> str:
    """A delay to the minute: "12 minutes", "1 hour, 5 minutes"."""
    now = timezone.now()
    return timesince(now, now + timedelta(seconds=seconds)).replace("\xa0", " ")


def reminder_words(wish: Mapping[str, Any]) -> str:
    """An entry of ``Task.reminders``: "15 min before", "when due", "Fri 20 Nov, 09:00"."""
    if "at" in wish:
        return moment_words(datetime.fromisoformat(wish["at"]))
    if not wish["minutes_before"]:
        return _("when due")
    return _("%(length)s before") % {"length": length_words(wish["minutes_before"])}


def priority_rank(priority: int) -> int:
    """1 for urgent to 4 for low: what people type as p1 to p4."""
    return Priority.URGENT + 1 - priority


def priority_words(priority: int) -> str:
    """ "Priority 2, high"."""
    words = {"rank": priority_rank(priority), "word": Priority(priority).label.lower()}
    return _("Priority %(rank)d, %(word)s") % words


def repeat_words(series: RecurringTask) -> str:
    """ "Every 2 weeks on Friday at 14:30, until 25 Jun 2027"."""
    rule = series.rule
    if series.end_date is not None and rule.until is None and rule.count is None:
        rule = rule.replace(until=series.end_date)
    anchor: Literal["schedule", "completion"] = (
        "completion" if series.anchor == Anchor.COMPLETION else "schedule"
    )
    return describe(rule, anchor=anchor, zone=series.zone, at=series.start_time)
