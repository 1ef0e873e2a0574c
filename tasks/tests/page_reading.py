"""Reading pages in tests: what they say, and what their forms would send."""

from __future__ import annotations

import re
from html.parser import HTMLParser

HTMX = {"HX-Request": "true"}


class _Forms(HTMLParser):
    """Collects what each form of a page would send as it was served."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, list[str]]] = {}
        self._action, self._select, self._textarea, self._first = "", "", "", ""

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self._action = given.get("action", "")
            self.forms[self._action] = {}
        elif tag == "select":
            self._select, self._first = given["name"], ""
        elif tag == "textarea":
            self._textarea = given["name"]
            self._add(self._textarea, "")
        elif tag == "option":
            self._first = self._first or given["value"]
            if "selected" in given:
                self._add(self._select, given["value"])
        elif tag == "input" and given.get("name") and (is_sent(given) or "checked" in given):
            self._add(given["name"], given.get("value") or "")

    def handle_data(self, data):
        if self._textarea:
            self.forms[self._action][self._textarea][-1] += data

    def handle_endtag(self, tag):
        if tag == "textarea":
            # The parser of a browser drops the line break that follows the tag.
            value = self.forms[self._action][self._textarea]
            value[-1] = value[-1].removeprefix("\r\n").removeprefix("\n")
            self._textarea = ""
        elif tag == "select":
            # A browser chooses the first where none is chosen.
            if self._action and self._select not in self.forms[self._action]:
                self._add(self._select, self._first)
        elif tag == "form":
            self._action = ""

    def _add(self, name, value):
        if self._action:
            self.forms[self._action].setdefault(name, []).append(value)


def is_sent(given):
    """Whether an input is sent whatever its state."""
    return given.get("type") not in {"checkbox", "radio"}


def form_of(response, action):
    """What the form with this action would send, without its CSRF token."""
    forms = _Forms()
    forms.feed(response.content.decode())
    return {name: values for name, values in forms.forms[action].items() if name != "csrfmiddlewaretoken"}


def text_of(response):
    """What a page says, without tags."""
    html = re.sub(r"<(svg|script|style).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())
