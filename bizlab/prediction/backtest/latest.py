"""The totals of every prediction at the latest date whose horizon is over, beside what came."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from bizlab.contracts.columns import code, column, reason, score, table, words
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.prediction.backtest.backtest import Backtest
from bizlab.prediction.backtest.events import events_interval
from bizlab.prediction.backtest.metrics import checked
from bizlab.statistics.proportions import Interval

STANDINGS = words(
    within="在预期范围内 | Within what was expected",
    above="高于预期范围 | Above what was expected",
    below="低于预期范围 | Below what was expected",
    not_available="无法判断 | Not available",
)
NO_INTERVAL = words(
    nobody="没有可对照的客户 | nobody to compare", no_variance="预测未给出方差 | the prediction gives no variance"
)
LATEST_TOTALS = table(
    "latest_totals",
    "最近一次可检验的预测与实际(事后重做) | The latest prediction that can be held against what came (made again)",
    "每个预测一行 | one row per prediction",
    code("prediction", "预测 | Prediction"),
    column("origin_on", "预测时点 | Predicted on"),
    column("horizon_days", "预测天数 | Horizon"),
    column("n_compared", "可对照 | Compared"),
    score("expected", "预期 | Expected", "可对照客户的预测之和 | sum of the predictions of those compared"),
    score(
        "lower",
        "下限 | Lower limit",
        "若预测为真且客户相互独立,合计应在其间 | "
        "where the total lies if predictions are true and customers independent",
        nullable=True,
    ),
    score("upper", "上限 | Upper limit", nullable=True),
    reason("lower", NO_INTERVAL),
    score("actual", "实际 | Actual"),
    column("standing", "结论 | Standing", choices=STANDINGS),
    key="prediction",
)


def latest_totals(tests: Sequence[Backtest]) -> pd.DataFrame:
    """What is predicted in total from what was known then, and what came.

    Parameters
    ----------
    tests : backtests; the latest origin that was not refused is taken of each, and one without any is left out.

    Returns
    -------
    `LATEST_TOTALS`. Probabilities have an interval of the number of events; counts and amounts have none, with the
    reason.
    """
    rows = []
    for test in tests:
        if not test.n_at_risk:
            continue
        origin = max(test.n_at_risk)
        cases = test.cases[test.cases["origin_on"] == pd.Timestamp(origin)]
        actual, limits = float(cases["actual"].sum()), Interval(math.nan, math.nan)
        why: str | None = "no_variance" if len(cases) else "nobody"
        if len(cases) and test.prediction.kind == "probability":
            _, chances = checked(cases["actual"], cases["predicted"])
            why, limits = None, events_interval(chances, confidence=test.confidence)
        rows.append(
            {
                "prediction": test.prediction.key,
                "origin_on": pd.Timestamp(origin),
                "horizon_days": test.horizon_days,
                "n_compared": len(cases),
                "expected": cases["predicted"].sum(),
                "lower": limits.lower,
                "upper": limits.upper,
                "lower_reason": why,
                "actual": actual,
                "standing": _standing(actual, limits),
            }
        )
    return LATEST_TOTALS.conform(pd.DataFrame(rows, columns=list(LATEST_TOTALS.names)))


def realised_findings(totals: pd.DataFrame, *, key: str = "realised") -> list[Finding]:
    """One sentence for each row of `LATEST_TOTALS`, shown under ``key``, whose total lay outside what was expected."""
    text = (
        "{prediction}:{origin_on} 预计 {expected},实际 {actual},{standing}({lower} 至 {upper}) | "
        "{prediction}: on {origin_on} {expected} were expected and {actual} came, {standing} ({lower} to {upper})"
    )
    off = totals[totals["standing"].isin(["above", "below"])]
    return [
        says(row, LATEST_TOTALS, text, key=f"realised.{row['prediction']}", table=key, material=True)
        for row in off.to_dict("records")
    ]


def _standing(actual: float, limits: Interval) -> str:
    if math.isnan(limits.lower):
        return "not_available"
    if actual < limits.lower:
        return "below"
    return "above" if actual > limits.upper else "within"
