"""The currency of the project's amounts: its words and signs, in this one place.

Amounts are kept in the currency's smallest unit (``_fen``); they are read, shown and spoken in its main unit.
"""

from __future__ import annotations

from bizlab.labels import Label
from bizlab.units.row import Large, SourceUnit, Spoken

SIGN = "¥"
WORD = Label("元", "RMB")
SOURCES = (SourceUnit("元", 100, "yuan"), SourceUnit("万元", 1_000_000, "10,000 yuan"), SourceUnit("分", 1, "fen"))
LARGE = Large(100_000_000, 10_000, Label("万元", "RMB 10k"))
SPOKEN = Spoken(
    zh=((10_000_000_000, "{} 亿元"), (1_000_000, "{} 万元"), (100, "{} 元")),
    en=((100_000_000, "RMB {} million"), (100, "RMB {}")),
)
