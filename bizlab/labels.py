"""Words in both languages of a report."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from bizlab.errors import ContractError

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")

_HAN = re.compile("[\u4e00-\u9fff]")


class Label(NamedTuple):
    """One text in Chinese and in English.

    >>> Label("销售净额", "Net sales").text("zh")
    '销售净额'
    """

    zh: str
    en: str

    @classmethod
    def of(cls, text: str | Label) -> Label:
        """The label that a text "中文 | English" stands for; what is the same in both languages is written once.

        Raises
        ------
        ContractError : a half is missing, or there are more than two.

        >>> Label.of("销售净额 | Net sales"), Label.of("A0 − B0")
        (Label(zh='销售净额', en='Net sales'), Label(zh='A0 − B0', en='A0 − B0'))
        """
        if isinstance(text, Label):
            return text
        halves = text.split(" | ")
        if len(halves) > 2 or not all(half.strip() for half in halves) or (len(halves) == 1 and _HAN.search(text)):
            raise ContractError(
                "A text does not stand in both languages",
                place=f"text '{text}'",
                fix="write it as '中文 | English', and once, without the bar, where both are the same",
            )
        return cls(halves[0], halves[-1])

    def text(self, lang: Lang) -> str:
        return self.zh if lang == "zh" else self.en

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """In JSON an object of both languages, where a named tuple would be a list."""
        from pydantic_core.core_schema import plain_serializer_function_ser_schema

        return {**handler(source), "serialization": plain_serializer_function_ser_schema(cls._asdict)}


def joined(labels: Sequence[Label], between: str = " · ") -> Label:
    """Several texts as one.

    >>> joined([Label("设备", "Equipment"), Label("十月", "October")])
    Label(zh='设备 · 十月', en='Equipment · October')
    """
    return Label(between.join(label.zh for label in labels), between.join(label.en for label in labels))
