"""How wide a text is, counted by characters, since measuring would depend on a host's fonts."""

from __future__ import annotations

import unicodedata

FONT_SIZE = 13
"""Of the charts' labels, in pixels."""


def text_width(text: str) -> float:
    """Width in ems by counting characters: one for a Chinese character, about half for others.

    >>> text_width("装配")
    2.0
    """
    return sum(1.0 if unicodedata.east_asian_width(char) in "WF" else 0.53 for char in text)


def cut(text: str, pixels: float) -> str:
    """The text, cut with an ellipsis where it would be wider.

    >>> cut("华东销售大区第一事业部", 100)
    '华东销售大区…'
    """
    room = pixels / FONT_SIZE
    if text_width(text) <= room:
        return text
    fitting = (text[:n] for n in range(len(text), 0, -1) if text_width(text[:n]) <= room - 1)
    return next(fitting, "") + "…"
