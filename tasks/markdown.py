"""Descriptions: what people write in Markdown, as HTML that is safe to show to others.

The parser turns raw HTML into text; nh3 then lets through only the tags, attributes and addresses named here,
so a mistake in one of the two is not enough to let a script in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from tasks.mentions import MENTION

TAGS: Final = {
    "a", "blockquote", "br", "code", "del", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s",
    "span", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES: Final = {"a": {"href", "title"}, "ol": {"start"}}
ADDRESSES: Final = {"http", "https", "mailto"}
LINK_REL: Final = "noopener noreferrer nofollow"
PAGE_LEVELS: Final = 2  # headings of the page above what people wrote
BOXES: Final = {"[ ] ": "☐ ", "[x] ": "☑ ", "[X] ": "☑ "}  # the items of a checklist
BOX: Final = re.compile(r"((?:^|[\s>])(?:[-*+]|[0-9]{1,9}[.)])[ \t]+)\[([ xX])\](?= )")  # one, in its line
LINE_ENDS: Final = re.compile(r"(\r\n?|\n)")
MARK: Final = (
    '<span class="box"></span>'  # stands where a box to tick goes; what people write cannot make one
)


@dataclass(frozen=True)
class Box:
    """An item of a checklist that can be ticked: the number of its line, its text, and whether it is done."""

    line: int
    text: str
    is_done: bool


def render(
    text: str, handles: Container[str] = (), box: Callable[[int, Box], SafeString] | None = None
) -> SafeString:
    """HTML of a Markdown text (CommonMark, tables, ~~strike~~, checklists; a line break is kept).

    Pictures become links: loading one would tell its host who reads the task. An @ with one of the ``handles``
    is marked as a mention. ``box`` makes what stands for an item of a checklist, by its number.
    """
    found: list[Box] = []
    html = nh3.clean(
        _parser.render(text, {"handles": handles, "boxes": found, "ticks": box is not None}),
        tags=TAGS,
        attributes=ATTRIBUTES,
        allowed_classes={"span": {"mention", "box"}},
        url_schemes=ADDRESSES,
        link_rel=LINK_REL,
    )
    if box is not None:
        html = _put_in(html, [box(number, each) for number, each in enumerate(found)])
    return mark_safe(html)  # noqa: S308 - nh3 has just cleaned it


def _put_in(html: str, boxes: Sequence[str]) -> str:
    before, *after = html.split(MARK)
    return before + "".join(made + rest for made, rest in zip(boxes, after, strict=True))


def tick(text: str, number: int) -> str | None:
    """The text with one box of its checklists ticked, or open again; None where it has no such box."""
    found: list[Box] = []
    _parser.render(text, {"boxes": found, "ticks": True})
    if number >= len(found):
        return None
    parts = LINE_ENDS.split(text)  # lines, and between them how they end
    at = 2 * found[number].line
    parts[at] = BOX.sub(rf"\1[{' ' if found[number].is_done else 'x'}]", parts[at], count=1)
    return "".join(parts)


def all_open(text: str) -> str:
    """The text with no box of its checklists ticked."""
    found: list[Box] = []
    _parser.render(text, {"boxes": found, "ticks": True})
    for number, box in enumerate(found):
        text = (box.is_done and tick(text, number)) or text
    return text


def _fit_into_page(state: StateCore) -> None:
    """Put headings below the page's own two levels, and draw the boxes of checklists."""
    _lower_headings([token for token in state.tokens if token.type in {"heading_open", "heading_close"}])
    for before, token in pairwise(state.tokens):
        if token.type == "inline" and before.type == "paragraph_open" and before.level > 1:
            _draw_box(token, state)


def _lower_headings(tokens: Sequence[Token]) -> None:
    """The highest become h3, and none skips a level: that is how screen readers find their way."""
    levels = [int(token.tag[1]) for token in tokens]
    current = PAGE_LEVELS
    for token, level in zip(tokens, levels, strict=True):
        current = min(
            level - min(levels) + PAGE_LEVELS + 1, current + 1 if token.nesting == 1 else current, 6
        )
        token.tag = f"h{current}"


def _draw_box(inline: Token, state: StateCore) -> None:
    for first in (inline.children or [])[:1]:
        drawn = BOXES.get(first.content[:4])
        if drawn is None:
            return
        box = _box_in(inline, state)
        if box is None or not state.env.get("ticks"):
            first.content = drawn + first.content[4:]
            return
        state.env["boxes"].append(box)
        first.content = first.content[4:]
        inline.children = [Token("html_inline", "", 0, content=MARK), *(inline.children or [])]


def _box_in(inline: Token, state: StateCore) -> Box | None:
    """The box that a paragraph begins with, where it can be found again in its line."""
    line = (inline.map or [0])[0]
    match = BOX.search(state.src.split("\n")[line])
    return match and Box(line, inline.content.split("\n")[0][4:], match[2] != " ")


def _mark_mentions(state: StateCore) -> None:
    """Put what is a mention into a span, in texts that are neither code nor part of a link."""
    handles: Container[str] = state.env.get("handles", ())
    for block in state.tokens:
        depth = 0
        marked: list[Token] = []
        for token in block.children or []:
            depth += token.nesting if token.type in {"link_open", "link_close"} else 0
            marked += [token] if depth or token.type != "text" else _split(token, handles)
        if block.children:
            block.children = marked


def _split(token: Token, handles: Container[str]) -> list[Token]:
    """A text, and the mentions in it, as tokens of their own."""
    parts: list[Token] = []
    end = 0
    for match in MENTION.finditer(token.content):
        if match[1] in handles:
            mention = f'<span class="mention">{escapeHtml(match[0])}</span>'
            parts += [
                _like(token, token.content[end : match.start()]),
                Token("html_inline", "", 0, content=mention),
            ]
            end = match.end()
    return [*parts, _like(token, token.content[end:])] if parts else [token]


def _like(token: Token, content: str) -> Token:
    return token.copy(content=content)


_parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
_parser.disable("image")
_parser.core.ruler.push("fit_into_page", _fit_into_page)
_parser.core.ruler.push("mentions", _mark_mentions)
