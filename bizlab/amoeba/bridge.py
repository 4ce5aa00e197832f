"""What moved a unit's value added per hour: sales, purchases, expense and hours, split without a residual.

F is C over D. Between two sheets F changes by what C changed at the mean of both 1/D, and by what 1/D changed at the
mean of both C: the Shapley value of the two factors (Shapley 1953; Sun, Energy Economics 20, 1998, for index numbers),
which treats before and after alike and leaves nothing over. C and D are sums, so each effect falls apart into lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import pandas as pd

from bizlab.amoeba.ledger import CLASSES, DIRECT
from bizlab.amoeba.unit_hour import SHEET, UNIT_ID
from bizlab.checks import Check
from bizlab.contracts import Column, Table
from bizlab.exact import round_half_up, rounded_to
from bizlab.labels import Label
from bizlab.units import Unit

TOTAL = "total"
VALUE: Mapping[str, int] = {
    "external_sales_fen": 1,
    "internal_sales_fen": 1,
    "internal_purchases_fen": -1,
    **dict.fromkeys(DIRECT, -1),
    "department_expense_fen": -1,
    "sbu_expense_fen": -1,
}
"""The lines of C, each with its sign; B1 by class of expense."""
HOURS = ("normal_minutes", "overtime_minutes", "department_minutes", "sbu_minutes")
"""The lines of D."""
_WORDS = {name: SHEET[name].label for name in (*VALUE, *HOURS)} | {TOTAL: Label("F 变动合计", "Change of F")}
_WORDS |= {
    line: Label(f"B1 {label.zh}", f"B1 {label.en}") for line, label in zip(DIRECT, CLASSES.values(), strict=True)
}
_NOT_DEFINED = {
    "not_then": Label("上期没有该单元或 F 无定义", "no such unit, or F not defined, before"),
    "not_now": Label("本期 F 无定义", "F is not defined now"),
}
_PLACES = 100

BRIDGE = Table(
    name="bridge",
    label=Label("单位时间收益变动分解", "What moved value added per hour"),
    grain=Label("每个单元、每个因素一行,另有合计行", "one row per unit and line, and one for their sum"),
    key=("unit_id", "line"),
    columns=(
        UNIT_ID,
        Column("line", Unit.CODE, Label("因素", "Line"), choices=tuple(_WORDS), choice_labels=_WORDS),
        Column("before_fen", Unit.FEN, Label("上期金额", "Amount before"), nullable=True),
        Column("now_fen", Unit.FEN, Label("本期金额", "Amount now"), nullable=True),
        Column("before_minutes", Unit.MINUTES, Label("上期工时", "Hours before"), nullable=True),
        Column("now_minutes", Unit.MINUTES, Label("本期工时", "Hours now"), nullable=True),
        Column(
            "effect_per_hour",
            Unit.FEN_PER_HOUR,
            Label("对 F 的影响", "Effect on F"),
            nullable=True,
            definition=Label(
                "收益因素:变动 × 两期 1/D 之均值;工时因素:−变动 ÷ (上期 D × 本期 D) × 两期 C 之均值",
                "of C: change x mean of both 1/D; of D: -change / (D before x D now) x mean of both C",
            ),
        ),
        Column(
            "effect_per_hour_reason", Unit.CODE, Label("原因", "Reason"), True, tuple(_NOT_DEFINED), None, _NOT_DEFINED
        ),
        Column("is_total", Unit.BOOL, Label("合计行", "Total row")),
    ),
)


def bridge(now: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Split the change of F of every unit of a sheet.

    Parameters
    ----------
    now, before : sheets (`SHEET`) of two periods, of two plans, or of two units under one id.

    Returns
    -------
    `BRIDGE`, in the order of ``now``: effects are rounded to a hundredth of a fen so that they add up to the total,
    which is rounded alike. Where F is not defined on either side there are no effects, and the reason stands there.

    >>> line = {name: [0] for name in (*VALUE, *HOURS)}
    >>> before = pd.DataFrame({**line, "unit_id": ["t"], "external_sales_fen": [120_000], "normal_minutes": [600]})
    >>> now = before.assign(external_sales_fen=150_000, normal_minutes=750)
    >>> found = bridge(now, before).set_index("line")["effect_per_hour"]
    >>> found[found != 0].to_dict()
    {'external_sales_fen': 2700.0, 'normal_minutes': -2700.0}
    """
    then = {row["unit_id"]: row for row in before.to_dict("records")}
    rows = [line for row in now.to_dict("records") for line in _lines(row, then.get(row["unit_id"]))]
    return BRIDGE.conform(pd.DataFrame(rows, columns=list(BRIDGE.names)))


