"""Backtests for readers: one row per prediction and origin, and one for all origins."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd

from bizlab.contracts.columns import code, column, ratio, reason, score, table
from bizlab.contracts.finding import Direction, Finding
from bizlab.contracts.says import says
from bizlab.errors import ContractError, some
from bizlab.labels import Label
from bizlab.prediction.backtest.backtest import Backtest
from bizlab.prediction.backtest.calibration import CALIBRATION
from bizlab.prediction.backtest.evaluation import MEASURES, VERDICTS, Measure
from bizlab.prediction.backtest.metrics import REASONS, Estimate

POOLED = "pooled"
_JUDGED: dict[str, Direction] = {"better": "good", "worse": "bad"}
ORIGINS: dict[str, Label] = {POOLED: Label("全部时点", "All dates")}

BACKTEST = table(
    "backtest",
    "回测:预测与基准 | Backtest: prediction and baseline",
    "每个预测、时点一行,另有合并行 | one row per prediction and date, and one for all dates",
    code("prediction", "预测 | Prediction"),
    code("baseline", "基准 | Baseline"),
    column("origin", "预测时点 | Predicted on", words=ORIGINS),
    column("is_total", "合并行 | Total row"),
    column("n_origins", "时点数 | Dates"),
    column("horizon_days", "预测天数 | Horizon"),
    column("n_at_risk", "有结果的客户 | With an outcome"),
    column("n_without", "其中无预测 | Without a prediction"),
    column("n_cases", "比较数 | Compared"),
    column("n_customers", "不同客户 | Different customers"),
    score(
        "actual_mean",
        "实际均值 | Actual",
        "概率类为发生率;其余单位见预测名称 | a rate for probabilities; else in the unit that the prediction names",
        nullable=True,
    ),
    score("predicted_mean", "预测均值 | Predicted", nullable=True),
    score("baseline_mean", "基准均值 | Baseline's", nullable=True),
    column("measure", "误差 | Measure", choices=MEASURES),
    score("model_loss", "预测误差 | Loss", "越小越好 | smaller is better", nullable=True),
    score("baseline_loss", "基准误差 | Baseline's loss", nullable=True),
    score(
        "difference",
        "误差之差 | Difference",
        "预测 − 基准,小于零为优 | prediction minus baseline, below 0 is better",
        nullable=True,
    ),
    score("lower", "下限 | Lower limit", "按客户重抽样 | by resampling customers", nullable=True),
    score("upper", "上限 | Upper limit", nullable=True),
    ratio(
        "skill", "改进比例 | Skill", "1 − 预测误差 ÷ 基准误差 | 1 minus loss over the baseline's loss", missing=REASONS
    ),
    score(
        "auc", "AUC", "发生者排在未发生者之前的机会 | chance that who did is ranked above who did not", nullable=True
    ),
    score("auc_lower", "AUC 下限 | AUC, lower", nullable=True),
    score("auc_upper", "AUC 上限 | AUC, upper", nullable=True),
    reason("auc", REASONS),
    column("verdict", "结论 | Verdict", choices=VERDICTS),
    CALIBRATION["refusal"],
    key="prediction origin",
    sums={
        "n_at_risk = n_without + n_cases": (
            "有结果 = 无预测 + 比较数 | with an outcome = without a prediction + compared"
        )
    },
)

_MEANS = ["n_cases", "actual_mean", "predicted_mean", "baseline_mean"]
BRIEF = ["prediction", "origin", *_MEANS, "skill", "auc", "baseline", "verdict", "refusal"]
"""What a reader needs of all dates together."""
BY_DATE = ["prediction", "origin", *_MEANS, "difference", "lower", "upper", "auc", "verdict", "refusal"]
"""What a reader needs of each date."""
_LOSSES = ["measure", "model_loss", "baseline_loss", "difference", "lower", "upper"]
IN_FULL = [*BY_DATE[:2], *_MEANS, *_LOSSES, "auc", "auc_lower", "auc_upper", "baseline", "verdict", "refusal"]
"""What a reader needs of a single test."""


def backtest_table(results: Sequence[Backtest], *, measure: Measure | None = None) -> pd.DataFrame:
    """Backtests for readers.

    Parameters
    ----------
    results : of one kind, if ``measure`` is given. measure : the loss compared, by default the first of its kind.

    Returns
    -------
    `BACKTEST`: for each prediction the origins in order and then all of them. A refused origin has 0 at risk, no
    figures, verdict ``not_available`` and its reason. The words of ``prediction`` and ``baseline`` are `words`.
    """
    rows = [_row(result, origin, measure) for result in results for origin in (*result.origins, None)]
    return BACKTEST.conform(pd.DataFrame(rows, columns=list(BACKTEST.names)))


def calibration_table(results: Sequence[Backtest]) -> pd.DataFrame:
    """The calibration of every probability among backtests: `calibration.CALIBRATION`."""
    rows = []
    for result in results:
        if (whole := result.calibration) is None:
            continue
        row = {"prediction": result.prediction.key, "n_cases": len(result.cases), **vars(whole)}
        for figure in ("ratio", "intercept", "slope"):
            row[figure], row[f"{figure}_lower"], row[f"{figure}_upper"], _ = getattr(whole, figure)
        rows.append(row | {"slope_reason": whole.slope.reason, "refusal": whole.reason})
    return CALIBRATION.conform(pd.DataFrame(rows, columns=list(CALIBRATION.names)))


def words(results: Sequence[Backtest]) -> dict[str, Label]:
    """The words of the codes in `BACKTEST`'s ``prediction`` and ``baseline``.

    Raises
    ------
    ContractError : one code stands for two things, so that a reader would see the wrong words.
    """
    named = [result.prediction for result in results]
    pairs = [(p.key, p.label) for p in named] + [(p.baseline_key, p.baseline) for p in named]
    labels = dict(pairs)
    twice = sorted({code for code, label in pairs if labels[code] != label})
    if twice:
        raise ContractError(
            f"The code {some(twice)} stands for two things", place="backtests", fix="give each a code of its own"
        )
    return labels


def backtest_findings(tests: pd.DataFrame, *, key: str = "backtest") -> list[Finding]:
    """One sentence for each row of `BACKTEST`, shown under ``key``: if it beats its baseline, or why that is not known.

    A prediction worse than its baseline is material, since somebody may act on it.
    """
    text = "{{prediction}}:{{verdict}}——{0}({{n_cases}} 例) | {{prediction}}: {{verdict}} — {0} ({{n_cases}} cases)"
    return [
        says(
            row,
            BACKTEST,
            text.format("{baseline}" if pd.isna(row["refusal"]) else "{refusal}"),
            key=f"backtest.{row['prediction']}",
            table=key,
            direction=_JUDGED.get(row["verdict"], "neutral"),
            material=row["verdict"] == "worse",
        )
        for row in tests.to_dict("records")
    ]


def _row(result: Backtest, origin: date | None, measure: Measure | None) -> dict[str, Any]:
    evaluation = result.evaluation(origin, measure=measure)
    n_at_risk = sum(result.n_at_risk.values()) if origin is None else result.n_at_risk.get(origin, 0)
    auc = evaluation.auc or Estimate(math.nan, math.nan, math.nan, "not_ranked")
    return {
        **vars(evaluation),
        "prediction": result.prediction.key,
        "baseline": result.prediction.baseline_key,
        "origin": POOLED if origin is None else origin.isoformat(),
        "is_total": origin is None,
        "n_origins": len(result.n_at_risk) if origin is None else int(origin in result.n_at_risk),
        "horizon_days": result.horizon_days,
        "n_at_risk": n_at_risk,
        "n_without": n_at_risk - evaluation.n_cases,
        "difference": evaluation.difference.value,
        "lower": evaluation.difference.lower,
        "upper": evaluation.difference.upper,
        "auc": auc.value,
        "auc_lower": auc.lower,
        "auc_upper": auc.upper,
        "auc_reason": auc.reason,
        "refusal": result.reason(origin, evaluation),
    }
