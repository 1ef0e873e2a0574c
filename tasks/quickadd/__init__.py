"""Quick add: one typed line becomes a task. Nothing here touches the database.

:func:`parse` reads `Pay rent every 1st 9am #Home @bills p1 !30m` and says what it understood (:class:`Parsed`)
and from which words (:class:`Chip`). The grammar prefers to miss a date over reading one into prose:

- A date or time is taken when it stands free or after "on", "by", "due" or "at"; never as the object of another
  word, as in "slides for Friday" or "the 5pm train". What could be a name or a plain word ("Sun", "may 5", "at 9")
  must also be followed by the end, punctuation, a mark such as `#Home`, or (for a weekday) a word such as "with".
- A line has one date, one time and one repeat; later ones stay text.
- A backslash keeps the expression that it stands before as text, quotes keep what is inside them.
"""

from tasks.quickadd.grammar import parse
from tasks.quickadd.parsed import Chip, Parsed

__all__ = ["Chip", "Parsed", "parse"]
