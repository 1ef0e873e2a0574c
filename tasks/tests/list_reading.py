"""Reads lists of tasks as people do: headings, rows, toasts, without tags and double spaces."""

from __future__ import annotations

import html
import json
import re
from typing import Any

from events.models import OutboxEvent

HTMX = {"HX-Request": "true"}
TAGS = re.compile(r"<svg.*?</svg>|<[^>]*>", re.DOTALL)


def text_of(markup: str) -> str:
    return " ".join(html.unescape(TAGS.sub(" ", markup)).split())


def body_of(response: Any) -> str:
    return str(response.content.decode())


def _first(pattern: str, text: str) -> re.Match[str]:
    found = re.search(pattern, text, re.DOTALL)
    assert found is not None, f"{pattern} is not there"
    return found


def titles_in(response: Any) -> list[str]:
    return re.findall(r'class="task-title"[^>]*>([^<]*)<', body_of(response))


def groups_in(response: Any) -> dict[str, list[str]]:
    """The titles of the tasks under each heading."""
    sections = re.findall(r'<section class="group".*?</section>', body_of(response), re.DOTALL)
    return {
        text_of(_first(r"<h2.*?</h2>", each)[0]): re.findall(r'class="task-title"[^>]*>([^<]*)<', each)
        for each in sections
    }


def row_of(response: Any, task: Any) -> str:
    """A task's row as markup."""
    return _first(rf'<li class="task-row" id="task-{task.pk}".*?</li>', body_of(response))[0]


def meta_of(response: Any, task: Any) -> str:
    """What stands under a task's title."""
    return text_of(_first(r'<div class="task-meta">(.*?)</div>', row_of(response, task))[1])


def subtitle_of(response: Any) -> str:
    return text_of(_first(r'<p class="page-subtitle" id="subtitle">(.*?)</p>', body_of(response))[1])


def toasts_in(response: Any) -> list[str]:
    found = re.findall(r'<span class="toast-text">(.*?)</span>', body_of(response), re.DOTALL)
    return [text_of(each) for each in found if each]


def undo_in(response: Any) -> tuple[str, dict[str, str]]:
    """What the first Undo button sends: the address and the values."""
    button = _first(r'<button class="toast-action"[^>]*>', body_of(response))[0]
    named = re.search(r'name="(\w+)" value="(\w+)"', button)
    return _first(r'formaction="([^"]*)"', button)[1], dict([named.groups()]) if named else {}


def counts_in(response: Any) -> dict[str, str]:
    """The numbers beside the names in the sidebar."""
    links = re.findall(r'<a class="nav-item"[^>]*>(.*?)</a>', body_of(response), re.DOTALL)
    split = (re.match(r"(.*?) (\d+)$", text_of(each)) for each in links)
    return {found[1]: found[2] for found in split if found}


def events_of(task: Any) -> list[str]:
    return list(OutboxEvent.objects.filter(key=task.pk).order_by("id").values_list("type", flat=True))


def last_actor_of(task: Any) -> dict[str, Any]:
    envelope = OutboxEvent.objects.filter(key=task.pk).latest("id").envelope
    return dict(json.loads(envelope)["data"]["actor"])
