"""The forms of signing up and in: allauth's, with our fields and words."""

from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from allauth.account.models import EmailAddress
from django import forms
from django.contrib import messages
from django.contrib.auth.password_validation import MinimumLengthValidator, get_default_password_validators
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.lines import validate_line
from accounts.models import User, validate_time_zone
from accounts.time_zones import time_zone_choices


class TimeZoneSelect(forms.Select):
    """Keeps a zone that is chosen though it is not on the list, such as an older name of one."""

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> list[Any]:
        groups = super().optgroups(name, value, attrs)
        if any(option["selected"] for group in groups for option in group[1]):
            return groups
        kept = [self.create_option(name, zone, zone, True, 0) for zone in value if zone]
        return [(None, kept, len(groups)), *groups] if kept else groups


class TimeZoneField(forms.ChoiceField):
    """A select of places; a script offers the browser's zone while ``data-browser-time-zone`` is on it."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Time zone"))
        kwargs.setdefault("widget", TimeZoneSelect)
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
        self.fields["remember"].label = _("Keep me signed in")
        self.fields["remember"].initial = True


class SignupForm(allauth_forms.SignupForm):
    """Name, e-mail, password and time zone. The adapter puts name and zone on the user before it is saved."""

    field_order = ["display_name", "email", "password1", "time_zone"]

    display_name = forms.CharField(
        label=_("Name"),
        max_length=80,
        validators=[validate_line],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    time_zone = TimeZoneField(
        initial=User.time_zone.field.default,
        widget=TimeZoneSelect(attrs={"data-browser-time-zone": True}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = password_hint()
        if self.is_bound:  # what the person chose stays
            del self.fields["time_zone"].widget.attrs["data-browser-time-zone"]

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """Save the account with its address. Of two who take the same address at once, one is sent to sign in."""
        try:
            with transaction.atomic():
                saved: tuple[User | None, HttpResponse | None] = super().try_save(request)
        except IntegrityError:
            messages.error(request, _("An account with this address was made just now. Sign in."))
            return None, redirect("account_login")
        return saved


class AddEmailForm(allauth_forms.AddEmailForm):
    """The address that takes the place of the one that holds, once it is confirmed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rename(self.fields["email"], gettext("New email address"))

    def save(self, request: HttpRequest) -> EmailAddress:
        """Note the address and send the link. Unlike allauth's own, keep the one that holds, even unconfirmed."""
        with transaction.atomic():
            EmailAddress.objects.filter(user=self.user, verified=False, primary=False).delete()
            address: EmailAddress = EmailAddress.objects.create(
                user=self.user, email=self.cleaned_data["email"]
            )
        send_verification_email_to_address(request, address)
        return address


class ChangePasswordForm(allauth_forms.ChangePasswordForm):
    """The password that holds and, twice, the one that will."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_new_password(self)
        self.fields["oldpassword"].label = _("Current password")
        self.fields["oldpassword"].help_text = ""


class ResetPasswordKeyForm(allauth_forms.ResetPasswordKeyForm):
    """A new password, twice, for somebody who came through the link in the mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_new_password(self)


def name_new_password(form: forms.Form) -> None:
    rename(form.fields["password1"], gettext("New password"))
    form.fields["password1"].help_text = password_hint()
    rename(form.fields["password2"], gettext("New password again"))


def rename(field: forms.Field, label: str) -> None:
    """Give a field of allauth's our label, and drop the placeholder that repeats the old one."""
    field.label = label
    field.widget.attrs.pop("placeholder", None)


def password_hint() -> str:
    """One sentence instead of the list of every rule; a rule that is broken says so itself."""
    rules = get_default_password_validators()
    lengths = [rule.min_length for rule in rules if isinstance(rule, MinimumLengthValidator)]
    return gettext("At least %(number)d characters. A sentence is fine.") % {
        "number": max(lengths, default=1)
    }
