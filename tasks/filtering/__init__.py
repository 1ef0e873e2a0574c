"""The language of the search field: `due:today project:work @calls p1 -done "exact words"`.

:func:`parse` reads a text as words, builds a tree of what they say and hands back a :class:`Filter`; its ``condition``
narrows a queryset of tasks. Nothing here touches the database. Dates are those of quick add.
"""

from tasks.filtering.days import Reader
from tasks.filtering.grammar import LENGTH, Filter, parse
from tasks.filtering.problem import FilterError
from tasks.filtering.terms import Name

__all__ = ["LENGTH", "Filter", "FilterError", "Name", "Reader", "parse"]
