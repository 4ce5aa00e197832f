"""The totals of every prediction at the latest date whose horizon is over, beside what came."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from bizlab.contracts.columns import code, column, table
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.prediction.backtest.backtest import Backtest
from bizlab.prediction.backtest.realised import REALISED_TOTAL, realised_total

_SHOWN = ("n_compared", "expected", "lower", "upper", "lower_reason", "actual", "standing")

LATEST_TOTALS = table(
    "latest_totals",
    "最近一次可检验的预测与实际(事后重做) | The latest prediction that can be held against what came (made again)",
    "每个预测一行 | one row per prediction",
    code("prediction", "预测 | Prediction"),
    column("origin_on", "预测时点 | Predicted on"),
    column("horizon_days", "预测天数 | Horizon"),
    (REALISED_TOTAL[name] for name in _SHOWN),
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
        cases = test.cases[test.cases["origin_on"] == pd.Timestamp(origin)].assign(
            predicted_reason=None, actual_reason=None
        )
        total = realised_total(
            cases, is_probability=test.prediction.kind == "probability", confidence=test.confidence
        ).iloc[0]
        rows.append(
            {
                "prediction": test.prediction.key,
                "origin_on": pd.Timestamp(origin),
                "horizon_days": test.horizon_days,
                **{name: total[name] for name in _SHOWN},
            }
        )
    return LATEST_TOTALS.conform(pd.DataFrame(rows, columns=list(LATEST_TOTALS.names)))


def realised_findings(totals: pd.DataFrame, *, key: str = "realised") -> list[Finding]:
    """One sentence for each prediction whose total lay outside what was expected of it.

    Parameters
    ----------
    totals : `LATEST_TOTALS`. key : the name under which the notebook shows it.
    """
    text = (
        "{prediction}:{origin_on} 预计 {expected},实际 {actual},{standing}({lower} 至 {upper}) | "
        "{prediction}: on {origin_on} {expected} were expected and {actual} came, {standing} ({lower} to {upper})"
    )
    off = totals[totals["standing"].isin(["above", "below"])]
    return [
        says(row, LATEST_TOTALS, text, key=f"realised.{row['prediction']}", table=key, material=True)
        for row in off.to_dict("records")
    ]
