"""When a task repeats: RFC 5545 rules on the wall clock of a time zone. Nothing here touches the database.

:class:`Rule` is what people type and the database stores, :class:`Schedule` turns it into instants,
:func:`describe` into words.
"""

from tasks.recurrence.parts import ByDay, Frequency, RuleError, Skip, Weekday
from tasks.recurrence.rule import Rule
from tasks.recurrence.schedule import Schedule
from tasks.recurrence.wording import describe

__all__ = ["ByDay", "Frequency", "Rule", "RuleError", "Schedule", "Skip", "Weekday", "describe"]
