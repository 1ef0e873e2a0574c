"""Views that people saved under a name: what the address asks for."""

from __future__ import annotations

from typing import Any, ClassVar, Final, Literal
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.lines import validate_line
from accounts.models import User
from tasks.models.project import Colour
from tasks.ordering import position_at_end, position_between

MOST: Final = 50  # filters of one person: the sidebar counts the tasks of each
NAME_LENGTH: Final = 60  # characters
QUERY_LENGTH: Final = 2000  # characters


class SavedFilter(models.Model):
    """``query`` is the query string of `/tasks`, without its question mark."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_filters")
    name = models.CharField(_("name"), max_length=NAME_LENGTH, validators=[validate_line])
    query = models.TextField(_("query"), blank=True, validators=[MaxLengthValidator(QUERY_LENGTH)])
    colour = models.CharField(_("colour"), max_length=16, choices=Colour, default=Colour.GREY)
    position = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[models.Manager[SavedFilter]]

    class Meta:
        ordering = ("position", "pk")
        constraints = [models.UniqueConstraint("owner", "name", name="one_filter_of_a_name")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Raises ValidationError for one more than a person can have."""
        if self._state.adding and SavedFilter.objects.filter(owner=self.owner).count() >= MOST:
            raise ValidationError(_("You can save %(most)d filters."), params={"most": MOST})

    def step(self, where: Literal["up", "down"]) -> None:
        """Change places with the one above or below; the first cannot go up, nor the last down."""
        keys = list(SavedFilter.objects.filter(owner=self.owner).values_list("pk", flat=True))
        at = keys.index(self.pk)
        others = keys[:at] + keys[at + 1 :]
        to = at - 1 if where == "up" else at + 1
        if 0 <= to <= len(others):
            self.place(others[to - 1] if to else None, others[to] if to < len(others) else None)

    def place(self, before: UUID | None, after: UUID | None) -> None:
        """Put it after ``before`` and before ``after``; None is an end of the list.

        Raises ValidationError where those two are not there (any more), or do not follow each other.
        """
        others = SavedFilter.objects.filter(owner=self.owner).exclude(pk=self.pk)
        found = {each.pk: each.position for each in others.filter(pk__in={before, after} - {None})}
        try:
            low, high = (found[key] if key else None for key in (before, after))
            self.position = position_between(low, high)
        except (KeyError, ValueError):
            raise ValidationError(_("The list has changed meanwhile. Move it once more.")) from None
        self.save(update_fields=["position", "updated_at"])

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.position = self.position or position_at_end(timezone.now())
        super().save(*args, **kwargs)
