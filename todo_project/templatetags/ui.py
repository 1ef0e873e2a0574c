"""Tags that every template may use: icons, links of the navigation, controls of a form."""

from __future__ import annotations

from typing import Any

from django import template
from django.contrib.auth.models import AnonymousUser
from django.forms import BoundField, CheckboxInput
from django.template import RequestContext
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from accounts.models import User

register = template.Library()
# The first that matches: most browsers also name the older ones that they are like.
BROWSERS = {
    "Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "FxiOS": "Firefox", "Chrom": "Chrome", "CriOS": "Chrome",
    "Safari": "Safari", "curl": "curl", "python": "Python",
}  # fmt: skip
SYSTEMS = {
    "Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows", "Mac OS": "macOS",
    "CrOS": "ChromeOS", "Linux": "Linux",
}  # fmt: skip

HUES = ("indigo", "teal", "plum", "blue", "green", "orange")


@register.simple_tag
def icon(name: str, size: str = "", *, flip: bool = False) -> SafeString:
    """Draw an icon of the sprite; ``size`` is "", "small" or "large", ``flip`` mirrors it right to left."""
    return format_html(
        '<svg class="icon"{}{} aria-hidden="true"><use href="{}#{}"></use></svg>',
        format_html(' data-size="{}"', size) if size else "",
        mark_safe(" data-flip") if flip else "",
        static("icons.svg"),
        name,
    )


@register.inclusion_tag("partials/nav_link.html", takes_context=True)
def nav_link(context: RequestContext, view: str, label: str, **options: Any) -> dict[str, Any]:
    """A link of the navigation that knows whether it is the current page.

    ``options``: ``image`` (an icon), ``css``, ``keys`` (its shortcut) and ``count``.
    """
    href = reverse(view)
    current = context["request"].path == href
    return {"css": "nav-item", **options, "label": label, "href": href, "current": current}


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """The widget of a field in our style, without a placeholder that only repeats the label."""
    attrs = dict(field.field.widget.attrs)
    placeholder = str(attrs.get("placeholder", ""))
    if placeholder.lower().startswith(str(field.label).lower()):
        attrs["placeholder"] = False
    if not isinstance(field.field.widget, CheckboxInput):
        attrs["class"] = f"{attrs.get('class', '')} input".strip()
    return field.as_widget(attrs=attrs)


@register.filter
def is_checkbox(field: BoundField) -> bool:
    """Whether the field is one box to tick, whose label stands behind it."""
    return isinstance(field.field.widget, CheckboxInput)


@register.filter
def initials(user: User | AnonymousUser) -> str:
    """At most two letters that stand for a person: "Anna Lindberg" becomes "AL"."""
    words = user.get_full_name().split() if isinstance(user, User) else []
    return "".join(word[0] for word in [*words[:1], *words[1:][-1:]]).upper()


@register.filter
def hue(user: User | AnonymousUser) -> str:
    """The colour of a person's avatar: the same wherever they appear."""
    return HUES[user.pk.int % len(HUES)] if isinstance(user, User) else HUES[0]


@register.filter
def browser(user_agent: str) -> str:
    """What people call a browser: "Firefox on Windows"; the header itself, cut short, where nobody knows."""
    name = next((name for sign, name in BROWSERS.items() if sign in user_agent), "")
    system = next((system for sign, system in SYSTEMS.items() if sign in user_agent), "")
    return " on ".join(filter(None, [name, system])) or user_agent[:60]
