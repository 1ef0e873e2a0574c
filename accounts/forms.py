"""The forms of signing up and in: allauth's, with our fields and words."""

from typing import Any

from allauth.account import forms as allauth_forms
from django import forms
from django.contrib.auth.password_validation import MinimumLengthValidator, get_default_password_validators

from accounts.models import User, validate_time_zone
from accounts.time_zones import time_zone_choices


class TimeZoneField(forms.ChoiceField):
    """A select of places; a script offers the browser's zone while ``data-browser-time-zone`` is on it."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "Time zone")
        super().__init__(choices=time_zone_choices, **kwargs)

    def valid_value(self, value: object) -> bool:
        """Take every zone that the database knows: a browser may name one by an older name."""
        try:
            validate_time_zone(str(value))
        except forms.ValidationError:
            return False
        return True


class LoginForm(allauth_forms.LoginForm):
    """E-mail and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        self.fields["password"].help_text = ""
        self.fields["remember"].label = "Keep me signed in"
        self.fields["remember"].initial = True


class SignupForm(allauth_forms.SignupForm):
    """Name, e-mail, password and time zone. The adapter puts name and zone on the user before it is saved."""

    field_order = ["display_name", "email", "password1", "time_zone"]

    display_name = forms.CharField(
        label="Name", max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    time_zone = TimeZoneField(
        initial=User.time_zone.field.default,
        widget=forms.Select(attrs={"data-browser-time-zone": True}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = password_hint()
        if self.is_bound:  # what the person chose stays
            del self.fields["time_zone"].widget.attrs["data-browser-time-zone"]


class AddEmailForm(allauth_forms.AddEmailForm):
    """The address that takes the place of the one that holds."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rename(self.fields["email"], "New email address")


class ChangePasswordForm(allauth_forms.ChangePasswordForm):
    """The password that holds and, twice, the one that will."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_new_password(self)
        self.fields["oldpassword"].label = "Current password"
        self.fields["oldpassword"].help_text = ""


class ResetPasswordKeyForm(allauth_forms.ResetPasswordKeyForm):
    """A new password, twice, for somebody who came through the link in the mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_new_password(self)


def name_new_password(form: forms.Form) -> None:
    rename(form.fields["password1"], "New password")
    form.fields["password1"].help_text = password_hint()
    rename(form.fields["password2"], "New password again")


def rename(field: forms.Field, label: str) -> None:
    """Give a field of allauth's our label, and drop the placeholder that repeats the old one."""
    field.label = label
    field.widget.attrs.pop("placeholder", None)


def password_hint() -> str:
    """One sentence instead of the list of every rule; a rule that is broken says so itself."""
    rules = get_default_password_validators()
    lengths = [rule.min_length for rule in rules if isinstance(rule, MinimumLengthValidator)]
    return f"At least {max(lengths, default=1)} characters. A sentence is fine."
