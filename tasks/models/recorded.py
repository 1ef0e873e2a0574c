"""Saving with a version: what changed is written, one version up, and told in the same transaction."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from django.db import models, transaction
from django.utils import timezone

from accounts.actor import SYSTEM, Actor
from tasks import clock
from tasks.changes import StaleTask, TaskChange
from tasks.inserting import insert
from tasks.one_statement import one_statement
from tasks.signals import tasks_changed

if TYPE_CHECKING:
    from tasks.models.task import Task


class Recorded(models.Model):
    """A row with a version that grows by one with each change that is told of it."""

    TRACKED: ClassVar[tuple[str, ...]]  # the columns that changes are about
    FOLLOWING: ClassVar[
        tuple[str, ...]
    ]  # the fields that follow from others and are written with every change

    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        abstract = True

    # --- What the model that is recorded adds ----------------------------------------------------------

    if TYPE_CHECKING:

        def _settle(self, now: datetime) -> None:
            """Set the columns that follow from others."""

        def _describe(self, by: Actor, now: datetime, fields: Mapping[str, tuple[Any, Any]]) -> TaskChange:
            """What the change is called. ``fields`` is empty for a new row."""

        def _follow_up(self, change: TaskChange) -> None:
            """Bring other rows in line with the change that was just saved."""

    # --- Reading ---------------------------------------------------------------------------------------

    _read_version = 0  # the version of the row as it was read; 0 before there is one
    _saved: Mapping[str, Any] = {}  # the tracked columns of the row as it was read

    @classmethod
    def from_db(cls, db: str | None, field_names: Iterable[str], values: Iterable[Any]) -> Self:
        row = super().from_db(db, list(field_names), list(values))
        row._remember()
        return row

    def refresh_from_db(
        self, using: str | None = None, fields: Iterable[str] | None = None, from_queryset: Any = None
    ) -> None:
        super().refresh_from_db(using, fields, from_queryset)
        self._remember(fields)

    def _remember(self, only: Iterable[str] | None = None) -> None:
        """Note the row as it was read; ``only`` names its columns where not all were."""
        loaded = self.__dict__
        before: Mapping[str, Any] = {} if only is None else self._saved
        read = {*self.TRACKED, "version"} if only is None else {*only, *(f"{name}_id" for name in only)}
        if "version" in read and "version" in loaded:
            self._read_version = self.version
        fresh = {name: _copied(loaded[name]) for name in self.TRACKED if name in read and name in loaded}
        self._saved = {**before, **fresh}

    # --- Saving ----------------------------------------------------------------------------------------

    def save(self, *args: Any, by: Actor = SYSTEM, **kwargs: Any) -> None:
        """Save what changed, one version up, and tell it in the same transaction.

        Nothing is written when nothing changed. Raises StaleTask when the row is not at the version
        that this instance was read at, and then nothing is written either. Raises ValueError when
        something changed that ``update_fields`` leaves out, TypeError when not all of the row was read.
        """
        with one_statement() if self._state.adding else transaction.atomic():
            if self._state.adding:
                self.prepare(by)
                self._write(*args, **kwargs)
            elif columns := self.prepare(by, kwargs.pop("update_fields", None)):
                self._write(*args, **{**kwargs, "update_fields": columns})

    def _write(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().save(*args, **kwargs)
        except BaseException:
            self.version = self._read_version
            raise

    def prepare(self, by: Actor, only: Iterable[str] | None = None) -> list[str]:
        """Settle the columns that follow from others and note the change that ``post_save`` will tell.

        ``only`` names the fields that may have changed. Returns the names of the fields to write.
        """
        adding, now = self._state.adding, clock.now()
        if not adding:
            self._check_known(only)
        self._settle(now)
        fields = {} if adding else self.changed_fields()
        if not adding and not fields:
            return []
        self.updated_at = now
        self.version = self._read_version + 1
        self._change = self._describe(by, now, fields)
        return sorted({name.removesuffix("_id") for name in fields} | set(self.FOLLOWING))

    def _check_known(self, only: Iterable[str] | None) -> None:
        """Refuse what would let the event and the row tell different things."""
        if self.get_deferred_fields() or len(self._saved) < len(self.TRACKED):
            raise TypeError("This row was read in part (only, defer). Read all of it before you change it.")
        if only is None:
            return
        named = {name.removesuffix("_id") for name in only}
        others = {name.removesuffix("_id") for name in self.changed_fields()} - named
        if others:
            raise ValueError(f"{', '.join(sorted(others))} changed, too: name them in update_fields as well.")

    def changed_fields(self) -> dict[str, tuple[Any, Any]]:
        """The tracked columns that differ from the row as it was read, with their values before and after."""
        return {
            name: (before, getattr(self, name))
            for name, before in self._saved.items()
            if before != getattr(self, name)
        }

    def _do_insert(
        self, manager: Any, using: str, fields: Any, returning_fields: Any, raw: bool
    ) -> list[Any]:
        if returning_fields or raw:
            made: list[Any] = cast(Any, super())._do_insert(manager, using, fields, returning_fields, raw)
            return made
        insert(self, using)
        return []

    def _do_update(self, base_qs: Any, *args: Any) -> bool:
        """The version is checked inside the UPDATE itself, so of two writers exactly one succeeds."""
        guarded = base_qs.filter(version=self._read_version)
        updated: bool = super()._do_update(guarded, *args)
        if not updated and base_qs.filter(pk=self.pk).exists():
            raise StaleTask(cast("Task", self))
        return updated

    # --- Telling ---------------------------------------------------------------------------------------

    def tell(self) -> None:
        """Send the change to whoever records it."""
        tasks_changed.send(sender=type(self), changes=[self.followed_through()])

    def followed_through(self) -> TaskChange:
        """The change that was just saved, after what follows from it was brought in line."""
        change: TaskChange = self.__dict__.pop("_change")
        self._follow_up(change)
        self._remember()
        return change


def _copied(value: Any) -> Any:
    """A list on the row may be changed in place; nothing else can be."""
    return copy.deepcopy(value) if isinstance(value, list) else value