def bridge_checks(found: pd.DataFrame, now: pd.DataFrame, before: pd.DataFrame) -> list[Check]:
    """The effects of all units add up to the changes of F that both sheets show."""
    shown = found[found["effect_per_hour"].notna()]
    parts, totals = (shown.loc[shown["is_total"] == flag, "effect_per_hour"] for flag in (False, True))
    after, then = now.set_index("unit_id"), before.set_index("unit_id")
    units = shown.loc[shown["is_total"], "unit_id"]
    changes = [_per_hour(after.loc[unit]) - _per_hour(then.loc[unit]) for unit in units]
    label = Label(
        "各因素影响之和 = F 变动(百分之一分/小时)", "effects of all lines = change of F (hundredths of a fen an hour)"
    )
    sheets = Label("F 变动合计 = 两期核算表 F 之差", "changes of F = difference of both sheets")
    whole = sum(round_half_up(Fraction(value) * _PLACES) for value in totals)
    return [
        Check(
            "bridge.parts", label, sum(round_half_up(Fraction(value) * _PLACES) for value in parts), whole, Unit.COUNT
        ),
        Check("bridge.sheets", sheets, whole, sum(round_half_up(change * _PLACES) for change in changes), Unit.COUNT),
    ]


def _lines(now: Mapping[str, Any], before: Mapping[str, Any] | None) -> Iterator[dict[str, Any]]:
    effects, reason = _effects(now, before)
    for name in (*VALUE, *HOURS):
        unit = "fen" if name in VALUE else "minutes"
        yield {
            "unit_id": now["unit_id"],
            "line": name,
            f"before_{unit}": None if before is None else before[name],
            f"now_{unit}": now[name],
            "effect_per_hour": effects.get(name),
            "effect_per_hour_reason": reason,
            "is_total": False,
        }
    yield {
        "unit_id": now["unit_id"],
        "line": TOTAL,
        "effect_per_hour": effects.get(TOTAL),
        "effect_per_hour_reason": reason,
        "is_total": True,
    }


def _effects(now: Mapping[str, Any], before: Mapping[str, Any] | None) -> tuple[dict[str, float], str | None]:
    if before is None or _minutes(before) == 0:
        return {}, "not_then"
    if _minutes(now) == 0:
        return {}, "not_now"
    value, hours = [_value(row) for row in (before, now)], [Fraction(_minutes(row), 60) for row in (before, now)]
    per_fen = sum((1 / one for one in hours), Fraction(0)) / 2
    per_hour = Fraction(sum(value), 2) / (hours[0] * hours[1])
    exact = {name: sign * (int(now[name]) - int(before[name])) * per_fen for name, sign in VALUE.items()}
    exact |= {name: -Fraction(int(now[name]) - int(before[name]), 60) * per_hour for name in HOURS}
    total = round_half_up(_PLACES * (_per_hour(now) - _per_hour(before)))
    parts = rounded_to([_PLACES * effect for effect in exact.values()], total)
    return {**{name: part / _PLACES for name, part in zip(exact, parts, strict=True)}, TOTAL: total / _PLACES}, None


def _value(row: Mapping[str, Any]) -> int:
    """C, in fen."""
    return sum(sign * int(row[name]) for name, sign in VALUE.items())


def _minutes(row: Mapping[str, Any]) -> int:
    """D, in minutes."""
    return sum(int(row[name]) for name in HOURS)


def _per_hour(row: Mapping[str, Any]) -> Fraction:
    """F, in fen an hour."""
    return Fraction(_value(row) * 60, _minutes(row))
