"""What moved a unit's value added per hour: sales, purchases, expense and hours, split without a residual.

F is C over D. Between two sheets F changes by what C changed at the mean of both 1/D, and by what 1/D changed at the
mean of both C: the Shapley value of the two factors (Shapley 1953; Sun, Energy Economics 20, 1998, for index numbers),
which treats before and after alike and leaves nothing over. C and D are sums, so each effect falls apart into lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

import pandas as pd

from bizlab.amoeba.accounting.consolidation import EXPENSE, MINUTES
from bizlab.amoeba.results.unit_hour import SHEET, UNIT_ID, line_of, lines_of_b1
from bizlab.contracts.check import Check
from bizlab.contracts.columns import column, ratio, table, words
from bizlab.exact import round_half_up, rounded_to
from bizlab.labels import Label
from bizlab.units.kinds import Unit

TOTAL = "total"
Lines: TypeAlias = Mapping[str, Fraction]
"""The lines of C and D of one month, or of an average one."""
SALES = ("external_sales_fen", "internal_sales_fen")
VALUE = (*SALES, "internal_purchases_fen", *EXPENSE)
"""The lines of C."""
LINE_WORDS = {name: SHEET[name].label for name in (*VALUE, *MINUTES)}
LINE_WORDS |= words({TOTAL: "F 变动合计 | Change of F"})
"""Words for the lines of C and D that are any company's; `line_words` has those of its kinds of expense."""
_NOT_DEFINED = words(
    not_then="比较的一方没有该单元或 F 无定义 | no such unit, or F not defined, in what is compared",
    not_now="本期 F 无定义 | F is not defined now",
)
_PLACES = 100
BASES = words(
    previous="与上月相比 | against the month before",
    plan="与计划相比 | against the plan",
    average="与自身过去平均相比 | against its own average",
)

BRIDGE = table(
    "bridge",
    "单位时间收益变动分解 | What moved value added per hour",
    "每个单元、每个因素一行,另有合计行 | one row per unit and line, and one for their sum",
    column("basis", "比较 | Compared", choices=BASES),
    UNIT_ID,
    column("line", "因素 | Line", words=LINE_WORDS),
    column(
        "n_months",
        "比较的月数 | Months compared",
        "比较的金额与工时为这些月份的平均 | amounts and hours compared are the average of these",
        nullable=True,
    ),
    column("before_fen", "比较金额 | Amount compared", nullable=True),
    column("now_fen", "本期金额 | Amount now", nullable=True),
    column("before_minutes", "比较工时 | Hours compared", nullable=True),
    column("now_minutes", "本期工时 | Hours now", nullable=True),
    ratio(
        "effect_per_hour",
        "对 F 的影响 | Effect on F",
        "收益因素:变动 × 两期 1/D 之均值;工时因素:−变动 ÷ (上期 D × 本期 D) × 两期 C 之均值 | "
        "of C: change x mean of both 1/D; of D: -change / (D before x D now) x mean of both C",
        missing=_NOT_DEFINED,
    ),
    column("is_total", "合计行 | Total row"),
    key="basis unit_id line",
)

BRIDGE_SHOWN = tuple(
    name for name in BRIDGE.names if name not in {"basis", "n_months", "is_total"} and not name.endswith("_reason")
)
"""The columns of `BRIDGE` that a reader of one month against another needs."""


def line_words(kinds: Mapping[str, Label]) -> dict[str, Label]:
    """Words for the lines of B1 by kind of expense, of which each company has a list of its own."""
    return {line_of(kind): Label(f"B1 {label.zh}", f"B1 {label.en}") for kind, label in kinds.items()}


def value_lines(sheet: pd.DataFrame) -> tuple[str, ...]:
    """The lines of C that a sheet holds, B1 by kind of expense."""
    place = VALUE.index("direct_expense_fen")
    return (*VALUE[:place], *lines_of_b1(sheet), *VALUE[place + 1 :])


def sign(line: str) -> int:
    """Whether a line of C adds to it or is taken from it."""
    return 1 if line in SALES else -1


def bridge(now: pd.DataFrame, before: pd.DataFrame, *, basis: str = "previous") -> pd.DataFrame:
    """Split the change of F of every unit of a sheet.

    Parameters
    ----------
    now, before : sheets (`SHEET`) of two periods, or of a month and its plan, or sums of ``n_months`` months.
    basis : what ``before`` is, of `BASES`.

    Returns
    -------
    `BRIDGE`, in the order of ``now``. Sums of several months are compared as their average month, in exact fractions;
    the fen and minutes shown of it are rounded, and its F is that of the sums. Effects are rounded to a hundredth of a
    fen so that they add up to the total, which is rounded alike. Where F is not defined on either side there are no
    effects, and the reason stands there.

    >>> line = {name: [0] for name in (*VALUE, *MINUTES)}
    >>> before = pd.DataFrame({**line, "unit_id": ["t"], "external_sales_fen": [120_000], "normal_minutes": [600]})
    >>> now = before.assign(external_sales_fen=150_000, normal_minutes=750)
    >>> effects = bridge(now, before).set_index("line")["effect_per_hour"]
    >>> effects[effects != 0].to_dict()
    {'external_sales_fen': 2700.0, 'normal_minutes': -2700.0}
    >>> three = before.assign(external_sales_fen=360_001, normal_minutes=1800, n_months=3)
    >>> bridge(now, three, basis="average")[["n_months", "before_fen", "effect_per_hour"]].iloc[0].tolist()
    [3.0, 120000.0, 2699.97]
    """
    then = {row["unit_id"]: row for row in before.to_dict("records")}
    lines = value_lines(now)
    rows = [line for row in now.to_dict("records") for line in _lines(row, then.get(row["unit_id"]), lines)]
    return BRIDGE.frame({"basis": basis, **row} for row in rows)


