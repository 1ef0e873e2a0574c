"""Views that people saved under a name: what the address asks for."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.lines import validate_line
from accounts.models import User
from tasks.models.project import Colour
from tasks.ordering import position_at_end

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

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.position = self.position or position_at_end(timezone.now())
        super().save(*args, **kwargs)
