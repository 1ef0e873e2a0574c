"""The forms of the settings pages that are about the person."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.forms import TimeZoneField
from accounts.models import ApiToken, Scope, User

LIFETIMES = [(7, _("7 days")), (30, _("30 days")), (90, _("90 days")), (365, _("a year")), (0, _("never"))]
USUAL_LIFETIME = 90  # days


class ProfileForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["display_name"]
        widgets = {"display_name": forms.TextInput(attrs={"autocomplete": "name"})}
        help_texts = {"display_name": _("Others see it where you share a project, and in the history.")}

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["display_name"].required = True


class TimeForm(forms.ModelForm):
    time_zone = TimeZoneField(help_text=_("Today begins, and what is due by a date ends, at midnight there."))
    locale = forms.ChoiceField(label=_("Language"), choices=lambda: settings.LANGUAGES)

    class Meta:
        model = User
        fields = ["time_zone", "locale", "week_start"]


class ShortcutsForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["keyboard_shortcuts"]
        labels = {"keyboard_shortcuts": _("Keyboard shortcuts")}
        help_texts = {
            "keyboard_shortcuts": _(
                "Outside of text fields, single keys such as Q are shortcuts. Switch them off if they get in the way "
                "of dictation or of other programs. Ctrl K opens the palette either way."
            )
        }


class ApiTokenForm(forms.Form):
    """What a person decides about a new token."""

    name = forms.CharField(
        label=_("Name"),
        max_length=ApiToken._meta.get_field("name").max_length,
        help_text=_("What it is for, such as the program or the device."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), choices=Scope, widget=forms.CheckboxSelectMultiple
    )
    lifetime = forms.TypedChoiceField(
        label=_("Expires"), choices=LIFETIMES, coerce=int, initial=USUAL_LIFETIME
    )

    def issue(self, user: User) -> str | None:
        """Make the token. Returns its secret, or None with the reason among the form's errors."""
        days = self.cleaned_data["lifetime"]
        expires_at = timezone.now() + timedelta(days=days) if days else None
        try:
            _token, secret = ApiToken.objects.issue(
                user, self.cleaned_data["name"], self.cleaned_data["scopes"], expires_at
            )
        except forms.ValidationError as refusal:
            self.add_error(None, refusal)
            return None
        return secret
