"""Backtests for readers: one row per prediction and origin, and one for all origins."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd

from bizlab.contracts.column import Column
from bizlab.contracts.table import Identity, Table
from bizlab.errors import ContractError, some
from bizlab.labels import Label
from bizlab.prediction.backtest.backtest import Backtest
from bizlab.prediction.backtest.calibration import calibrated_table
from bizlab.prediction.backtest.evaluation import MEASURES, VERDICTS, Measure
from bizlab.prediction.backtest.metrics import reason_column
from bizlab.prediction.models.refusals import REFUSALS
from bizlab.units.kinds import Unit

POOLED = "pooled"
ORIGINS: dict[str, Label] = {POOLED: Label("全部时点", "All dates")}


def _figure(name: str, zh: str, en: str, meaning: tuple[str, str] | None = None) -> Column:
    return Column(name, Unit.SCORE, Label(zh, en), True, definition=Label(*meaning) if meaning else None)


REFUSAL = Column(
    "refusal", Unit.CODE, Label("无法评价的原因", "Why not available"), True, tuple(REFUSALS), None, REFUSALS
)
BACKTEST = Table(
    name="backtest",
    label=Label("回测:预测与基准", "Backtest: prediction and baseline"),
    grain=Label("每个预测、时点一行,另有合并行", "one row per prediction and date, and one for all dates"),
    key=("prediction", "origin"),
    columns=(
        Column("prediction", Unit.CODE, Label("预测", "Prediction")),
        Column("baseline", Unit.CODE, Label("基准", "Baseline")),
        Column("origin", Unit.CODE, Label("预测时点", "Predicted on"), choice_labels=ORIGINS),
        Column("is_total", Unit.BOOL, Label("合并行", "Total row")),
        Column("n_origins", Unit.COUNT, Label("时点数", "Dates")),
        Column("horizon_days", Unit.DAYS, Label("预测天数", "Horizon")),
        Column("n_at_risk", Unit.COUNT, Label("有结果的客户", "With an outcome")),
        Column("n_without", Unit.COUNT, Label("其中无预测", "Without a prediction")),
        Column("n_cases", Unit.COUNT, Label("比较数", "Compared")),
        Column("n_customers", Unit.COUNT, Label("不同客户", "Different customers")),
        _figure(
            "actual_mean",
            "实际均值",
            "Actual",
            (
                "概率类为发生率;其余单位见预测名称",
                "a rate for probabilities; else in the unit that the prediction names",
            ),
        ),
        _figure("predicted_mean", "预测均值", "Predicted"),
        _figure("baseline_mean", "基准均值", "Baseline's"),
        Column("measure", Unit.CODE, Label("误差", "Measure"), False, tuple(MEASURES), None, MEASURES),
        _figure("model_loss", "预测误差", "Loss", ("越小越好", "smaller is better")),
        _figure("baseline_loss", "基准误差", "Baseline's loss"),
        _figure(
            "difference",
            "误差之差",
            "Difference",
            ("预测 − 基准,小于零为优", "prediction minus baseline, below 0 is better"),
        ),
        _figure("lower", "下限", "Lower limit", ("按客户重抽样", "by resampling customers")),
        _figure("upper", "上限", "Upper limit"),
        _figure("skill", "改进比例", "Skill", ("1 − 预测误差 ÷ 基准误差", "1 minus loss over the baseline's loss")),
        reason_column("skill"),
        _figure(
            "auc", "AUC", "AUC", ("发生者排在未发生者之前的机会", "chance that who did is ranked above who did not")
        ),
        _figure("auc_lower", "AUC 下限", "AUC, lower"),
        _figure("auc_upper", "AUC 上限", "AUC, upper"),
        reason_column("auc"),
        Column("verdict", Unit.CODE, Label("结论", "Verdict"), False, tuple(VERDICTS), None, VERDICTS),
        REFUSAL,
    ),
    identities=(
        Identity(
            "n_at_risk = n_without + n_cases",
            Label("有结果 = 无预测 + 比较数", "with an outcome = without a prediction + compared"),
        ),
    ),
)

_MEANS = ["n_cases", "actual_mean", "predicted_mean", "baseline_mean"]
BRIEF = ["prediction", "origin", *_MEANS, "skill", "auc", "baseline", "verdict", "refusal"]
"""What a reader needs of all dates together."""
BY_DATE = ["prediction", "origin", *_MEANS, "difference", "lower", "upper", "auc", "verdict", "refusal"]
"""What a reader needs of each date."""


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
    """The calibration of every probability among backtests: see `calibration.CALIBRATION`."""
    found = [(result.prediction.key, len(result.cases), result.calibration) for result in results]
    return calibrated_table({name: (n, one) for name, n, one in found if one is not None})


def words(results: Sequence[Backtest]) -> dict[str, Label]:
    """The words of the codes in `BACKTEST`'s ``prediction`` and ``baseline``.

    Raises
    ------
    ContractError : one code stands for two things, so that a reader would be told the wrong one.
    """
    named = [result.prediction for result in results]
    pairs = [(p.key, p.label) for p in named] + [(p.baseline_key, p.baseline) for p in named]
    found = dict(pairs)
    twice = sorted({code for code, label in pairs if found[code] != label})
    if twice:
        raise ContractError(
            f"The code {some(twice)} stands for two things", place="backtests", way_out="give each a code of its own"
        )
    return found


def _row(result: Backtest, origin: date | None, measure: Measure | None) -> dict[str, Any]:
    found = result.evaluation(origin, measure=measure)
    n_at_risk = sum(result.n_at_risk.values()) if origin is None else result.n_at_risk.get(origin, 0)
    ranked = found.auc
    return {
        "prediction": result.prediction.key,
        "baseline": result.prediction.baseline_key,
        "origin": POOLED if origin is None else origin.isoformat(),
        "is_total": origin is None,
        "n_origins": len(result.n_at_risk) if origin is None else int(origin in result.n_at_risk),
        "horizon_days": result.horizon_days,
        "n_at_risk": n_at_risk,
        "n_without": n_at_risk - found.n_cases,
        "n_cases": found.n_cases,
        "n_customers": found.n_customers,
        "actual_mean": found.actual_mean,
        "predicted_mean": found.predicted_mean,
        "baseline_mean": found.baseline_mean,
        "measure": found.measure,
        "model_loss": found.model_loss,
        "baseline_loss": found.baseline_loss,
        "difference": found.difference.value,
        "lower": found.difference.lower,
        "upper": found.difference.upper,
        "skill": found.skill,
        "skill_reason": found.skill_reason,
        "auc": ranked.value if ranked else math.nan,
        "auc_lower": ranked.lower if ranked else math.nan,
        "auc_upper": ranked.upper if ranked else math.nan,
        "auc_reason": ranked.reason if ranked else "not_ranked",
        "verdict": found.verdict,
        "refusal": result.reason(origin, found),
    }
