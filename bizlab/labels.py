"""Words in both languages of a report."""

from __future__ import annotations

from typing import Literal, NamedTuple

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")


class Label(NamedTuple):
    """One text in Chinese and in English.

    >>> Label("销售净额", "Net sales").text("zh")
    '销售净额'
    """

    zh: str
    en: str

    def text(self, lang: Lang) -> str:
        return self.zh if lang == "zh" else self.en
