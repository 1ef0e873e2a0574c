"""What people write becomes HTML that can do nothing."""

import re

import pytest

from tasks.markdown import ADDRESSES, ATTRIBUTES, TAGS, render

SAFE = TAGS | {"html"}


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**now** and *then*", "<p><strong>now</strong> and <em>then</em></p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("~~gone~~", "<p><s>gone</s></p>"),
        ("# Plan", "<h3>Plan</h3>"),
        ("###### Small print", "<h3>Small print</h3>"),
        ("## A\n#### B\n## C", "<h3>A</h3>\n<h4>B</h4>\n<h3>C</h3>"),
        ("# A\n## B\n### C\n#### D\n##### E", "<h3>A</h3>\n<h4>B</h4>\n<h5>C</h5>\n<h6>D</h6>\n<h6>E</h6>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("3. c", '<ol start="3">\n<li>c</li>\n</ol>'),
        ("- [ ] milk\n- [x] eggs", "<ul>\n<li>☐ milk</li>\n<li>☑ eggs</li>\n</ul>"),
        ("[ ] not a list", "<p>[ ] not a list</p>"),
        ("`a < b`", "<p><code>a &lt; b</code></p>"),
        (
            "[plan](https://example.com/a?b=1)",
            '<p><a href="https://example.com/a?b=1" rel="noopener noreferrer nofollow">plan</a></p>',
        ),
        ("![cat](https://example.com/cat.png)", '<p>!<a href="https://example.com/cat.png"'),
        ("|a|b|\n|-|-|\n|1|2|", "<table>"),
        ("1 < 2 & 3", "<p>1 &lt; 2 &amp; 3</p>"),
        ("", ""),
    ],
)
def test_markdown_is_rendered(text, html):
    assert render(text).strip().startswith(html)


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](java\tscript:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](javascript&colon;alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
        "[x](vbscript:msgbox(1))",
        "[x](file:///etc/passwd)",
        "<javascript:alert(1)>",
        '[x](https://example.com "onmouseover=alert(1)")',
        '[x](https://example.com" onmouseover="alert(1))',
        '![x](https://example.com/a.png" onerror="alert(1))',
        "![x](javascript:alert(1))",
        "[x]: javascript:alert(1)\n\n[x]",
        "`<script>alert(1)</script>`",
        "```html\n<script>alert(1)</script>\n```",
        '```"><script>alert(1)</script>\ncode\n```',
        "<style>body{display:none}</style>",
        "<iframe src=https://example.com></iframe>",
        "<form action=https://example.com><input name=password></form>",
        "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<details open ontoggle=alert(1)>",
        "<!-- <img src=x onerror=alert(1)> -->",
        "| <img src=x onerror=alert(1)> |\n|-|\n| <script>alert(1)</script> |",
        "# <script>alert(1)</script>",
        "\x00<script>alert(1)</script>",
        "<p style='background:url(javascript:alert(1))'>x</p>",
        '<a id="toasts" class="toast" name="x">x</a>',
    ],
)
def test_nothing_in_it_can_act(attack):
    for tag, attributes in re.findall(r"<\s*/?\s*([a-zA-Z][^\s/>]*)([^>]*)>", render(attack)):
        assert tag.lower() in SAFE
        names = set(re.findall(r'([\w:-]+)="[^"]*"', attributes))
        assert names <= ATTRIBUTES.get(tag, set()) | {"rel"}
        for address in re.findall(r'href="([^"]*)"', attributes):
            assert address.split(":", 1)[0] in ADDRESSES or ":" not in address
