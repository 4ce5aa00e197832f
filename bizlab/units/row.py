"""What is known of a unit: the parts of its row in `bizlab.units.kinds`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import NamedTuple

from bizlab.labels import Label, Lang


class Kind(Enum):
    """What values are, whatever they measure, and the types that hold them in pandas and in Arrow.

    >>> Kind.WHOLE.pandas, Kind.WHOLE.nullable, Kind.DAY.arrow
    ('int64', 'Int64', 'date32')
    """

    TEXT = "text as written", "str", "str", "string"
    CODE = "code, its width folded", "str", "str", "string"
    YES_NO = "yes or no", "bool", "boolean", "bool"
    DAY = "day", "datetime64[us]", "datetime64[us]", "date32"
    MONTH = "month, YYYY-MM", "str", "str", "string"
    MOMENT = "moment", "datetime64[us]", "datetime64[us]", "timestamp[us]"
    WHOLE = "whole number", "int64", "Int64", "int64"
    REAL = "real number", "float64", "float64", "float64"

    def __init__(self, words: str, pandas: str, nullable: str, arrow: str) -> None:
        self.words, self.pandas, self.nullable, self.arrow = words, pandas, nullable, arrow


class SourceUnit(NamedTuple):
    """A unit in which a source may deliver: its name in ``params/sources.yaml``, how many of ours it is, in English."""

    name: str
    per: int
    english: str


class Large(NamedTuple):
    """In what a table shows large values: from how many of ours on, how many times the ordinary unit, its word."""

    least: int
    factor: int
    word: Label


NOT_WHOLE = Label("不是整数", "not a whole number")
Steps = tuple[tuple[int | Fraction, str], ...]


class Spoken(NamedTuple):
    """How a size is said in each language: from how many of ours on, by which it is then divided, and the words around
    the number. The largest stands first; the last serves everything below."""

    zh: Steps
    en: Steps


@dataclass(frozen=True)
class UnitRow:
    """All that anybody needs to know of a unit.

    Parameters
    ----------
    code : its name in contracts and results.
    kind : what its values are; what is added up is `Kind.WHOLE`, so that a sum is the same on every engine, and a ratio
        `Kind.REAL`.
    endings, beginning : of the names of its columns.
    sources : units in which a source may deliver it, the usual one first; none where there is only one.
    finer : the rule that a text breaks which is no whole number of it.
    clock : whether people write it as ``h:mm``.
    scale : how many of it are one on the page, such as 100 fen a yuan.
    places : decimals on the page.
    word : the unit on the page; None where the number says all.
    large : what a table shows it in where values are large.
    spoken : how it is said in a sentence; by default the number and ``word``.
    moved : how a change of it is said, where otherwise than its size.
    exact : the whole value, as ``¥{}``.
    excel : number format in workbooks; what it shows with ``%`` stands in the cell as a fraction.
    asked : what a blank form asks for, with places for ``{unit}`` and ``{places}``; by default a plain number.
    """

    code: str
    kind: Kind
    endings: tuple[str, ...] = ()
    beginning: str = ""
    sources: tuple[SourceUnit, ...] = ()
    finer: Label = NOT_WHOLE
    clock: bool = False
    scale: int | Fraction = 1
    places: int = 0
    word: Label | None = None
    large: Large | None = None
    spoken: Spoken | None = None
    moved: Label | None = None
    exact: str = "{}"
    excel: str = ""
    asked: Label | None = None

    @property
    def is_percent(self) -> bool:
        """Whether a spreadsheet shows it as a percentage, which multiplies and names the unit by itself."""
        return "%" in self.excel

    @property
    def per_cell(self) -> int | Fraction:
        """How many of it are one in the cell of a workbook."""
        return 1 if self.is_percent else self.scale

    @property
    def is_decimal(self) -> bool:
        """Whether one of it is the last decimal on the page, as one fen is 0.01 yuan, so that nothing is rounded."""
        return self.kind is Kind.WHOLE and self.scale == 10**self.places

    def source(self, name: str | None = None) -> SourceUnit:
        """The source's unit of this name, or the usual one; `KeyError` where no source delivers it so."""
        if not self.sources:
            return SourceUnit("", 1, "")
        return {source.name: source for source in self.sources}[name or self.sources[0].name]

    def steps(self, lang: Lang) -> Steps:
        """How a size is said in a language; see `Spoken`."""
        if self.spoken is not None:
            return self.spoken.zh if lang == "zh" else self.spoken.en
        return ((self.scale, f"{{}} {self.word.text(lang)}" if self.word else "{}"),)
