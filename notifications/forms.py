"""The form in which people choose what they are told, and where."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications.kinds import WHEN, Channel, Kind
from notifications.models.preference import Table


class PreferencesForm(forms.Form):
    """A switch for each kind and channel."""

    def __init__(self, table: Table, data: Any = None) -> None:
        super().__init__(data)
        for (kind, channel), enabled in table.items():
            label = _("%(kind)s by %(channel)s") % {"kind": kind.label, "channel": channel.label}
            self.fields[_name(kind, channel)] = forms.BooleanField(
                label=label,
                required=False,
                initial=enabled,
                widget=forms.CheckboxInput({"class": "switch", "role": "switch", "aria-label": label}),
            )

    def rows(self) -> Iterator[tuple[Kind, Promise, list[BoundField]]]:
        """The table as people see it: a kind, when it comes, and its switches in the order of the channels."""
        for kind in Kind:
            yield kind, WHEN[kind], [self[_name(kind, channel)] for channel in Channel]

    def changes(self) -> Table:
        """What the person chose otherwise than it was; the form must be valid."""
        return {
            (kind, channel): self.cleaned_data[_name(kind, channel)]
            for kind in Kind
            for channel in Channel
            if _name(kind, channel) in self.changed_data
        }


def _name(kind: Kind, channel: Channel) -> str:
    return f"{kind}-{channel}"