def bridge_checks(bridged: pd.DataFrame, now: pd.DataFrame, before: pd.DataFrame) -> list[Check]:
    """The effects of all units in a `BRIDGE` on one basis add up to the changes of F that both sheets show."""
    basis = str(bridged["basis"].iloc[0]) if len(bridged) else "previous"
    shown = bridged[bridged["effect_per_hour"].notna()]
    parts, totals = (shown.loc[shown["is_total"] == flag, "effect_per_hour"] for flag in (False, True))
    after, then = now.set_index("unit_id"), before.set_index("unit_id")
    units = shown.loc[shown["is_total"], "unit_id"]
    lines = value_lines(now)
    changes = [_per_hour(_month(after.loc[unit], lines)) - _per_hour(_month(then.loc[unit], lines)) for unit in units]
    whole = sum(round_half_up(Fraction(value) * _PLACES) for value in totals)
    by_line = sum(round_half_up(Fraction(value) * _PLACES) for value in parts)
    of_sheets = sum(round_half_up(change * _PLACES) for change in changes)
    adds_up = (
        "各因素影响之和 = F 变动(百分之一分/小时) | effects of all lines = change of F (hundredths of a fen an hour)"
    )
    is_shown = "F 变动合计 = 两期核算表 F 之差 | changes of F = difference of both sheets"
    return [
        Check(f"bridge.{basis}.parts", Label.of(adds_up), by_line, whole, Unit.COUNT),
        Check(f"bridge.{basis}.sheets", Label.of(is_shown), whole, of_sheets, Unit.COUNT),
    ]


def _lines(now: Mapping[str, Any], before: Mapping[str, Any] | None, lines: Sequence[str]) -> Iterator[dict[str, Any]]:
    then = None if before is None else _month(before, lines)
    effects, reason = _effects(_month(now, lines), then)
    common = {"unit_id": now["unit_id"], "n_months": None if before is None else _n_months(before)}
    common |= {"effect_per_hour_reason": reason}
    for name in (*lines, *MINUTES):
        unit = "minutes" if name in MINUTES else "fen"
        yield common | {
            "line": name,
            f"before_{unit}": None if then is None else round_half_up(then[name]),
            f"now_{unit}": now[name],
            "effect_per_hour": effects.get(name),
            "is_total": False,
        }
    yield common | {"line": TOTAL, "effect_per_hour": effects.get(TOTAL), "is_total": True}


def _effects(now: Lines, before: Lines | None) -> tuple[dict[str, float], str | None]:
    if before is None or _minutes(before) == 0:
        return {}, "not_then"
    if _minutes(now) == 0:
        return {}, "not_now"
    value, hours = [_value(row) for row in (before, now)], [_minutes(row) / 60 for row in (before, now)]
    per_fen = sum((1 / both for both in hours), Fraction(0)) / 2
    per_hour = sum(value, Fraction(0)) / 2 / (hours[0] * hours[1])
    exact = {
        name: -(now[name] - before[name]) / 60 * per_hour if name in MINUTES
        else sign(name) * (now[name] - before[name]) * per_fen
        for name in now
    }  # fmt: skip
    total = round_half_up(_PLACES * (_per_hour(now) - _per_hour(before)))
    parts = rounded_to([_PLACES * effect for effect in exact.values()], total)
    return {**{name: part / _PLACES for name, part in zip(exact, parts, strict=True)}, TOTAL: total / _PLACES}, None


def _n_months(row: Mapping[str, Any]) -> int:
    return int(row.get("n_months", 1))


def _month(row: Mapping[str, Any], lines: Sequence[str]) -> Lines:
    """The lines of C and D by the number of months that they are sums of."""
    return {name: Fraction(int(row[name]), _n_months(row)) for name in (*lines, *MINUTES)}


def _value(row: Lines) -> Fraction:
    """C, in fen."""
    return sum((sign(name) * amount for name, amount in row.items() if name not in MINUTES), Fraction(0))


def _minutes(row: Lines) -> Fraction:
    """D, in minutes."""
    return sum((row[name] for name in MINUTES), Fraction(0))


def _per_hour(row: Lines) -> Fraction:
    """F, in fen an hour."""
    return _value(row) * 60 / _minutes(row)
