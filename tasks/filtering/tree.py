"""What a filter says, as a tree: terms that are combined and negated."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

from django.db.models import Q
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Term:
    """One thing that is asked for. ``about_status`` says that it decides itself whether completed tasks are meant."""

    condition: Q
    icon: str
    label: str
    about_status: bool = False


@dataclass(frozen=True)
class Not:
    """What is not so."""

    part: Node
    icon = "x"

    @property
    def condition(self) -> Q:
        return ~self.part.condition

    @property
    def label(self) -> str:
        return _("not %(part)s") % {"part": self.part.label}

    @property
    def about_status(self) -> bool:
        return self.part.about_status


@dataclass(frozen=True)
class All:
    """Everything of this."""

    parts: tuple[Node, ...]
    icon = "list-filter"

    @property
    def condition(self) -> Q:
        return reduce(and_, (part.condition for part in self.parts))

    @property
    def label(self) -> str:
        return _(" and ").join(part.label for part in self.parts)

    @property
    def about_status(self) -> bool:
        return any(part.about_status for part in self.parts)


@dataclass(frozen=True)
class Either(All):
    """At least one of these."""

    @property
    def condition(self) -> Q:
        return reduce(or_, (part.condition for part in self.parts))

    @property
    def label(self) -> str:
        return _(" or ").join(part.label for part in self.parts)


Node = Term | Not | All | Either
