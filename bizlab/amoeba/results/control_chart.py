"""Warning limits (预警控制): each month of each amoeba against the limits of its own earlier months.

Two measures: value added per hour (F) and net margin. Limits and rules are those of `bizlab.shewhart`; beside the
signals stands what chance alone would give for as many units and months.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from bizlab.amoeba.accounting.components import Components
from bizlab.amoeba.results.history_table import NO_MARGIN
from bizlab.amoeba.results.unit_hour import REASONS, SHEET, UNIT_ID, history, in_order
from bizlab.contracts.columns import column, ratio, score, table, words
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.contracts.table import Table
from bizlab.exact import round_half_up
from bizlab.labels import Label
from bizlab.periods import Month
from bizlab.statistics.control_charts import FEWEST, LONGEST_RUN, Verdict, false_alarms, judged
from bizlab.units.kinds import Unit

STATUS = words(
    within="在限内 | within limits",
    signal="有信号 | signal",
    too_few=f"此前不足 {FEWEST} 个月 | fewer than {FEWEST} months before",
    flat="基期无波动 | no variation in the base",
    undefined="指标无定义 | not defined",
)
RULES = words(
    beyond_limits="超出三西格玛限 | beyond 3 sigma",
    two_of_three="同侧 3 中有 2 超两西格玛 | 2 of 3 beyond 2 sigma, one side",
    four_of_five="同侧 5 中有 4 超一西格玛 | 4 of 5 beyond 1 sigma, one side",
    eight_in_a_row="连续 8 个月同侧 | 8 in a row on one side",
)
SIDES = words(above="高于 | above", below="低于 | below")
MEASURES = {"value_per_hour": SHEET["value_per_hour"].label, "net_margin_rate": Label("净利率", "Net margin")}
_SCOPES = words(month="本月 | The month", history="全部可判月份 | All months judged")
_JUDGED = ("within", "signal")
_MOST = 3

_VERDICT = (
    column("status", "判断 | Verdict", choices=STATUS),
    column("side", "位置 | Side", nullable=True, choices=SIDES),
    column("rule", "触发规则 | Rule that fired", nullable=True, choices=RULES),
    column(
        "n_run",
        "连续同侧月数 | Months on this side",
        "到本月为止连续在中心线同一侧的月数 | in a row on this side of the centre, up to this",
    ),
)


def _contract(measure: str, unit: Unit, reasons: Mapping[str, Label]) -> Table:
    label, level = MEASURES[measure], partial(column, unit=unit, nullable=True)
    away = Label("3 × 平均移动极差 ÷ 1.128", "3 x mean moving range / 1.128")
    return table(
        f"control_{measure}",
        f"预警控制:{label.zh} | Warning limits: {label.en}",
        "每月、每个阿米巴一行 | one row per month and amoeba",
        column("month", "月份 | Month"),
        UNIT_ID,
        ratio(measure, label, missing=reasons, unit=unit),
        level("centre", "中心线 | Centre", "基期各月均值 | mean of the base months"),
        level("lower", "下限 | Lower limit", f"中心线 − {away.zh} | centre − {away.en}"),
        level("upper", "上限 | Upper limit", f"中心线 + {away.zh} | centre + {away.en}"),
        _VERDICT,
        column(
            "effect_fen",
            "折合金额 | In money",
            "(实际 − 中心线) × 本月工时或销售收入 | (value − centre) x hours or sales of the month",
            nullable=True,
        ),
        column("n_base", "基期月数 | Base months"),
        column("base_first", "基期起 | Base from", unit=Unit.MONTH, nullable=True),
        column("base_last", "基期止 | Base to", unit=Unit.MONTH, nullable=True),
        key="month unit_id",
    )


CONTROL = {
    "value_per_hour": _contract("value_per_hour", Unit.FEN_PER_HOUR, REASONS),
    "net_margin_rate": _contract("net_margin_rate", Unit.RATE, NO_MARGIN),
}
"""The contract of each measure's chart."""

SHOWN = {
    measure: [name for name in contract.names if name != "month" and not name.endswith("_reason")]
    for measure, contract in CONTROL.items()
}
"""The columns that a reader of one month needs."""

