"""Text of analysts and of data, made harmless: Markdown, HTML outputs and pictures."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any, NamedTuple

import mistune
import nh3
from markupsafe import Markup

_HEADINGS = {f"h{level}" for level in range(2, 7)}
_PROSE = {"p", "br", "hr", "ul", "ol", "li", "blockquote", "dl", "dt", "dd", "div", "span", *_HEADINGS}
_WORDS = {"pre", "code", "em", "strong", "b", "i", "small", "del", "sub", "sup", "a", "img"}
_TABLES = {"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"}
_TAGS = _PROSE | _WORDS | _TABLES
_ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt", "title"}, "th": {"colspan", "rowspan", "scope"}}
_ATTRIBUTES["td"] = {"colspan", "rowspan"}
_SCHEMES = {"http", "https", "mailto", "data"}
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+")
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


class Heading(NamedTuple):
    """A heading that the contents list names."""

    anchor: str
    text: str
    level: int


def clean_html(text: str) -> Markup:
    """HTML of an analyst's output: structure and words stay, scripts, styles and requests go.

    >>> clean_html('<td style="x" onclick="y">1<script>z</script><img src="http://a/b.png"></td>')
    Markup('1<img>')
    """
    return Markup(_cleaned(text, _ATTRIBUTES))  # noqa: S704  nh3 has cleaned it


def markdown(text: str, *, anchor: str) -> tuple[Markup, list[Heading]]:
    """Markdown as HTML, with its headings.

    A heading of the first level becomes one of the second, since the page has its own title; HTML written in the
    Markdown is shown as text.

    >>> html, headings = markdown("# 概览\\n<b>x</b>\\n\\n[a](javascript:x)", anchor="c1")
    >>> print(html, headings)
    <h2 id="c1-1">概览</h2>
    <p>&lt;b&gt;x&lt;/b&gt;</p>
    <p><a href="#harmful-link" rel="noopener noreferrer">a</a></p>
     [Heading(anchor='c1-1', text='概览', level=2)]
    """
    renderer = _Renderer(anchor)
    html = mistune.create_markdown(renderer=renderer, plugins=["table", "strikethrough"])(text)
    cleaned = _cleaned(str(html), {**_ATTRIBUTES, **{tag: {"id"} for tag in _HEADINGS}})
    return Markup(cleaned), renderer.headings  # noqa: S704  nh3 has cleaned it


def picture(data: str | bytes, mime: str) -> str:
    """A picture as a data address; SVG is framed as a picture too, where its scripts cannot run.

    Raises
    ------
    ValueError : not base64.
    """
    raw = data.encode() if isinstance(data, str) else data
    if mime != "image/svg+xml":
        try:
            raw = base64.b64decode(raw, validate=False)
        except binascii.Error as fault:
            raise ValueError(f"the picture is damaged: {fault}") from fault
    return f"data:{mime};base64,{base64.b64encode(raw).decode()}"


def plain_text(text: str) -> str:
    """Terminal output without its colour codes.

    >>> plain_text("\\x1b[31merror\\x1b[0m")
    'error'
    """
    return _ANSI.sub("", text)


def _cleaned(text: str, attributes: dict[str, set[str]]) -> str:
    return nh3.clean(text, tags=_TAGS, attributes=attributes, url_schemes=_SCHEMES, attribute_filter=_address)


def _address(_tag: str, name: str, value: str) -> str | None:
    """Pictures must be carried in the page; links may not carry data."""
    if name == "src":
        return value if _PICTURE.fullmatch(value) else None
    if name == "href" and value.strip().lower().startswith("data:"):
        return None
    return value


class _Renderer(mistune.HTMLRenderer):
    """Headings with anchors, kept for the contents list."""

    def __init__(self, anchor: str) -> None:
        super().__init__(escape=True)
        self._anchor = anchor
        self.headings: list[Heading] = []

    def heading(self, text: str, level: int, **attrs: Any) -> str:  # noqa: ARG002  the signature is mistune's
        shown = min(max(level, 2), 6)
        anchor = f"{self._anchor}-{len(self.headings) + 1}"
        self.headings.append(Heading(anchor, str(Markup(text).striptags()), shown))  # noqa: S704  only stripped
        return f'<h{shown} id="{anchor}">{text}</h{shown}>\n'
