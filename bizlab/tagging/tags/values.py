"""Values of tags as a reader knows them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from bizlab.labels import Label
from bizlab.tagging.dictionary.dictionary import Tag
from bizlab.units.kinds import Unit

_FLAGS = {True: Label("是", "yes"), False: Label("否", "no")}


def value_label(value: Any, tag: Tag) -> Label:
    """A value that is not missing in words: money in yuan, shares in per cent, dates as ISO, codes by their names.

    >>> from bizlab.labels import Label
    >>> from types import SimpleNamespace
    >>> value_label(1234500, SimpleNamespace(unit=Unit.FEN, words={}))
    Label(zh='12,345.00元', en='12,345.00 yuan')
    """
    match tag.unit:
        case Unit.FEN:
            text = f"{int(value) / 100:,.2f}"
            return Label(f"{text}元", f"{text} yuan")
        case Unit.RATE:
            return _same(f"{float(value):.1%}")
        case Unit.SCORE:
            return _same(f"{float(value):,.2f}")
        case Unit.BOOL:
            return _FLAGS[bool(value)]
        case Unit.DATE:
            return _same(pd.Timestamp(value).date().isoformat())
        case Unit.DAYS:
            return Label(f"{int(value):,}天", f"{int(value):,} days")
        case Unit.CODE:
            return tag.words.get(str(value), _same(str(value)))
        case _:
            return _same(f"{int(value):,}")


def _same(text: str) -> Label:
    return Label(text, text)