CHANCE = table(
    "chance",
    "信号与偶然 | Signals and chance",
    "每个指标、每个范围一行 | one row per measure and scope",
    column("measure", "指标 | Measure", choices=MEASURES),
    column("scope", "范围 | Scope", choices=_SCOPES),
    column("n_judged", "判断次数 | Judged"),
    column("n_signals", "信号数 | Signals"),
    column(
        "n_runs",
        "其中水平已移 | Level moved",
        f"信号中连续 {LONGEST_RUN} 个月以上在同侧的 | signals that follow {LONGEST_RUN} months or more on one side",
    ),
    score(
        "n_expected",
        "偶然预期 | Expected by chance",
        "各次判断的误报率之和;误报率由独立正态序列按同一程序模拟 | "
        "sum of the false-alarm rates, simulated on independent normal values under the same procedure",
    ),
    key="measure scope",
)


def measured(parts: Sequence[Components], months: pd.DataFrame, units: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Both measures of some units, month by month, as `control_chart` and `trend` take them.

    Parameters
    ----------
    parts : the additive figures of the months.
    months : `PROFIT_MONTHS` of the same months.
    units : ids in the order wanted; a month in which one of them was not open has no row for it.
    """
    hours, sales = history(parts, units), in_order(months, units, by="month")
    return {
        "value_per_hour": hours.assign(base=hours["total_minutes"]),
        "net_margin_rate": sales.assign(base=sales["sales_fen"]).reset_index(drop=True),
    }


def begun_anew(texts: Sequence[str]) -> list[Month]:
    """The months of the parameter ``limits_from``, each written ``YYYY-MM``; a text that is not a month is refused."""
    return [Month.parse(text, place="parameter 'limits_from'") for text in texts]


def control_chart(series: pd.DataFrame, measure: str, *, anew: Sequence[Month] = ()) -> pd.DataFrame:
    """Judge every month of every unit by its own earlier months: see `CONTROL`.

    Parameters
    ----------
    series : one row per month and unit: ``month``, ``unit_id``, the measure, its ``_reason``, and ``base``, the
        minutes or fen of sales that it is a ratio to.
    measure : ``value_per_hour`` or ``net_margin_rate``.
    anew : months in which the base begins anew, since the process was changed on purpose; earlier months are judged
        by the base before and take no part in the new one.

    Returns
    -------
    In the order of ``series``. Months in which the measure is not defined are passed over: a run goes on across them.

    >>> months = [f"2026-{n:02d}" for n in range(1, 10)]
    >>> rows = pd.DataFrame({"unit_id": "t", "month": months, "value_per_hour": [5.0, 6.0] * 4 + [9]})
    >>> chart = control_chart(rows.assign(value_per_hour_reason=None, base=60), "value_per_hour")
    >>> chart[["status", "rule", "base_last"]].iloc[-1].tolist()
    ['signal', 'beyond_limits', '2026-08']
    """
    verdicts: dict[Any, dict[str, Any]] = {}
    begun = pd.Series(np.searchsorted(sorted(map(str, anew)), series["month"], side="right"), index=series.index)
    for _, own in series.sort_values("month", kind="stable").groupby(["unit_id", begun], sort=False):
        defined = own[own[measure].notna()]
        months = defined["month"].tolist()
        columns = (defined.index, defined[measure], defined["base"], judged(defined[measure].tolist()))
        for index, value, base, verdict in zip(*columns, strict=True):
            verdicts[index] = _row(value, verdict, months, float(base), measure)
    blank = {"status": "undefined", "n_run": 0, "n_base": 0}
    rows = zip(series.index, series.to_dict("records"), strict=True)
    return CONTROL[measure].frame(row | verdicts.get(index, blank) for index, row in rows)


def chance(charts: Mapping[str, pd.DataFrame], *, month: str) -> pd.DataFrame:
    """How many signals there are, and how many chance alone would give: see `CHANCE`.

    Parameters
    ----------
    charts : for each measure its `CONTROL` rows.
    month : the month judged.

    Returns
    -------
    One row per measure for the month, and one for all months that could be judged. Neighbouring months and units
    that lie below one another are not independent: the expectation holds, the scatter around it is wider.
    """
    rows = []
    for measure, chart in charts.items():
        limited = chart[chart["base_first"].notna()].sort_values("month", kind="stable")
        n_earlier = FEWEST + limited.groupby(["unit_id", "base_first"]).cumcount()
        rates = pd.Series(false_alarms(int(n_earlier.max()) + 1 if len(n_earlier) else 0), dtype="float64")
        rated = limited.assign(rate=n_earlier.map(rates))
        rated = rated[rated["status"].isin(_JUDGED)]
        for scope, part in (("month", rated[rated["month"] == month]), ("history", rated)):
            signals = part[part["status"] == "signal"]
            n_runs = len(signals[signals["n_run"] >= LONGEST_RUN])
            rows.append((measure, scope, len(part), len(signals), n_runs, float(part["rate"].sum())))
    return CHANCE.frame(rows)


def _row(value: float, verdict: Verdict, months: list[str], base: float, measure: str) -> dict[str, Any]:
    if verdict.limits is None:
        return {"status": "too_few", "n_run": 0, "n_base": 0}
    limits = verdict.limits
    amount = base / 60 if measure == "value_per_hour" else base
    return {
        "centre": limits.centre,
        "lower": limits.lower,
        "upper": limits.upper,
        "status": "flat" if limits.sigma == 0 else "signal" if verdict.rule else "within",
        "rule": verdict.rule,
        "n_run": verdict.run,
        "side": "above" if verdict.is_above else "below",
        "effect_fen": round_half_up(Fraction((value - limits.centre) * amount)),
        "n_base": verdict.n_base,
        "base_first": months[0],
        "base_last": months[verdict.n_base - 1],
    }


def control_findings(charts: Mapping[str, pd.DataFrame], chances: pd.DataFrame, *, month: str) -> list[Finding]:
    """Signals of the month against what chance gives, and the largest signals in money on either side.

    Parameters
    ----------
    charts : for each measure its `CONTROL` rows, shown under the key ``control_`` and the measure.
    chances : from `chance` for the month, shown under the key ``chance``.
    """
    findings = []
    judged_now = chances[(chances["scope"] == "month") & (chances["n_judged"] > 0)]
    for of_measure in judged_now.to_dict("records"):
        measure = of_measure["measure"]
        label, chart = MEASURES[measure], charts[measure]
        count = says(
            of_measure,
            CHANCE,
            f"{label.zh}:本月判断 {{n_judged}} 个阿米巴,{{n_signals}} 个有预警信号,仅凭偶然预期约 {{n_expected}} 个;"
            f"其中 {{n_runs}} 个已连续 {LONGEST_RUN} 个月以上在同侧,是水平已移 | "
            f"{label.en}: {{n_signals}} of {{n_judged}} amoebas signal this month; chance alone would give about "
            f"{{n_expected}}. {{n_runs}} of the signals follow {LONGEST_RUN} months or more on one side: "
            "their level has moved",
            key=f"chance-{measure}",
            basis="西部电气四规则;限值只取自各巴此前的月份;上下级单元与相邻月份并不独立;"
            "有意的改变之后,用 limits_from 重设基期 | "
            "the four Western Electric rules; limits from each amoeba's earlier months only; units above one another "
            "and neighbouring months are not independent; after a change made on purpose let limits_from begin the "
            "base anew",
        )
        signals = chart[(chart["month"] == month) & (chart["status"] == "signal")]
        ordered = signals.sort_values(["effect_fen", "unit_id"], kind="stable")
        worst, best = ordered[ordered["effect_fen"] < 0].head(_MOST), ordered[ordered["effect_fen"] > 0].tail(_MOST)
        findings += [count] + [
            says(
                row,
                CONTROL[measure],
                f"{{unit_id}} {label.zh} {{{measure}}},中心线 {{centre}}({{rule}}),折合 {{effect_fen}} | "
                f"{{unit_id}}, {label.en}: {{{measure}}} against a centre of {{centre}} ({{rule}}), "
                "worth {effect_fen}",
                key=f"signal-{measure}-{row['unit_id']}",
                direction="good" if row["side"] == "above" else "bad",
                material=row["rule"] == "beyond_limits",
                weight=abs(float(row["effect_fen"])),
                basis="超出三西格玛限为重大 | beyond the three-sigma limits is material",
            )
            for row in pd.concat([worst, best]).to_dict("records")
        ]
    return findings
