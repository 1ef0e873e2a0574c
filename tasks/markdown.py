"""Descriptions: what people write in Markdown, as HTML that is safe to show to others.

The parser turns raw HTML into text; nh3 then lets through only the tags, attributes and addresses named here,
so a mistake in one of the two is not enough to let a script in.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
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


def render(text: str, handles: Container[str] = ()) -> SafeString:
    """HTML of a Markdown text (CommonMark, tables, ~~strike~~, checklists; a line break is kept).

    Pictures become links: loading one would tell its host who reads the task. An @ with one of the ``handles``
    is marked as a mention.
    """
    html = nh3.clean(
        _parser.render(text, {"handles": handles}),
        tags=TAGS,
        attributes=ATTRIBUTES,
        allowed_classes={"span": {"mention"}},
        url_schemes=ADDRESSES,
        link_rel=LINK_REL,
    )
    return mark_safe(html)  # noqa: S308 - nh3 has just cleaned it


def _fit_into_page(state: StateCore) -> None:
    """Put headings below the page's own two levels, and draw the boxes of checklists."""
    _lower_headings([token for token in state.tokens if token.type in {"heading_open", "heading_close"}])
    for before, token in pairwise(state.tokens):
        if token.type == "inline" and before.type == "paragraph_open" and before.level > 1:
            _draw_box(token)


def _lower_headings(tokens: Sequence[Token]) -> None:
    """The highest become h3, and none skips a level: that is how screen readers find their way."""
    levels = [int(token.tag[1]) for token in tokens]
    current = PAGE_LEVELS
    for token, level in zip(tokens, levels, strict=True):
        current = min(
            level - min(levels) + PAGE_LEVELS + 1, current + 1 if token.nesting == 1 else current, 6
        )
        token.tag = f"h{current}"


def _draw_box(inline: Token) -> None:
    for first in (inline.children or [])[:1]:
        first.content = BOXES.get(first.content[:4], first.content[:4]) + first.content[4:]


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
